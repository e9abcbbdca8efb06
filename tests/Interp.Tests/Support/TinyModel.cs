namespace Interp.Tests.Support;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>Small random models.</summary>
internal static class TinyModel
{
    /// <summary>A GPT-2-like description: 3 layers, 4 heads, learned positions.</summary>
    public static TransformerConfig Gpt2 { get; } = new()
    {
        ModelName = "tiny-gpt2", Layers = 3, DModel = 16, Heads = 4, DHead = 4, DMlp = 24, DVocab = 29, Context = 16,
        Activation = Activation.GeluTanh,
    };

    /// <summary>A Llama-like description: grouped queries, rotary, gated MLP, RMSNorm.</summary>
    public static TransformerConfig Llama { get; } = Gpt2 with
    {
        ModelName = "tiny-llama", KeyValueHeads = 2, Norm = NormKind.Rms, Positions = PositionKind.Rotary, GatedMlp = true, Activation = Activation.Silu,
    };

    /// <summary>A model with seeded normal weights.</summary>
    public static HookedTransformer Random(TransformerConfig config, int seed = 0, ScalarType dtype = ScalarType.Float64)
    {
        using var scope = NewDisposeScope();
        var generator = new Generator((ulong)seed);
        Tensor Draw(params long[] shape) => (randn(shape, dtype: ScalarType.Float64, generator: generator) * 0.4).to(dtype).DetachFromDisposeScope();
        NormWeights? Norm() => config.Norm is NormKind.LayerNorm
            ? new NormWeights { Gain = Draw(config.DModel), Bias = Draw(config.DModel) }
            : config.Norm is NormKind.Rms ? new NormWeights { Gain = Draw(config.DModel) } : null;
        var (d, m, columns) = (config.DModel, config.DMlp, (config.Heads + 2 * config.KvHeads) * config.DHead);
        BlockWeights Block() => new()
        {
            Norm1 = config.PreNorms ? Norm() : null,
            Attention = new AttentionWeights
            {
                Qkv = Draw(d, columns), QkvBias = Draw(columns), Output = Draw(config.Heads * config.DHead, d), OutputBias = Draw(d),
            },
            PostNorm1 = config.PostNorms ? Norm() : null,
            Norm2 = config.AttentionOnly || !config.PreNorms ? null : Norm(),
            Mlp = config.AttentionOnly ? null : new MlpWeights
            {
                In = Draw(d, config.GatedMlp ? 2 * m : m), InBias = config.GatedMlp ? null : Draw(m), Out = Draw(m, d), OutBias = Draw(d),
            },
            PostNorm2 = config.PostNorms && !config.AttentionOnly ? Norm() : null,
        };
        return HookedTransformer.Create(config, new TransformerWeights
        {
            Embedding = Draw(config.DVocab, d),
            Positions = config.Positions is PositionKind.Learned or PositionKind.Shortformer ? Draw(config.Context, d) : null,
            Blocks = [.. Enumerable.Range(0, config.Layers).Select(_ => Block())],
            FinalNorm = Norm(),
            Unembedding = Draw(d, config.VocabOut),
            UnembeddingBias = Draw(config.VocabOut),
        });
    }

    /// <summary>Seeded rows of token ids.</summary>
    public static RunInput Tokens(TransformerConfig config, int batch, int length, int seed)
    {
        var random = new Random(seed);
        return RunInput.Of(Enumerable.Range(0, batch).Select(_ => Enumerable.Range(0, length).Select(_ => random.Next(config.DVocab)).ToArray()));
    }
}
