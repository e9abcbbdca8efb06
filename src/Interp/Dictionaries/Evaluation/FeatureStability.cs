namespace Interp;

using System.Collections.Immutable;
using TorchSharp;
using static TorchSharp.torch;

/// <summary>How many of one dictionary's features another has too: of another seed, another kind, another step.</summary>
/// <remarks>
/// 1. Cosines of all pairs of decoder directions. 2. The best one-to-one assignment of one's latents to the other's. 3. A feature is shared
/// where decoder directions and encoder directions of the pair both have a cosine of at least a bound (Paulo and Belrose 2025, 0.7).
/// </remarks>
/// <param name="Shared">Share of the latents that are shared.</param>
/// <param name="Mcc">Mean decoder cosine over the assignment.</param>
/// <param name="MeanMaxCosine">Mean over the first dictionary's latents of the largest decoder cosine with any of the other's.</param>
/// <param name="Cosines">Each latent's decoder cosine with its partner, in the order of the latents that were compared.</param>
[TypeFormatterSource(typeof(NotebookFormatters))]
public sealed record FeatureStability(double Shared, double Mcc, double MeanMaxCosine, ImmutableArray<double> Cosines)
{
    private const int MostLatents = 8192;

    /// <summary>Compares two dictionaries.</summary>
    /// <param name="one">The dictionary whose features are looked for.</param>
    /// <param name="other">The dictionary in which they are looked for; of at least as many latents.</param>
    /// <param name="latents">Which of the first one's latents, such as those that are alive; null for all.</param>
    /// <param name="bound">From which cosine a feature counts as shared.</param>
    /// <exception cref="ArgumentException">The dictionaries do not read and write vectors of the same widths, or there are too many latents to assign.</exception>
    public static FeatureStability Between(SparseDictionary one, SparseDictionary other, IEnumerable<int>? latents = null, double bound = 0.7)
    {
        ArgumentNullException.ThrowIfNull(one);
        ArgumentNullException.ThrowIfNull(other);
        if (one.Config.DIn != other.Config.DIn || one.Config.DOut != other.Config.DOut)
            throw new ArgumentException($"Features of {one} and {other} cannot be compared: their directions have different widths.", nameof(other));
        int[] chosen = [.. latents ?? Enumerable.Range(0, one.Width)];
        if (chosen.Length == 0 || chosen.Length > other.Width || chosen.Length > MostLatents)
            throw new ArgumentException(
                $"{chosen.Length} latents cannot be assigned to {other.Width}: give at least one, at most as many as the other dictionary has, and at most {MostLatents} (the assignment takes their cube).", nameof(latents));
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var places = tensor(chosen.Select(i => (long)i).ToArray(), device: one.Device);
        var decoder = Similarity(one.Weights.Decoder.index_select(0, places), other.Weights.Decoder).Doubles(); // [chosen, width]
        var encoder = Similarity(one.Weights.Encoder.t().index_select(0, places), other.Weights.Encoder.t()).Doubles();
        var partners = Assignment.Largest(decoder, chosen.Length, other.Width);
        double[] At(double[] matrix) => [.. partners.Select((partner, i) => matrix[i * other.Width + partner])];
        var (matched, matchedEncoders) = (At(decoder), At(encoder));
        var shared = matched.Zip(matchedEncoders, (d, e) => d >= bound && e >= bound).Count(s => s);
        var best = Enumerable.Range(0, chosen.Length).Average(i => decoder.AsSpan(i * other.Width, other.Width).ToArray().Max());
        return new FeatureStability(shared / (double)chosen.Length, matched.Average(), best, [.. matched]);
    }

    /// <summary>The shares in one line.</summary>
    public override string ToString() =>
        $"{Shared:P1} of {Cosines.Length} features shared, mean cosine of partners {Mcc:F3}, mean largest cosine {MeanMaxCosine:F3}";

    private static Tensor Similarity(Tensor a, Tensor b)
    {
        static Tensor Unit(Tensor rows) => rows / rows.norm(-1, keepdim: true).clamp_min(1e-12);
        return Unit(a.to(ScalarType.Float32)).matmul(Unit(b.to(ScalarType.Float32, a.device)).t());
    }
}
