namespace Interp;

using Interp.Extending;
using TorchSharp;
using static TorchSharp.torch;

/// <summary>What the generations of Gemma share: gains stored as their difference from one, and an embedding that is scaled by the root of d_model.</summary>
/// <remarks>The head is the embedding without that scale.</remarks>
internal static class GemmaLayout
{
    /// <summary>Sizes; the nonlinearity is the tanh approximation of GELU even where old configurations say <c>gelu</c>.</summary>
    public static TransformerConfig Describe(ConfigFile config) => LlamaLayout.Describe(config) with
    {
        DHead = config.Int("head_dim", 256),
        Activation = ActivationNames.Read(config, "hidden_activation", "gelu_pytorch_tanh"),
    };

    /// <summary>An RMSNorm's gain, one more than what is stored; in float32 at least, because sums with one lose most of a short type's digits.</summary>
    public static NormWeights Norm(WeightReader reader, long width, string name)
    {
        using var scope = NewDisposeScope();
        return new NormWeights { Gain = (reader.ReadWide(name, width) + 1).MoveToOuterDisposeScope() };
    }

    /// <summary>All weights.</summary>
    /// <param name="reader">The checkpoint.</param>
    /// <param name="file">The model's config.json.</param>
    /// <param name="config">What the family made of it.</param>
    /// <param name="block">Reads one block; its argument is the prefix of the block's names.</param>
    /// <param name="prefix">What stands before <c>embed_tokens</c>, <c>layers</c> and <c>norm</c>.</param>
    public static TransformerWeights Weights(
        WeightReader reader, ConfigFile file, TransformerConfig config, Func<string, BlockWeights> block, string prefix = "model.") => new()
    {
        Embedding = Scaled(reader, prefix + "embed_tokens.weight", config),
        Blocks = [.. Enumerable.Range(0, config.Layers).Select(layer => block($"{prefix}layers.{layer}."))],
        FinalNorm = Norm(reader, config.DModel, prefix + "norm.weight"),
        Unembedding = file.Flag("tie_word_embeddings", true)
            ? reader.Linear(config.DModel, (prefix + "embed_tokens.weight", config.DVocab))
            : reader.Linear(config.DModel, (LlamaLayout.Head, config.DVocab)),
    };

    /// <summary>A block of Gemma 2 and 3: norms before and after each sublayer.</summary>
    public static BlockWeights Block(WeightReader reader, TransformerConfig config, string prefix, AttentionWeights attention) => new()
    {
        Norm1 = Norm(reader, config.DModel, prefix + "input_layernorm.weight"),
        Attention = attention,
        PostNorm1 = Norm(reader, config.DModel, prefix + "post_attention_layernorm.weight"),
        Norm2 = Norm(reader, config.DModel, prefix + "pre_feedforward_layernorm.weight"),
        Mlp = LlamaLayout.Mlp(reader, config, prefix),
        PostNorm2 = Norm(reader, config.DModel, prefix + "post_feedforward_layernorm.weight"),
    };

    private static Tensor Scaled(WeightReader reader, string name, TransformerConfig config)
    {
        using var scope = NewDisposeScope();
        return (reader.ReadWide(name, config.DVocab, config.DModel) * Math.Sqrt(config.DModel)).to(reader.DType).MoveToOuterDisposeScope();
    }
}
