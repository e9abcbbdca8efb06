namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>Models with random weights, to be trained or measured.</summary>
public static class ModelInitialisation
{
    /// <summary>A model with seeded random weights.</summary>
    /// <remarks>
    /// Matrices are normal with standard deviation 1 / √(inputs), embeddings 1 / √d_model; matrices that write into the residual stream are
    /// divided by √(number of them). Gains are 1, biases 0. The numbers are drawn on the CPU in float32, whatever type and device are asked for;
    /// torch draws normal numbers with the machine's vector width, whose last bits differ between machines, unless <paramref name="machineIndependent"/> is set.
    /// </remarks>
    /// <param name="config">What the model is built of.</param>
    /// <param name="seed">Equal seeds give equal weights.</param>
    /// <param name="tokenizer">The tokenizer, or null.</param>
    /// <param name="dtype">Data type; null for float32.</param>
    /// <param name="device">Device; null for the CPU.</param>
    /// <param name="machineIndependent">
    /// Draws the same bits on every machine: twelve uniform numbers, added, less six, in place of a normal one. Variance 1, nothing beyond six standard deviations.
    /// </param>
    /// <returns>The model, which the caller disposes.</returns>
    /// <exception cref="ArgumentException">The description does not hold together.</exception>
    public static HookedTransformer Initialise(
        this TransformerConfig config, int seed, ITokenizer? tokenizer = null, ScalarType? dtype = null, Device? device = null, bool machineIndependent = false)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var generator = new Generator((ulong)seed, CPU);
        var weights = new Drawing(config.Validated(), generator, dtype ?? ScalarType.Float32, device ?? CPU, machineIndependent).All();
        return HookedTransformer.Create(config, weights, tokenizer);
    }

    private sealed class Drawing(TransformerConfig config, Generator generator, ScalarType dtype, Device device, bool machineIndependent)
    {
        private readonly int width = config.DModel;
        private readonly double writing = Math.Sqrt(config.Layers * (config.AttentionOnly ? 1 : 2));

        public TransformerWeights All() => new()
        {
            Embedding = Normal(width, config.DVocab, width),
            Positions = config.Positions is PositionKind.Learned or PositionKind.Shortformer ? Normal(width, config.Context, width) : null,
            Blocks = [.. Enumerable.Range(0, config.Layers).Select(_ => Block())],
            FinalNorm = Norm(width),
            Unembedding = Normal(width, width, config.VocabOut),
            UnembeddingBias = Constant(0, config.VocabOut),
        };

        private BlockWeights Block() => new()
        {
            Norm1 = Norm(width),
            Attention = AttentionPart(),
            PostNorm1 = config.PostNorms ? Norm(width) : null,
            Norm2 = config.AttentionOnly ? null : Norm(width),
            Mlp = config.AttentionOnly ? null : MlpPart(),
            PostNorm2 = config.PostNorms && !config.AttentionOnly ? Norm(width) : null,
        };

        private AttentionWeights AttentionPart()
        {
            var (columns, inner) = ((config.Heads + 2L * config.KvHeads) * config.DHead, (long)config.Heads * config.DHead);
            return new AttentionWeights
            {
                Qkv = Normal(width, width, columns), QkvBias = Constant(0, columns),
                Output = Normal(inner * writing * writing, inner, width), OutputBias = Constant(0, width),
                QueryNorm = config.QueryKeyNorm ? Constant(1, config.DHead) : null, KeyNorm = config.QueryKeyNorm ? Constant(1, config.DHead) : null,
            };
        }

        private MlpWeights MlpPart() => new()
        {
            In = Normal(width, width, config.GatedMlp ? 2L * config.DMlp : config.DMlp),
            InBias = config.GatedMlp ? null : Constant(0, config.DMlp),
            Out = Normal(config.DMlp * writing * writing, config.DMlp, width), OutBias = Constant(0, width),
            InnerNorm = config.Activation == Activation.SoluLayerNorm
                ? new NormWeights { Gain = Constant(1, config.DMlp), Bias = Constant(0, config.DMlp) }
                : null,
        };

        private NormWeights? Norm(long size) => config.Norm switch
        {
            NormKind.LayerNorm => new NormWeights { Gain = Constant(1, size), Bias = Constant(0, size) },
            NormKind.Rms => new NormWeights { Gain = Constant(1, size) },
            _ => null,
        };

        // Normal with variance 1 / inputs.
        private Tensor Normal(double inputs, params long[] shape)
        {
            var drawn = machineIndependent ? Twelve(shape) : randn(shape, dtype: ScalarType.Float32, generator: generator);
            return drawn.mul_(1 / Math.Sqrt(inputs)).to(ScalarType.Float32).to(dtype, device).DetachFromDisposeScope();
        }

        // Uniform draws and sums are exact or rounded as IEEE 754 says; the logarithms and cosines behind normal draws are not.
        private Tensor Twelve(long[] shape)
        {
            var sum = full(shape, -6.0, dtype: ScalarType.Float64);
            for (var i = 0; i < 12; i++)
                sum.add_(rand(shape, dtype: ScalarType.Float64, generator: generator));
            return sum;
        }

        private Tensor Constant(double value, long size) => full([size], value, dtype: dtype, device: device).DetachFromDisposeScope();
    }
}
