namespace Interp;

using Interp.Extending;
using TorchSharp;
using static Interp.Sites;
using static TorchSharp.torch;

/// <summary>A plain or gated MLP.</summary>
/// <remarks>Plain: act(x W_in + b_in) W_out + b_out. Gated: (act(x W_gate) · (x W_in)) W_out + b_out.</remarks>
[TypeFormatterSource(typeof(NotebookFormatters))]
public sealed class Mlp : IFeedForward
{
    private readonly TransformerConfig config;
    private readonly Norm? innerNorm;

    /// <summary>An MLP over given weights, which stay the caller's.</summary>
    public Mlp(TransformerConfig config, MlpWeights weights)
    {
        (this.config, Weights) = (config, weights);
        if (config.Activation == Activation.SoluLayerNorm)
            innerNorm = new Norm("mlp.ln", true, true, config.DMlp, config.Epsilon, weights.InnerNorm);
    }

    /// <summary>The weights.</summary>
    public MlpWeights Weights { get; }

    /// <inheritdoc/>
    public IEnumerable<Site> Sites
    {
        get
        {
            Site[] common = [MlpPre, MlpPost, MlpOutRaw];
            return common.Concat(config.GatedMlp ? [MlpPreLinear] : []).Concat(innerNorm is null ? [] : innerNorm.Sites.Prepend(MlpMid));
        }
    }

    /// <inheritdoc/>
    public Tensor Forward(ForwardContext run, int layer, Tensor x)
    {
        using var scope = NewDisposeScope();
        var hidden = Attention.Affine(x, Weights.In, Weights.InBias); // [batch, pos, d_mlp], gated: [batch, pos, 2 d_mlp]
        var post = run.Emit(MlpPost, layer, config.GatedMlp ? Gated(run, layer, hidden) : Plain(run, layer, hidden)); // [batch, pos, d_mlp]
        return run.Emit(MlpOutRaw, layer, Attention.Affine(post, Weights.Out, Weights.OutBias)).MoveToOuterDisposeScope();
    }

    /// <summary>Its width.</summary>
    public override string ToString() => $"{(config.GatedMlp ? "gated " : "")}MLP of {config.DMlp} neurons";

    /// <summary>The neurons' nonlinearity.</summary>
    internal static Tensor Activate(Activation activation, Tensor x) => activation switch
    {
        Activation.Relu => x.relu(),
        Activation.Gelu => x.gelu(),
        Activation.GeluTanh => TorchSeam.GeluTanh(x),
        Activation.Silu => x.silu(),
        Activation.SoluLayerNorm => x * x.softmax(-1),
        _ => throw new ArgumentOutOfRangeException(nameof(activation), activation, "no such activation"),
    };

    private Tensor Plain(ForwardContext run, int layer, Tensor hidden)
    {
        var pre = run.Emit(MlpPre, layer, hidden);
        var active = Activate(config.Activation, pre);
        return innerNorm is null ? active : innerNorm.Forward(run, layer, run.Emit(MlpMid, layer, active));
    }

    private Tensor Gated(ForwardContext run, int layer, Tensor hidden)
    {
        var gate = run.Emit(MlpPre, layer, hidden.narrow(-1, 0, config.DMlp));
        var linear = run.Emit(MlpPreLinear, layer, hidden.narrow(-1, config.DMlp, config.DMlp));
        var product = Activate(config.Activation, gate) * linear;
        return Weights.PostBias is null ? product : product + Weights.PostBias;
    }
}
