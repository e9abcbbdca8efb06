namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <content>Dictionaries with random weights.</content>
public sealed partial class SparseDictionary
{
    private const double SaeLensDecoderNorm = 0.1;

    /// <summary>An untrained dictionary: random decoder directions, the encoder their transpose, biases zero.</summary>
    /// <remarks>
    /// Directions are uniform on the sphere, of length 0.1 for SAELens and 1 for the others. A transcoder's encoder is drawn on its own.
    /// The numbers are drawn on the CPU in float32, whatever type and device are asked for.
    /// </remarks>
    /// <param name="config">What it is.</param>
    /// <param name="seed">Equal seeds give equal weights.</param>
    /// <param name="recipe">Whose lengths.</param>
    /// <param name="dtype">Data type; null for float32.</param>
    /// <param name="device">Device; null for the CPU.</param>
    /// <returns>The dictionary, which the caller disposes.</returns>
    /// <exception cref="ArgumentException">The description does not hold together.</exception>
    public static SparseDictionary Initialise(
        DictionaryConfig config, int seed, DictionaryRecipe recipe = DictionaryRecipe.SaeLens, ScalarType? dtype = null, Device? device = null)
    {
        config.Validated();
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var generator = new Generator((ulong)seed, CPU);
        var length = recipe == DictionaryRecipe.SaeLens ? SaeLensDecoderNorm : 1;
        var decoder = Directions(config.Width, config.DOut, generator) * length;
        var encoder = (config.DIn == config.DOut && config.Input == config.Output ? decoder : Directions(config.Width, config.DIn, generator) * length).t();
        Tensor Placed(Tensor tensor) => tensor.contiguous().to(dtype ?? ScalarType.Float32, device ?? CPU, copy: true).DetachFromDisposeScope();
        return Create(config, new DictionaryWeights
        {
            Encoder = Placed(encoder), EncoderBias = Placed(zeros([config.Width])), Decoder = Placed(decoder), DecoderBias = Placed(zeros([config.DOut])),
            Latent = config.Activation.OwnWeights.ToDictionary(name => name, name => Placed(full([config.Width], config.Activation.InitialValue(name)))),
        });
    }

    private static Tensor Directions(int count, int width, Generator generator)
    {
        var rows = randn([count, width], dtype: ScalarType.Float32, generator: generator);
        return rows / rows.norm(-1, keepdim: true);
    }
}
