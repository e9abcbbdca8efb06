namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>Data whose features are known: sparse sums of unit directions.</summary>
/// <remarks>x = Σ_i a_i m_i v_i with a_i = 1 at the given probability and m_i = 1 + spread · N(0, 1).</remarks>
public sealed class SyntheticFeatures : IDisposable
{
    private readonly Generator generator;

    private SyntheticFeatures(Tensor directions, Generator generator, double probability, double spread) =>
        (Directions, this.generator, Probability, Spread) = (directions, generator, probability, spread);

    /// <summary>The features, [features, d], rows of length one.</summary>
    public Tensor Directions { get; }

    /// <summary>How often each feature is active.</summary>
    public double Probability { get; }

    /// <summary>Standard deviation of an active feature's strength about 1.</summary>
    public double Spread { get; }

    /// <summary>Random directions.</summary>
    /// <param name="features">How many.</param>
    /// <param name="width">In how many dimensions.</param>
    /// <param name="probability">How often each is active.</param>
    /// <param name="seed">Equal seeds give equal directions and samples.</param>
    /// <param name="spread">Standard deviation of strengths.</param>
    /// <exception cref="ArgumentOutOfRangeException">A count is below 1, or the probability is not in (0, 1].</exception>
    public static SyntheticFeatures Random(int features, int width, double probability, int seed, double spread = 0.15)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(features, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        if (probability is not (> 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(probability), probability, "A feature's probability is over 0 and at most 1.");
        using var scope = NewDisposeScope();
        var generator = new Generator((ulong)seed, CPU);
        var rows = randn([features, width], dtype: ScalarType.Float32, generator: generator);
        return new SyntheticFeatures((rows / rows.norm(-1, keepdim: true)).DetachFromDisposeScope(), generator, probability, spread);
    }

    /// <summary>Draws rows.</summary>
    /// <param name="rows">How many.</param>
    /// <returns>[rows, d]; the caller disposes it.</returns>
    public Tensor Sample(int rows)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        long[] shape = [rows, Directions.shape[0]];
        var active = rand(shape, dtype: ScalarType.Float32, generator: generator) < Probability;
        var strength = randn(shape, dtype: ScalarType.Float32, generator: generator) * Spread + 1;
        return (active.to(ScalarType.Float32) * strength).matmul(Directions).MoveToOuterDisposeScope(); // [rows, d]
    }

    /// <summary>How well a dictionary's directions are the features.</summary>
    /// <param name="dictionary">The dictionary.</param>
    /// <param name="found">From which |cosine| on a feature counts as found.</param>
    public FeatureRecovery Recovery(SparseDictionary dictionary, double found = 0.9)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var decoder = dictionary.Weights.Decoder;
        var unit = decoder / decoder.norm(-1, keepdim: true).clamp_min(1e-12);
        var cosines = Directions.to(unit.dtype, unit.device).matmul(unit.t()).abs(); // [features, width]
        var best = cosines.amax(-1); // [features]
        var nearest = cosines.argmax(-1).cpu().data<long>().ToArray();
        return new FeatureRecovery(
            (best > found).to(ScalarType.Float64).mean().ToDouble(), best.mean().ToDouble(), nearest.Distinct().Count() / (double)nearest.Length);
    }

    /// <summary>Frees directions and generator.</summary>
    public void Dispose()
    {
        Directions.Dispose();
        generator.Dispose();
    }
}
