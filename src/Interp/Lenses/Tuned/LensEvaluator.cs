namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>Sums up a lens's distributions over batches.</summary>
/// <param name="lens">The tuned lens; beside it the logit lens is read.</param>
/// <param name="model">The model.</param>
internal sealed class LensEvaluator(TunedLens lens, HookedTransformer model) : IDisposable
{
    private readonly int rows = model.Config.Layers + 1;
    private readonly double[] kl = new double[2 * (model.Config.Layers + 1)];
    private readonly double[] loss = new double[2 * (model.Config.Layers + 1)];
    private readonly Tensor sums = zeros([2 * (model.Config.Layers + 1), model.Config.VocabOut], dtype: ScalarType.Float64, device: model.Device).DetachFromDisposeScope();
    private long tokens;
    private long pairs;

    /// <summary>Reads one batch.</summary>
    public void Add(RunInput input, CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var run = model.On(input).Capture(Sites.ResidPre, Sites.ResidPost[^1]).Run(cancellation);
        var target = LensExtensions.Wide(run.Logits).log_softmax(-1); // [batch, pos, d_vocab]
        var real = input.MaskTensor(target.device)?.to(target.dtype) ?? ones([input.Batch, input.Length], dtype: target.dtype, device: target.device);
        tokens += real.sum().ToInt64();
        if (input.Length > 1)
            pairs += (real.narrow(1, 0, input.Length - 1) * real.narrow(1, 1, input.Length - 1)).sum().ToInt64();
        for (var row = 0; row < rows; row++)
        {
            using var step = NewDisposeScope();
            var last = row == model.Config.Layers;
            var stream = run.Cache[last ? new HookName(Sites.ResidPost, row - 1) : new HookName(Sites.ResidPre, row)];
            Add(row, LensExtensions.Ending(model, stream), target, real, input);
            Add(rows + row, last ? run.Logits : LensExtensions.Ending(model, lens.Translate(stream, row)), target, real, input);
        }
    }

    public LensEvaluation Result()
    {
        if (tokens == 0)
            throw new InvalidOperationException("There are no texts to evaluate the lens on: give at least one batch.");
        return new LensEvaluation
        {
            Kl = Table(kl.Select(v => v / tokens), "KL from the model (nats)"),
            CrossEntropy = Table(loss.Select(v => v / pairs), "-log p(next token) (nats)"),
            Bias = Table(Biases(), "KL between mean distributions (nats)"),
            Tokens = tokens,
        };
    }

    public void Dispose() => sums.Dispose();

    private void Add(int place, Tensor logits, Tensor target, Tensor real, RunInput input)
    {
        var read = LensExtensions.Wide(logits).log_softmax(-1); // [batch, pos, d_vocab]
        kl[place] += ((target.exp() * (target - read)).sum(-1) * real).sum().ToDouble();
        sums.select(0, place).add_((read.exp() * real.unsqueeze(-1)).sum([0, 1]).to(ScalarType.Float64));
        if (input.Length > 1)
            loss[place] += Losses.PerToken(logits, input).sum().ToDouble();
    }

    private double[] Biases()
    {
        using var scope = NewDisposeScope();
        var means = (sums / tokens).log(); // [row, d_vocab]
        var model = means.narrow(0, rows - 1, 1);
        return (model.exp() * (model - means)).sum(-1).Doubles();
    }

    private LabelledArray Table(IEnumerable<double> values, string quantity) => new(
        [new Axis("lens", ["logit lens", "tuned lens"]), new Axis("layer", [.. Enumerable.Range(0, rows - 1).Select(l => $"{l}_pre"), "final_post"])],
        values.ToArray(), quantity, new Provenance { Model = model.Config.ModelName, Method = "tuned lens" });
}
