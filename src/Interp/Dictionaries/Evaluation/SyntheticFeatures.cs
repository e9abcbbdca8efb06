namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>Data whose features are known: sparse sums of unit directions.</summary>
/// <remarks>x = Σ_i a_i m_i v_i with a_i = 1 at the given probability and m_i = 1 + spread · N(0, 1).</remarks>
[TypeFormatterSource(typeof(NotebookFormatters))]
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
        return Strengths(rows, generator).matmul(Directions).MoveToOuterDisposeScope(); // [rows, d]
    }

    /// <summary>Draws rows together with what they are made of; the rows of <see cref="Sample"/> are not changed by it.</summary>
    /// <param name="rows">How many.</param>
    /// <param name="seed">Equal seeds give equal rows.</param>
    /// <returns>Rows [rows, d] and each feature's strength in them [rows, features]; the caller disposes them.</returns>
    public (Tensor Rows, Tensor Strengths) Labelled(int rows, int seed)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var own = new Generator((ulong)seed, CPU);
        var strengths = Strengths(rows, own);
        return (strengths.matmul(Directions).MoveToOuterDisposeScope(), strengths.MoveToOuterDisposeScope());
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
        var (count, width) = ((int)cosines.shape[0], (int)cosines.shape[1]);
        var values = cosines.Doubles();
        var matched = Assignment.Largest(values, count, width).Select((latent, feature) => latent < 0 ? 0 : values[feature * width + latent]);
        return new FeatureRecovery(
            (best > found).to(ScalarType.Float64).mean().ToDouble(), best.mean().ToDouble(), nearest.Distinct().Count() / (double)nearest.Length,
            matched.Sum() / Math.Min(count, width));
    }

    /// <summary>Whether latents are active when their features are: each feature has the latent that the best one-to-one assignment of cosines gives it.</summary>
    /// <param name="dictionary">The dictionary.</param>
    /// <param name="rows">How many rows are drawn for it.</param>
    /// <param name="seed">Equal seeds draw equal rows.</param>
    public FeatureDetection Detection(SparseDictionary dictionary, int rows = 8192, int seed = 1)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var decoder = dictionary.Weights.Decoder;
        var unit = decoder / decoder.norm(-1, keepdim: true).clamp_min(1e-12);
        var cosines = Directions.to(unit.dtype, unit.device).matmul(unit.t()); // [features, width]
        var matched = Assignment.Largest(cosines.Doubles(), (int)cosines.shape[0], (int)cosines.shape[1]);
        var (x, strengths) = Labelled(rows, seed);
        var latents = dictionary.Encode(x.to(unit.dtype, unit.device)) > 0; // [rows, width]
        var places = tensor(matched.Select(m => (long)Math.Max(m, 0)).ToArray(), device: unit.device);
        var (active, guessed) = (strengths.to(unit.device) != 0, latents.index_select(1, places)); // [rows, features]
        double[] Count(Tensor which) => which.sum(0L).Doubles();
        var (hits, present, claimed) = (Count(active.logical_and(guessed)), Count(active), Count(guessed));
        var rated = Enumerable.Range(0, matched.Length).Where(i => present[i] > 0).ToArray();
        double Mean(Func<int, double> value) => rated.Average(i => matched[i] < 0 || hits[i] == 0 ? 0 : value(i));
        return new FeatureDetection(Mean(i => hits[i] / claimed[i]), Mean(i => hits[i] / present[i]), Mean(i => 2 * hits[i] / (present[i] + claimed[i])));
    }

    /// <summary>Frees directions and generator.</summary>
    public void Dispose()
    {
        Directions.Dispose();
        generator.Dispose();
    }

    /// <summary>How many features there are, and how often each is active.</summary>
    public override string ToString() => $"{Directions.shape[0]} features in {Directions.shape[1]} dimensions, each active in a share of {NumberText.Short(Probability)}";

    private Tensor Strengths(int rows, Generator source)
    {
        long[] shape = [rows, Directions.shape[0]];
        var active = rand(shape, dtype: ScalarType.Float32, generator: source) < Probability;
        var strength = randn(shape, dtype: ScalarType.Float32, generator: source) * Spread + 1;
        return active.to(ScalarType.Float32) * strength; // [rows, features]
    }
}
