namespace Interp;

using TorchSharp;
using static Interp.Sites;
using static TorchSharp.torch;

/// <summary>What each source writes in one run minus what it writes in another, layer by layer.</summary>
internal sealed class SourceDifferences : IDisposable
{
    private readonly HookedTransformer model;
    private readonly Dictionary<HookName, Tensor> differences = [];

    /// <summary>Differences between the contrast's source run and its base run.</summary>
    public SourceDifferences(Contrast contrast, CancellationToken cancellation)
    {
        model = contrast.Model;
        List<Unit> units = [Embed, Z];
        if (!model.Config.AttentionOnly)
            units.Add(MlpOut);
        using var source = contrast.SourcePlan.Capture(units).WithoutLogits().Run(cancellation);
        using var own = contrast.BasePlan.Capture(units).WithoutLogits().Run(cancellation);
        foreach (var (name, values) in source.Cache)
            differences[name] = (values - own.Cache[name]).DetachFromDisposeScope();
    }

    /// <summary>Differences of the sources of one layer (-1 for the input), [sources, batch, pos, d_model].</summary>
    public Tensor At(int layer)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        if (layer < 0)
            return differences[new HookName(Embed)].unsqueeze(0).MoveToOuterDisposeScope();
        var heads = differences[new HookName(Z, layer)].permute(2, 0, 1, 3).matmul(model.WO(layer).unsqueeze(1)); // [head, batch, pos, d_model]
        return (model.Config.AttentionOnly ? heads : cat([heads, differences[new HookName(MlpOut, layer)].unsqueeze(0)], 0)).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var tensor in differences.Values)
            tensor.Dispose();
    }
}
