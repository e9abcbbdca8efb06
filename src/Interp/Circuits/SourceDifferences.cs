namespace Interp;

using TorchSharp;
using static Interp.Sites;
using static TorchSharp.torch;

/// <summary>What each source writes in one run minus what it writes in another, layer by layer.</summary>
/// <remarks>
/// Kept are the small differences at z and the MLPs' outputs; what heads write is made from them a layer at a time. Where runs are aligned by role,
/// places without a counterpart differ by nothing, and the input differs by its tokens' embeddings, not by those of positions.
/// </remarks>
internal sealed class SourceDifferences : IDisposable
{
    private readonly HookedTransformer model;
    private readonly Dictionary<HookName, Tensor> differences = [];

    /// <summary>Differences between the contrast's source run and its base run.</summary>
    public SourceDifferences(Contrast contrast, CancellationToken cancellation)
    {
        model = contrast.Model;
        using var own = contrast.BasePlan.Capture(GradientPlans.Written(model.Config)).WithoutLogits().Run(cancellation);
        Take(contrast, own.Cache, cancellation);
    }

    /// <summary>Differences between the contrast's source run and a base run that is there already.</summary>
    public SourceDifferences(Contrast contrast, ActivationCache own, CancellationToken cancellation)
    {
        model = contrast.Model;
        Take(contrast, own, cancellation);
    }

    /// <summary>Differences of the sources of some layers (-1 for the input), [sources, batch, pos, d_model].</summary>
    public Tensor At(int first, int count = 1)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var parts = Enumerable.Range(first, count).SelectMany(Written).ToArray();
        return (parts.Length == 1 ? parts[0] : cat(parts, 0)).MoveToOuterDisposeScope();
    }

    /// <summary>The difference at one site, in its own shape.</summary>
    public Tensor this[HookName name] => differences[name];

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var tensor in differences.Values)
            tensor.Dispose();
    }

    private IEnumerable<Tensor> Written(int layer)
    {
        if (layer < 0)
            return [differences[new HookName(Embed)].unsqueeze(0)];
        var z = differences[new HookName(Z, layer)]; // [batch, pos, head, d_head]
        var heads = z.permute(2, 0, 1, 3).flatten(1, 2).matmul(model.WO(layer)).unflatten(1, [z.shape[0], z.shape[1]]); // [head, batch, pos, d_model]
        return model.Config.AttentionOnly ? [heads] : [heads, differences[new HookName(MlpOut, layer)].unsqueeze(0)];
    }

    private void Take(Contrast contrast, ActivationCache own, CancellationToken cancellation)
    {
        using var source = contrast.SourceValues(GradientPlans.Written(model.Config), own, cancellation);
        foreach (var (name, values) in source)
            differences[name] = (values - own[name]).DetachFromDisposeScope();
    }
}
