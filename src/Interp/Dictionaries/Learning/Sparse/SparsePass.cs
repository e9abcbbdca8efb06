namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>The forward pass of a sparse step, its losses, and their gradients by what the dictionary gives back.</summary>
internal sealed unsafe class SparsePass
{
    private readonly SparseDictionary dictionary;
    private readonly DictionaryTrainingOptions options;
    private readonly Tensor target;
    private readonly Tensor pre;
    private readonly int rows;
    private readonly int dOut;
    private readonly int[] widths;
    private readonly double[] squares;
    private readonly double variance;

    public SparsePass(SparseDictionary dictionary, LatentActivation activation, Tensor x, Tensor target, DictionaryTrainingOptions options)
    {
        (this.dictionary, this.options, this.target) = (dictionary, options, target.contiguous());
        (rows, dOut, widths) = ((int)x.shape[0], dictionary.Config.DOut, [.. options.Nesting, dictionary.Width]);
        var weights = dictionary.Weights;
        Centred = (dictionary.Config.CentreInput ? x - weights.DecoderBias : x).contiguous(); // [rows, d_in]
        pre = Centred.matmul(weights.Encoder); // [rows, width], without the bias yet
        float* values = TensorMemory.Floats(pre), bias = TensorMemory.Floats(weights.EncoderBias);
        Codes = activation is BatchTopKLatents batch
            ? LatentChoice.OfBatch(values, bias, rows, dictionary.Width, (long)(batch.K * rows))
            : LatentChoice.OfRows(values, bias, rows, dictionary.Width, ((TopKLatents)activation).K);
        Gradients = empty([widths.Length + 1, rows, dOut], dtype: ScalarType.Float32);
        squares = Decode();
        variance = (this.target - this.target.mean([0L], keepdim: true)).square().sum().ToDouble();
    }

    /// <summary>What is encoded, [rows, d_in].</summary>
    public Tensor Centred { get; }

    public SparseCodes Codes { get; }

    /// <summary>Dead latents that learn from the error, or null.</summary>
    public SparseCodes? DeadCodes { get; private set; }

    /// <summary>How they learn.</summary>
    public AuxiliaryRule Auxiliary { get; private set; }

    /// <summary>The loss's parts, each as it enters the sum.</summary>
    public Dictionary<string, double> Terms { get; } = [];

    public int DeadCount { get; private set; }

    public double SquaredError => squares.Sum();

    public double Unexplained => squares[^1] / variance;

    /// <summary>
    /// After <see cref="Differentiate"/> the loss's gradients by the reconstruction: for each nested width by all that it and wider ones give
    /// back, then by that of the dead latents, [widths + 1, rows, d_out].
    /// </summary>
    public Tensor Gradients { get; }

    /// <summary>The row of <see cref="Gradients"/> that a latent learns from.</summary>
    public int GradientRow(int latent, int row)
    {
        var group = 0;
        while (latent >= widths[group])
            group++;
        return group * rows + row;
    }

    public int DeadGradientRow(int row) => widths.Length * rows + row;

    /// <summary>The sum over all rows of the gradient by the decoder bias, [d_out].</summary>
    public Tensor BiasGradient()
    {
        var sum = Gradients[0].sum(0L);
        return DeadCodes is not null && Auxiliary.Bias ? sum + Gradients[widths.Length].sum(0L) : sum;
    }

    /// <summary>Losses, and their gradients.</summary>
    /// <param name="dead">Which latents count as dead.</param>
    public void Differentiate(bool[] dead)
    {
        var factors = Factors();
        Reconstruction(factors);
        int[] latents = [.. Enumerable.Range(0, dead.Length).Where(i => dead[i])];
        DeadCount = latents.Length;
        if (DeadCount > 0 && options.Auxiliary > 0)
            Revive(latents);
        // Each width's error reaches the latents of all narrower ones.
        for (var i = widths.Length - 1; i >= 0; i--)
        {
            using var gradient = Gradients[i];
            gradient.mul_(2 * factors[i]);
            if (i + 1 < widths.Length)
                gradient.add_(Gradients[i + 1]);
        }
    }

    // Factors on the summed squared errors of each width.
    private double[] Factors()
    {
        if (options.Recipe is not (DictionaryRecipe.SaeLens or DictionaryRecipe.DictionaryLearning))
            return [.. widths.Select(_ => 1 / variance)];
        var nested = options.Recipe == DictionaryRecipe.DictionaryLearning && widths.Length > 1;
        return [.. widths.Select((_, i) => (nested ? DictionaryLearningLoss.Weight(options, i, widths.Length) / widths.Length : 1) / rows)];
    }

    private void Reconstruction(double[] factors)
    {
        if (options.Recipe == DictionaryRecipe.DictionaryLearning)
        {
            Terms["mse"] = squares.Zip(factors, (square, factor) => square * factor).Sum();
            return;
        }
        Terms["mse"] = squares[^1] * factors[^1];
        for (var i = 0; i < widths.Length - 1; i++)
            Terms[$"inner_{widths[i]}"] = squares[i] * factors[i];
    }

    // Errors of each width go where the gradients will be; returns their summed squares.
    private double[] Decode()
    {
        var sums = new double[widths.Length * rows];
        float* decoder = TensorMemory.Floats(dictionary.Weights.Decoder), bias = TensorMemory.Floats(dictionary.Weights.DecoderBias);
        float* errors = TensorMemory.Floats(Gradients), wanted = TensorMemory.Floats(target);
        Workers.For(rows, row =>
        {
            for (var group = 0; group < widths.Length; group++)
            {
                // What narrower ones give back is part of what this one does.
                var output = errors + ((long)group * rows + row) * dOut;
                new Span<float>(group == 0 ? bias : output - (long)rows * dOut, dOut).CopyTo(new Span<float>(output, dOut));
                AddLatents(Codes, row, group == 0 ? 0 : widths[group - 1], widths[group], decoder, output);
            }
            for (var group = 0; group < widths.Length; group++)
            {
                var output = errors + ((long)group * rows + row) * dOut;
                Lanes.AddScaled(-1, wanted + (long)row * dOut, output, dOut);
                sums[group * rows + row] = Lanes.Squares(output, dOut);
            }
        });
        return [.. sums.Chunk(rows).Select(part => part.Sum())];
    }

    private void Revive(int[] dead)
    {
        var enough = Math.Max(dictionary.Config.DIn / 2, 1);
        using var unexplained = Gradients[widths.Length - 1].neg(); // [rows, d_out]
        var spread = (unexplained - unexplained.mean([0L], keepdim: true)).square().sum().ToDouble();
        Auxiliary = AuxiliaryRule.Of(options, rows, dead.Length / (double)enough, variance, spread);
        DeadCodes = LatentChoice.Among(TensorMemory.Floats(pre), rows, dictionary.Width, dead, Math.Min(enough, dead.Length), Auxiliary.Positive);
        var sums = new double[rows];
        float* decoder = TensorMemory.Floats(dictionary.Weights.Decoder), bias = TensorMemory.Floats(dictionary.Weights.DecoderBias);
        float* errors = TensorMemory.Floats(Gradients);
        Workers.For(rows, row =>
        {
            // ê - (x - x̂) = ê + the reconstruction's error.
            var output = errors + (long)DeadGradientRow(row) * dOut;
            new Span<float>(output - (long)rows * dOut, dOut).CopyTo(new Span<float>(output, dOut));
            if (Auxiliary.Bias)
                Lanes.AddScaled(1, bias, output, dOut);
            AddLatents(DeadCodes, row, 0, dictionary.Width, decoder, output);
            sums[row] = Lanes.Squares(output, dOut);
        });
        Terms["auxiliary"] = sums.Sum() * Auxiliary.Factor;
        using var gradient = Gradients[widths.Length];
        gradient.mul_(2 * Auxiliary.Factor);
    }

    private void AddLatents(SparseCodes codes, int row, int from, int to, float* decoder, float* output)
    {
        for (var i = codes.Starts[row]; i < codes.Starts[row + 1]; i++)
            if (codes.Latents[i] is var latent && latent >= from && latent < to)
                Lanes.AddScaled(codes.Values[i], decoder + (long)latent * dOut, output, dOut);
    }
}
