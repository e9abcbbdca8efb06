namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>Data whose features form families: a child is active only together with its parent.</summary>
/// <remarks>
/// Each parent is active with a probability of its own right; with another probability one of its children joins it. A dictionary that wants
/// few active latents is tempted to give each child a latent that holds the parent's direction too, and to leave the parent's latent silent
/// then: absorption (Chanin et al. 2024). Nested dictionaries shall resist it (Bussmann et al. 2025).
/// </remarks>
[TypeFormatterSource(typeof(NotebookFormatters))]
public sealed class HierarchicalFeatures : IDisposable
{
    private readonly Generator generator;
    private readonly double parentProbability;
    private readonly double childProbability;
    private readonly double childStrength;
    private readonly double spread;

    private HierarchicalFeatures(Tensor directions, Generator generator, int parents, double parentProbability, double childProbability, double childStrength, double spread)
    {
        (Directions, this.generator, Parents) = (directions, generator, parents);
        (this.parentProbability, this.childProbability, this.childStrength, this.spread) = (parentProbability, childProbability, childStrength, spread);
    }

    /// <summary>Parents, then the first parent's children, the second's and so on, [features, d], rows of length one.</summary>
    public Tensor Directions { get; }

    /// <summary>How many parents there are.</summary>
    public int Parents { get; }

    /// <summary>How many children each has.</summary>
    public int Children => (int)(Directions.shape[0] / Parents) - 1;

    /// <summary>Families in random directions, at right angles as long as there is room for that.</summary>
    /// <param name="parents">How many parents.</param>
    /// <param name="children">How many children each has.</param>
    /// <param name="width">In how many dimensions.</param>
    /// <param name="seed">Equal seeds give equal directions and samples.</param>
    /// <param name="parentProbability">How often a parent is active.</param>
    /// <param name="childProbability">How often one of its children is active with it.</param>
    /// <param name="childStrength">How strong a child is, where a parent is 1.</param>
    /// <param name="spread">Standard deviation of strengths as a share of them.</param>
    /// <exception cref="ArgumentOutOfRangeException">A count is below 1, or a probability is not in (0, 1].</exception>
    public static HierarchicalFeatures Random(
        int parents, int children, int width, int seed, double parentProbability = 0.15, double childProbability = 0.5, double childStrength = 0.8,
        double spread = 0.15)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(parents, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(children, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        foreach (var probability in new[] { parentProbability, childProbability })
            if (probability is not (> 0 and <= 1))
                throw new ArgumentOutOfRangeException(nameof(parentProbability), probability, "A feature's probability is over 0 and at most 1.");
        using var scope = NewDisposeScope();
        var generator = new Generator((ulong)seed, CPU);
        var count = parents * (children + 1);
        var rows = randn([count, width], dtype: ScalarType.Float32, generator: generator);
        if (count <= width)
            rows = linalg.qr(rows.t()).Q.t();
        return new HierarchicalFeatures((rows / rows.norm(-1, keepdim: true)).DetachFromDisposeScope(), generator, parents, parentProbability, childProbability, childStrength, spread);
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

    /// <summary>How much a dictionary absorbs. A parent's latent is the one whose direction is nearest to it.</summary>
    /// <param name="dictionary">The dictionary.</param>
    /// <param name="rows">How many rows are drawn for it; <see cref="Sample"/> is not changed by it.</param>
    /// <param name="seed">Equal seeds draw equal rows.</param>
    /// <param name="shared">From which cosine on another latent points in the parent's direction too.</param>
    public FeatureAbsorption Absorption(SparseDictionary dictionary, int rows = 16_384, int seed = 1, double shared = 0.2)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var own = new Generator((ulong)seed, CPU);
        var strengths = Strengths(rows, own);
        var latents = dictionary.Encode(strengths.matmul(Directions).to(dictionary.Dtype, dictionary.Device)).cpu() > 0; // [rows, width]
        var decoder = dictionary.Weights.Decoder.cpu().to(ScalarType.Float32);
        var cosines = Directions.narrow(0, 0, Parents).matmul((decoder / decoder.norm(-1, keepdim: true).clamp_min(1e-12)).t()); // [parents, width]
        var (best, nearest) = cosines.max(-1);
        var (present, l0) = (strengths > 0, latents.sum().ToDouble() / rows);
        var (absorbed, missed) = (new List<double>(), new List<double>());
        for (var parent = 0; parent < Parents; parent++)
        {
            var main = nearest[parent].ToInt64();
            var carriers = cosines[parent] >= shared;
            carriers[main] = tensor(false);
            var silent = latents.select(1, main).logical_not(); // [rows]
            var carried = latents.logical_and(carriers).any(-1); // [rows]
            var family = present.narrow(1, Parents + parent * Children, Children); // [rows, children]
            missed.Add(Share(silent, present.select(1, parent).logical_and(family.any(-1).logical_not())));
            for (var child = 0; child < Children; child++)
                absorbed.Add(Share(silent.logical_and(carried), family.select(1, child)));
        }
        return new FeatureAbsorption(absorbed.Average(), missed.Average(), best.mean().ToDouble(), l0);
    }

    /// <summary>Frees directions and generator.</summary>
    public void Dispose()
    {
        Directions.Dispose();
        generator.Dispose();
    }

    /// <summary>How many features there are.</summary>
    public override string ToString() => $"{Parents} parents with {Children} children each, {Directions.shape[1]} dimensions";

    private static double Share(Tensor what, Tensor among) => what.logical_and(among).sum().ToDouble() / Math.Max(among.sum().ToDouble(), 1);

    // Strengths stay positive: a feature that is there is there by more than nothing.
    private Tensor Strengths(int rows, Generator source)
    {
        var parents = rand([rows, Parents], dtype: ScalarType.Float32, generator: source) < parentProbability;
        var joined = rand([rows, Parents], dtype: ScalarType.Float32, generator: source) < childProbability;
        var which = (rand([rows, Parents], dtype: ScalarType.Float32, generator: source) * Children).floor().clamp_max(Children - 1).to(ScalarType.Int64);
        var children = nn.functional.one_hot(which, Children).to(ScalarType.Bool).logical_and(parents.logical_and(joined).unsqueeze(-1)); // [rows, parents, children]
        var active = cat([parents.to(ScalarType.Float32), children.flatten(1).to(ScalarType.Float32) * childStrength], 1); // [rows, features]
        return active * (randn(active.shape, dtype: ScalarType.Float32, generator: source) * spread + 1).clamp_min(0.1);
    }
}
