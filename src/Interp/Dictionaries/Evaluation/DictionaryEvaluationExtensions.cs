namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>Evaluation of dictionaries inside their model.</summary>
/// <remarks>
/// 1. Run the model, keeping the activation. 2. Latents and reconstruction of every row but those of padding and excluded tokens.
/// 3. Run again with the reconstruction, with zeros and with the mean in place of those rows; the others stay as they are.
/// 4. Sums over all prompts, then ratios. Two passes over the prompts: the mean must be known first.
/// </remarks>
public static class DictionaryEvaluationExtensions
{
    /// <summary>Measures a dictionary.</summary>
    /// <param name="model">The model it was trained on.</param>
    /// <param name="dictionary">An autoencoder that knows its hook point.</param>
    /// <param name="prompts">Batches of prompts.</param>
    /// <param name="without">Tokens whose positions are left alone, such as the beginning of a sequence.</param>
    /// <param name="cancellation">Ends it between two runs.</param>
    /// <exception cref="ArgumentException">The dictionary knows no hook point or is a transcoder, or there is no prompt.</exception>
    public static DictionaryEvaluation Evaluate(
        this HookedTransformer model, SparseDictionary dictionary, IEnumerable<RunInput> prompts, IEnumerable<int>? without = null,
        CancellationToken cancellation = default)
    {
        var name = ActivationStream.AutoencoderSite(dictionary.Config);
        var batches = prompts.ToArray();
        if (batches.Length == 0)
            throw new ArgumentException("There is no prompt to evaluate on.", nameof(prompts));
        int[] excluded = [.. without ?? []];
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var metrics = new DictionaryMetrics(dictionary.Width, dictionary.Config.DOut, dictionary.Device);
        foreach (var batch in batches)
            AddRows(metrics, model, dictionary, name, batch, excluded, cancellation);
        var sums = new LossSums();
        var mean = metrics.Mean();
        foreach (var batch in batches)
            sums.Add(model, dictionary, name, batch, mean, excluded, cancellation);
        return Result(metrics, sums);
    }

    private static void AddRows(
        DictionaryMetrics metrics, HookedTransformer model, SparseDictionary dictionary, HookName name, RunInput batch, int[] excluded,
        CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        using var run = model.On(batch).Capture(name).WithoutLogits().Run(cancellation);
        var rows = ActivationStream.Rows(run[name], batch, excluded).to(dictionary.Dtype); // [rows, d_in]
        var latents = dictionary.Encode(rows);
        metrics.Add(rows, latents, dictionary.DecodeFor(rows, latents));
    }

    private static DictionaryEvaluation Result(DictionaryMetrics metrics, LossSums sums) => new()
    {
        Rows = metrics.Rows, L0 = metrics.L0, Unexplained = metrics.Unexplained, Cosine = metrics.Cosine, Shrinkage = metrics.Shrinkage,
        Densities = [.. metrics.Densities],
        Loss = sums.Loss(0), LossReconstructed = sums.Loss(1), LossZero = sums.Loss(2), LossMean = sums.Loss(3),
        Divergence = sums.Divergence(1), DivergenceZero = sums.Divergence(2),
    };

    private sealed class LossSums
    {
        private readonly double[] losses = new double[4];
        private readonly double[] divergences = new double[4];
        private double pairs;

        public double Loss(int kind) => losses[kind] / pairs;

        public double Divergence(int kind) => divergences[kind] / pairs;

        public void Add(
            HookedTransformer model, SparseDictionary dictionary, HookName name, RunInput batch, Tensor mean, int[] excluded, CancellationToken cancellation)
        {
            using var scope = NewDisposeScope();
            var keep = ActivationStream.Kept(batch, excluded, model.Device); // [batch, pos]
            var count = Pairs(batch);
            var clean = model.On(batch).Logits(cancellation);
            losses[0] += Losses.Mean(clean, batch).ToDouble() * count;
            Func<Tensor, Tensor>[] edits = [x => dictionary.Reconstruct(x.to(dictionary.Dtype)).to(x.dtype), x => zeros_like(x), x => mean.to(x.dtype).expand_as(x)];
            for (var i = 0; i < edits.Length; i++)
            {
                using var one = NewDisposeScope();
                var edit = edits[i];
                var logits = model.On(batch).Apply(name, x => OnRows(x, keep, edit)).Logits(cancellation);
                losses[i + 1] += Losses.Mean(logits, batch).ToDouble() * count;
                divergences[i + 1] += Kl(clean, logits, batch);
            }
            pairs += count;
        }

        // Heads, where there are any, are read side by side.
        private static Tensor OnRows(Tensor x, Tensor keep, Func<Tensor, Tensor> edit)
        {
            var flat = x.flatten(2);
            return where(keep.unsqueeze(-1), edit(flat), flat).view(x.shape);
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
