namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>The norm between a sublayer and the residual stream, by the statistics that it had in the run: linear but for its bias.</summary>
internal sealed class WriterNorm
{
    private readonly ActivationCache cache;
    private readonly Norm norm;
    private readonly HookName scale;
    private readonly HookName input;

    private WriterNorm(ActivationCache cache, Norm norm, int layer, bool mlp)
    {
        (this.cache, this.norm) = (cache, norm);
        scale = new HookName(norm.Sites.First(), layer);
        input = new HookName(mlp ? Sites.MlpOutRaw : Sites.AttnOutRaw, layer);
    }

    /// <summary>The norm behind a sublayer, or null.</summary>
    /// <exception cref="NotSupportedException">It is not built in.</exception>
    public static WriterNorm? Of(ActivationCache cache, int layer, bool mlp)
    {
        var block = cache.Model.Blocks[layer];
        return (mlp ? block.PostNorm2 : block.PostNorm1) switch
        {
            null or NoNorm => null,
            Norm norm => new WriterNorm(cache, norm, layer, mlp),
            var other => throw new NotSupportedException($"The norm {other.GetType().Name} behind the {(mlp ? "MLP" : "attention")} of layer {layer} is not built in: its scale cannot be read."),
        };
    }

    /// <summary>What the sublayers' biases and those of the norms behind them have written together, [1, batch, place, d_model].</summary>
    public static Tensor Biases(ActivationCache cache, int end, bool mlpInput, bool includeMlp, Indices positions)
    {
        using var scope = NewDisposeScope();
        var model = cache.Model;
        var sum = zeros([1, 1, 1, model.Config.DModel], dtype: model.Dtype, device: model.Device);
        for (var layer = 0; layer < (mlpInput ? end + 1 : end); layer++)
        {
            sum = sum + Bias(layer, false, model.BO(layer));
            if (includeMlp && layer < end && model.Weights.Blocks[layer].Mlp is not null)
                sum = sum + Bias(layer, true, model.BOut(layer));
        }
        return sum.MoveToOuterDisposeScope();

        Tensor Bias(int layer, bool mlp, Tensor bias)
        {
            if (Of(cache, layer, mlp) is not { } writer)
                return bias;
            var passed = writer.Apply(bias.view(1, 1, 1, -1), positions); // [1, batch, place, d_model]
            return writer.norm.Weights?.Bias is { } own ? passed + own : passed;
        }
    }

    /// <summary>Rows behind the norm, without its bias.</summary>
    /// <param name="rows">[.., batch, place, d_model].</param>
    /// <param name="positions">Where.</param>
    public Tensor Apply(Tensor rows, Indices positions) => norm.ApplyScale(rows, Scale(positions), gain: true);

    /// <summary>What directions read off rows before the norm, but for its scale.</summary>
    /// <param name="directions">[.., d_model].</param>
    public Tensor Prepare(Tensor directions)
    {
        using var scope = NewDisposeScope();
        var gained = norm.Weights?.Gain is { } gain ? directions * gain : directions;
        return (norm.Centred ? gained - gained.mean([-1], keepdim: true) : gained.alias()).MoveToOuterDisposeScope();
    }

    /// <summary>The scale that the norm had in the run, [batch, place, 1].</summary>
    /// <exception cref="KeyNotFoundException">Neither the scale nor what the norm read was captured.</exception>
    public Tensor Scale(Indices positions) =>
        CachedStream.Find(cache, scale, positions)
        ?? (CachedStream.Find(cache, input, positions) is { } x
            ? norm.ScaleOf(x)
            : throw new KeyNotFoundException($"The scale of the norm behind a sublayer was not captured: add Capture({scale}) or Capture({input}) to the run."));
}
