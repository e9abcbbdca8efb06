namespace Interp;

using System.Collections.Immutable;
using TorchSharp;
using static TorchSharp.torch;

/// <summary>Evaluation of dictionaries inside their model.</summary>
/// <remarks>
/// 1. Run the model, keeping the activations. 2. Latents and reconstruction of every row but those of padding and excluded tokens.
/// 3. Run again with the reconstruction, with zeros and with the mean in place of those rows; the others stay as they are.
/// 4. Sums over all prompts, then ratios. Two passes over the prompts: the mean must be known first.
/// </remarks>
public static class DictionaryEvaluationExtensions
{
    /// <summary>Measures a dictionary: an autoencoder, or a transcoder by what it gives for its input.</summary>
    /// <param name="model">The model it was trained on.</param>
    /// <param name="dictionary">A dictionary that knows its hook points.</param>
    /// <param name="prompts">Batches of prompts.</param>
    /// <param name="without">Tokens whose positions are left alone, such as the beginning of a sequence.</param>
    /// <param name="cancellation">Ends it between two runs.</param>
    /// <exception cref="ArgumentException">The dictionary knows no hook point or was made for other weights, or there is no prompt.</exception>
    public static DictionaryEvaluation Evaluate(
        this HookedTransformer model, SparseDictionary dictionary, IEnumerable<RunInput> prompts, IEnumerable<int>? without = null,
        CancellationToken cancellation = default)
    {
        SplicingExtensions.CheckModel(model, dictionary);
        var at = (Input: ActivationStream.Known(dictionary.Config.Input), Output: ActivationStream.Known(dictionary.Config.Output));
        var batches = prompts.ToArray();
        if (batches.Length == 0)
            throw new ArgumentException("There is no prompt to evaluate on.", nameof(prompts));
        int[] excluded = [.. without ?? []];
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var metrics = new DictionaryMetrics(dictionary.Width, dictionary.Config.DOut, dictionary.Device);
        foreach (var batch in batches)
            AddRows(metrics, model, dictionary, at, batch, excluded, cancellation);
        if (metrics.Rows == 0)
            throw new ArgumentException("There is no position to evaluate at: every token is excluded or padding.", nameof(without));
        var sums = new LossSums();
        var mean = metrics.Mean();
        foreach (var batch in batches)
            sums.Add(model, dictionary, at, batch, mean, excluded, cancellation);
        return Result(dictionary, metrics, sums);
    }

    /// <summary>Measures several dictionaries on the same prompts.</summary>
    /// <param name="model">The model they were trained on.</param>
    /// <param name="dictionaries">Names and dictionaries; those of one name are one family at several sparsities.</param>
    /// <param name="prompts">Batches of prompts.</param>
    /// <param name="without">Tokens whose positions are left alone.</param>
    /// <param name="cancellation">Ends it between two runs.</param>
    /// <exception cref="ArgumentException">As for one dictionary.</exception>
    public static DictionaryComparison Evaluate(
        this HookedTransformer model, IEnumerable<(string Name, SparseDictionary Dictionary)> dictionaries, IEnumerable<RunInput> prompts,
        IEnumerable<int>? without = null, CancellationToken cancellation = default)
    {
        RunInput[] batches = [.. prompts];
        int[] excluded = [.. without ?? []];
        return new DictionaryComparison(dictionaries.Select(d => (d.Name, model.Evaluate(d.Dictionary, batches, excluded, cancellation))));
    }

    private static void AddRows(
        DictionaryMetrics metrics, HookedTransformer model, SparseDictionary dictionary, (HookName Input, HookName Output) at, RunInput batch,
        int[] excluded, CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        using var run = model.On(batch).Capture(at.Input, at.Output).WithoutLogits().Run(cancellation);
        var rows = ActivationStream.Rows(run[at.Input], batch, excluded).to(dictionary.Dtype); // [rows, d_in]
        var target = at.Input == at.Output ? rows : ActivationStream.Rows(run[at.Output], batch, excluded).to(dictionary.Dtype); // [rows, d_out]
        var latents = dictionary.Encode(rows);
        metrics.Add(target, latents, dictionary.DecodeFor(rows, latents));
    }

    private static DictionaryEvaluation Result(SparseDictionary dictionary, DictionaryMetrics metrics, LossSums sums) => new()
    {
        Dictionary = dictionary.ToString(),
        Rows = metrics.Rows, L0 = metrics.L0, L1 = metrics.L1, SquaredError = metrics.SquaredError, Unexplained = metrics.Unexplained,
        FreeMeanExplainedVariance = metrics.FreeMeanExplainedVariance, SaeLensExplainedVariance = metrics.SaeLensExplainedVariance,
        RowwiseExplainedVariance = metrics.RowwiseExplainedVariance, Cosine = metrics.Cosine, Shrinkage = metrics.Shrinkage,
        RelativeReconstructionBias = metrics.RelativeReconstructionBias, Densities = [.. metrics.Densities], Alignments = Alignments(dictionary),
        Loss = sums.Loss(0), LossReconstructed = sums.Loss(1), LossZero = sums.Loss(2), LossMean = sums.Loss(3),
        Divergence = sums.Divergence(1), DivergenceZero = sums.Divergence(2), DivergenceMean = sums.Divergence(3),
    };

    private static ImmutableArray<double> Alignments(SparseDictionary dictionary)
    {
        using var scope = NewDisposeScope();
        if (dictionary.Config.DIn != dictionary.Config.DOut)
            return [];
        var (encoder, decoder) = (dictionary.Weights.Encoder.t().to(ScalarType.Float64), dictionary.Weights.Decoder.to(ScalarType.Float64)); // [width, d]
        return [.. ((encoder * decoder).sum(-1L) / (encoder.norm(-1) * decoder.norm(-1)).clamp_min(1e-12)).Doubles()];
    }

    private sealed class LossSums
    {
        private readonly double[] losses = new double[4];
        private readonly double[] divergences = new double[4];
        private double pairs;

        public double Loss(int kind) => losses[kind] / pairs;

        public double Divergence(int kind) => divergences[kind] / pairs;

        public void Add(
            HookedTransformer model, SparseDictionary dictionary, (HookName Input, HookName Output) at, RunInput batch, Tensor mean, int[] excluded,
            CancellationToken cancellation)
        {
            using var scope = NewDisposeScope();
            var keep = ActivationStream.Kept(batch, excluded, model.Device).unsqueeze(-1); // [batch, pos, 1]
            var count = Pairs(batch);
            using var run = model.On(batch).Capture(at.Input).Run(cancellation);
            losses[0] += Losses.Mean(run.Logits, batch).ToDouble() * count;
            // The input is the clean run's: only what comes behind it is changed.
            var given = dictionary.Reconstruct(run[at.Input].flatten(2).to(dictionary.Dtype)); // [batch, pos, d_out]
            Tensor[] instead = [given, zeros_like(given), mean.expand_as(given)];
            for (var i = 0; i < instead.Length; i++)
            {
                using var one = NewDisposeScope();
                var values = instead[i];
                var logits = model.On(batch).Apply(at.Output, x => OnRows(x, keep, values)).Logits(cancellation);
                losses[i + 1] += Losses.Mean(logits, batch).ToDouble() * count;
                divergences[i + 1] += Kl(run.Logits, logits, batch);
            }
            pairs += count;
        }

        // Heads, where there are any, are read side by side.
        private static Tensor OnRows(Tensor x, Tensor keep, Tensor values)
        {
            var flat = x.flatten(2);
            return where(keep, values.to(x.dtype), flat).view(x.shape);
        }

        private static double Pairs(RunInput batch) => batch.Rows.Sum(row => row.Length - 1);

        // Sum over places that predict a real token.
        private static double Kl(Tensor clean, Tensor changed, RunInput batch)
        {
            var (log, other) = (clean.log_softmax(-1), changed.log_softmax(-1));
            var each = (log.exp() * (log - other)).sum(-1L); // [batch, pos]
            var places = each.narrow(1, 0, each.shape[1] - 1);
            if (batch.MaskTensor(clean.device) is { } mask)
                places = places * (mask.narrow(1, 0, batch.Length - 1) * mask.narrow(1, 1, batch.Length - 1)).to(places.dtype);
            return places.sum().ToDouble();
        }
    }
}
