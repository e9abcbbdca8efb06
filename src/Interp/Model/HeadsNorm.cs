namespace Interp;

using Interp.Extending;
using TorchSharp;
using static TorchSharp.torch;

/// <summary>A norm over queries or keys whose gain differs between heads.</summary>
/// <remarks>
/// Over the projection: RMSNorm of all heads together, the normalized site before the gain. Over each head: LayerNorm of each head, the normalized
/// site after the gain. Statistics in float32 at least.
/// </remarks>
[TypeFormatterSource(typeof(NotebookFormatters))]
public sealed class HeadsNorm : INorm
{
    private readonly Site scaleSite;
    private readonly Site normalizedSite;
    private readonly bool together;
    private readonly double epsilon;
    private readonly Tensor gain;

    /// <summary>A norm whose hook points are <c>{module}.hook_scale</c> and <c>{module}.hook_normalized</c>.</summary>
    /// <param name="module">The module's name, <c>attn.q_norm</c> or <c>attn.k_norm</c>.</param>
    /// <param name="headAxis">The axis name of its heads, <c>head</c> or <c>kv_head</c>.</param>
    /// <param name="together">RMSNorm of all heads together; else LayerNorm of each.</param>
    /// <param name="epsilon">Added inside the root.</param>
    /// <param name="gain">[head, d_head]; it stays the caller's.</param>
    public HeadsNorm(string module, string headAxis, bool together, double epsilon, Tensor gain)
    {
        scaleSite = Site.InLayer($"{module}.hook_scale", $"batch pos {headAxis} one");
        normalizedSite = Site.InLayer($"{module}.hook_normalized", $"batch pos {headAxis} d_head");
        (this.together, this.epsilon, this.gain) = (together, epsilon, gain);
    }

    /// <inheritdoc/>
    public IEnumerable<Site> Sites => [scaleSite, normalizedSite];

    /// <inheritdoc/>
    public Tensor Forward(ForwardContext run, int layer, Tensor x)
    {
        using var scope = NewDisposeScope();
        var wide = x.dtype is ScalarType.Float64 or ScalarType.Float32 ? x : x.to(ScalarType.Float32); // [batch, pos, head, d_head]
        var centred = together ? wide : wide - wide.mean([-1], keepdim: true);
        var square = centred.square().mean(together ? [-2, -1] : [-1], keepdim: true); // [batch, pos, 1 or head, 1]
        var normalized = centred / run.Emit(scaleSite, layer, (square + epsilon).sqrt());
        var result = together
            ? run.Emit(normalizedSite, layer, normalized.to(x.dtype)) * gain
            : run.Emit(normalizedSite, layer, (normalized * gain).to(x.dtype));
        return result.to(x.dtype).MoveToOuterDisposeScope();
    }

    /// <summary>Which norm it is.</summary>
    public override string ToString() => $"{(together ? "RMSNorm of all heads together" : "LayerNorm of each head")} at {scaleSite}";
}
