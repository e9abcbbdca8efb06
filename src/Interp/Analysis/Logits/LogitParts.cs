namespace Interp;

/// <summary>Into which parts a logit is taken apart.</summary>
public enum LogitParts
{
    /// <summary>Embeddings and the outputs of sublayers: <c>embed</c>, <c>0_attn_out</c>, <c>0_mlp_out</c>, ...</summary>
    Components,

    /// <summary>Heads, MLPs, embeddings and the biases: <c>L0H0</c>, ..., <c>0_mlp_out</c>, ..., <c>bias</c>.</summary>
    Heads,

    /// <summary>Heads, neurons, embeddings and the biases: <c>L0H0</c>, ..., <c>L0N0</c>, ..., <c>bias</c>.</summary>
    Neurons,
}
