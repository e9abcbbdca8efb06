namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <content>Dead latents, and the control of how many are active.</content>
public sealed partial class DictionaryTrainer
{
    /// <summary>What the sparsity penalty is multiplied by to steer L0; 1 where <see cref="DictionaryTrainingOptions.SteerToL0"/> is not set.</summary>
    public double SparsityFactor { get; internal set; } = 1;

    /// <summary>Starts dead latents anew at rows of activations (Bricken et al. 2023).</summary>
    /// <remarks>
    /// Directions become the unit rows; encoder columns the rows times a fifth of the mean length of the living ones; biases and Adam's
    /// moments of these latents become zero. Choose rows with <see cref="DrawRows"/>.
    /// </remarks>
    /// <param name="dead">Which latents, [width] of bool.</param>
    /// <param name="rows">A row for each, [dead, d_in].</param>
    /// <exception cref="ArgumentException">There are not as many rows as dead latents, or the dictionary is a transcoder.</exception>
    public void Resample(Tensor dead, Tensor rows)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var places = dead.nonzero().squeeze(-1); // [dead]
        new Shape().Bind(rows, $"{places.shape[0]} {Dictionary.Config.DIn}", nameof(rows)).Bind(rows, $"{places.shape[0]} {Dictionary.Config.DOut}", nameof(rows));
        var weights = Dictionary.Weights;
        var living = weights.Encoder.norm(0).masked_select(dead.logical_not()).mean();
        weights.Encoder.index_copy_(1, places, (rows * (living * 0.2)).t());
        weights.Decoder.index_copy_(0, places, rows / rows.norm(-1, keepdim: true));
        weights.EncoderBias.index_fill_(0, places, 0);
        for (var i = 0; i < parameters.Length; i++)
            if (parameters[i].Name is "W_enc" or "b_enc" or "W_dec")
                foreach (var moment in new[] { optimizer.Means[i], optimizer.Squares[i] })
                    moment.index_fill_(parameters[i].Name == "W_enc" ? 1 : 0, places, 0);
    }

    /// <summary>Rows on which the dictionary errs, drawn without replacement with probabilities as the lengths of their errors.</summary>
    /// <param name="batch">[rows, d_in].</param>
    /// <param name="count">How many.</param>
    /// <param name="seed">Equal seeds draw equal rows.</param>
    /// <returns>[count, d_in]; the caller disposes it.</returns>
    public Tensor DrawRows(Tensor batch, int count, int seed)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var generator = new Generator((ulong)seed, CPU);
        var drawn = ErrorLengths(batch).cpu().multinomial(count, false, generator);
        return batch.index_select(0, drawn.to(batch.device)).MoveToOuterDisposeScope();
    }

    internal Tensor ErrorLengths(Tensor batch) => (batch - Dictionary.Reconstruct(batch, training: true)).norm(-1);

    // A step of the controller is at most its rate, in the logarithm: a start far from the target does not send the penalty away.
    private void Steer(DictionaryStep done)
    {
        if (Options.SteerToL0 > 0)
            SparsityFactor = Math.Clamp(SparsityFactor * Math.Exp(Options.SteerRate * Math.Clamp(done.L0 / Options.SteerToL0 - 1, -1, 1)), 1e-6, 1e6);
    }

    private void ResampleAtTimes(Tensor batch)
    {
        if (Options.ResampleEvery == 0 || StepsDone % Options.ResampleEvery != 0 || (Options.ResampleUntil > 0 && StepsDone > Options.ResampleUntil))
            return;
        using var noGradient = no_grad();
        var places = (counter.Silent > Options.DeadAfter).nonzero().squeeze(-1); // [dead]
        var count = (int)Math.Min(places.shape[0], batch.shape[0]);
        if (count == 0)
            return;
        var dead = zeros([Dictionary.Width], dtype: ScalarType.Bool, device: Dictionary.Device).index_fill_(0, places.narrow(0, 0, count), true);
        Resample(dead, DrawRows(batch, count, StepsDone));
        counter.Silent.masked_fill_(dead, 0);
    }
}
