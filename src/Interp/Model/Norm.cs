namespace Interp;

using Interp.Extending;
using TorchSharp;
using static TorchSharp.torch;

/// <summary>LayerNorm or RMSNorm, with or without gain and bias.</summary>
/// <remarks>
/// Statistics in float32 at least. LayerNorm: (x - mean) / sqrt(var + eps) · gain + bias, the normalized site after gain and bias.
/// RMSNorm: x / sqrt(mean x^2 + eps) · gain, the normalized site before the gain.
/// </remarks>
[TypeFormatterSource(typeof(NotebookFormatters))]
public sealed class Norm : INorm
{
    private readonly Site scaleSite;
    private readonly Site normalizedSite;
    private readonly long[] width;

    /// <summary>A norm whose hook points are <c>{module}.hook_scale</c> and <c>{module}.hook_normalized</c>.</summary>
    /// <param name="module">The module's name, such as <c>ln1</c> or <c>ln_final</c>.</param>
    /// <param name="perLayer">Whether each block has one.</param>
    /// <param name="centred">LayerNorm, which subtracts the mean; else RMSNorm.</param>
    /// <param name="width">The length of the last axis.</param>
    /// <param name="epsilon">Added inside the root.</param>
    /// <param name="weights">Gain and bias, or none; they stay the caller's.</param>
    public Norm(string module, bool perLayer, bool centred, long width, double epsilon, NormWeights? weights)
    {
        var axes = module switch
        {
            "mlp.ln" => ("batch pos one", "batch pos d_mlp"),
            "attn.q_norm" => ("batch pos head one", "batch pos head d_head"),
            "attn.k_norm" => ("batch pos kv_head one", "batch pos kv_head d_head"),
            _ => ("batch pos one", "batch pos d_model"),
        };
        Func<string, string, bool, Site> make = perLayer ? Site.InLayer : Site.InModel;
        scaleSite = make($"{module}.hook_scale", axes.Item1, false);
        normalizedSite = make($"{module}.hook_normalized", axes.Item2, false);
        (Centred, Weights, Epsilon, this.width) = (centred, weights, epsilon, [width]);
    }

    /// <summary>Whether the mean is subtracted (LayerNorm).</summary>
    public bool Centred { get; }

    /// <summary>Added inside the root.</summary>
    public double Epsilon { get; }

    /// <summary>Gain and bias, or none.</summary>
    public NormWeights? Weights { get; }

    /// <inheritdoc/>
    public IEnumerable<Site> Sites => [scaleSite, normalizedSite];

    /// <inheritdoc/>
    public Tensor Forward(ForwardContext run, int layer, Tensor x)
    {
        if (run.Wide)
            return Apply(x);
        var heard = run.Hears(scaleSite, layer) || run.Hears(normalizedSite, layer);
        if (!heard && Centred)
            return nn.functional.layer_norm(x, width, Weights?.Gain, Weights?.Bias, Epsilon);
        using var scope = NewDisposeScope();
        if (Centred && !is_grad_enabled() && TorchSeam.LayerNorm(x, width, Weights?.Gain, Weights?.Bias, Epsilon) is { } fused)
        {
            // Who only looks must not change a bit: the fused kernel's output stands unless somebody puts another scale.
            var emitted = run.Emit(scaleSite, layer, fused.Scale);
            var output = ReferenceEquals(emitted, fused.Scale) || emitted.Equals(fused.Scale) ? fused.Output : Scaled(x, emitted);
            return run.Emit(normalizedSite, layer, output).MoveToOuterDisposeScope();
        }
        var wide = Widened(x);
        var centred = Centred ? wide - wide.mean([-1], keepdim: true) : wide;
        var scale = run.Emit(scaleSite, layer, Scale(centred)); // [.., 1]
        var normalized = centred / scale;
        if (Centred)
            return run.Emit(normalizedSite, layer, Affine(normalized).to(x.dtype)).MoveToOuterDisposeScope();
        return Affine(run.Emit(normalizedSite, layer, normalized.to(x.dtype))).to(x.dtype).MoveToOuterDisposeScope();
    }

    /// <summary>Normalises without a run: statistics of <paramref name="x"/> itself, gain and bias applied.</summary>
    /// <param name="x">[.., width].</param>
    public Tensor Apply(Tensor x)
    {
        using var scope = NewDisposeScope();
        var wide = Widened(x);
        var centred = Centred ? wide - wide.mean([-1], keepdim: true) : wide;
        return Affine(centred / Scale(centred)).to(x.dtype).MoveToOuterDisposeScope();
    }

    /// <summary>Normalises with a given scale instead of the statistics of <paramref name="x"/>; gain applied, bias left out.</summary>
    /// <param name="x">[.., width].</param>
    /// <param name="scale">Broadcasts to <paramref name="x"/>.</param>
    /// <param name="gain">Whether to apply the gain.</param>
    public Tensor ApplyScale(Tensor x, Tensor scale, bool gain)
    {
        using var scope = NewDisposeScope();
        var centred = Centred ? x - x.mean([-1], keepdim: true) : x;
        var result = centred / scale;
        return (gain && Weights is not null ? result * Weights.Gain : result).MoveToOuterDisposeScope();
    }

    /// <summary>The scale the norm has on given inputs, sqrt(var + eps) or sqrt(mean x^2 + eps).</summary>
    /// <param name="x">[.., width].</param>
    /// <returns>[.., 1].</returns>
    public Tensor ScaleOf(Tensor x)
    {
        using var scope = NewDisposeScope();
        var wide = Widened(x);
        return Scale(Centred ? wide - wide.mean([-1], keepdim: true) : wide).MoveToOuterDisposeScope();
    }

    /// <summary>Which norm it is.</summary>
    public override string ToString() => $"{(Centred ? "LayerNorm" : "RMSNorm")} of {width[0]}{(Weights is null ? ", without gain" : "")} at {scaleSite}";

    /// <summary>The gradient at this norm's input, given gradients behind a matrix that reads its output, head by head.</summary>
    /// <remarks>
    /// With n = centred x / scale, W' = gain · W (centred over d_model for LayerNorm) and g the gradient behind a head's part of W:
    /// (W' g - n (n W' · g) / d) / scale. The second factor is taken in the narrow space behind the matrix.
    /// </remarks>
    /// <param name="x">The norm's input, [rows, d_model].</param>
    /// <param name="gradient">[head, rows, d_head].</param>
    /// <param name="weights">[d_model, head * d_head].</param>
    /// <returns>[head, rows, d_model].</returns>
    internal Tensor GradientThroughReads(Tensor x, Tensor gradient, Tensor weights)
    {
        using var scope = NewDisposeScope();
        var centred = Centred ? x - x.mean([-1], keepdim: true) : x;
        var scale = Scale(centred); // [rows, 1]
        var normalized = centred / scale;
        var reads = Weights is null ? weights : weights * Weights.Gain.unsqueeze(-1);
        if (Centred)
            reads = reads - reads.mean([0], keepdim: true);
        var heads = gradient.shape[0];
        var scaled = gradient / scale;
        var behind = normalized.matmul(reads).unflatten(1, [heads, -1]).transpose(0, 1); // n W', [head, rows, d_head]
        var along = (behind * scaled).sum(dim: -1, keepdim: true) / -x.shape[1]; // [head, rows, 1]
        var result = scaled.matmul(reads.unflatten(1, [heads, -1]).permute(1, 2, 0)); // [head, rows, d_model]
        return result.addcmul_(along, normalized, 1).MoveToOuterDisposeScope();
    }

    private Tensor Scaled(Tensor x, Tensor scale)
    {
        var wide = Widened(x);
        return Affine((wide - wide.mean([-1], keepdim: true)) / scale).to(x.dtype);
    }

    private static Tensor Widened(Tensor x) => x.dtype is ScalarType.Float64 or ScalarType.Float32 ? x : x.to(ScalarType.Float32);

    private Tensor Scale(Tensor centred) => (centred.square().mean([-1], keepdim: true) + Epsilon).sqrt();

    private Tensor Affine(Tensor x)
    {
        if (Weights is null)
            return x;
        var result = x * Weights.Gain;
        return Weights.Bias is null ? result : result + Weights.Bias;
    }
}
