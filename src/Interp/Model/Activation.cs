namespace Interp;

/// <summary>The nonlinearity of an MLP.</summary>
public enum Activation
{
    /// <summary>max(x, 0).</summary>
    Relu,

    /// <summary>x·Φ(x), exact.</summary>
    Gelu,

    /// <summary>The tanh approximation of GELU (<c>gelu_new</c>, <c>gelu_pytorch_tanh</c>).</summary>
    GeluTanh,

    /// <summary>x·sigmoid(x).</summary>
    Silu,

    /// <summary>x·softmax(x) over the neurons, followed by a layer norm (SoLU models).</summary>
    SoluLayerNorm,
}
