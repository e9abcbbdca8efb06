namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>Directions from rows of activations, in float64.</summary>
public static class Directions
{
    private const int Squarings = 60;

    /// <summary>Mean of the positive rows minus mean of the negative ones (contrastive activation addition; Panickssery et al. 2023).</summary>
    /// <param name="positive">[rows, width].</param>
    /// <param name="negative">[rows, width]; the number of rows may be another.</param>
    /// <param name="origin">The activation they come from.</param>
    /// <param name="provenance">What else is known; the method is filled in.</param>
    /// <exception cref="ArgumentException">The widths differ, there is no row, a value is not finite, or the means are equal.</exception>
    public static SteeringVector MeanDifference(Tensor positive, Tensor negative, HookName? origin = null, Provenance? provenance = null)
    {
        new Shape().Bind(positive, "positives width", nameof(positive)).Bind(negative, "negatives width", nameof(negative));
        using var scope = NewDisposeScope();
        RequireRows(positive, negative);
        var difference = positive.to(ScalarType.Float64).mean([0L]) - negative.to(ScalarType.Float64).mean([0L]);
        return SteeringVector.Of(difference, origin, (provenance ?? new Provenance()) with { Method = "mean difference" });
    }

    /// <summary>
    /// First principal component of the differences within pairs (linear artificial tomography; Zou et al. 2023, Representation Engineering):
    /// 1. difference of each pair; 2. every second one turned round, by a seeded shuffle, so that centring does not take the common part away;
    /// 3. centre; 4. first right singular vector; 5. its sign and length such that adding it moves as far as the mean difference does along it.
    /// </summary>
    /// <param name="positive">[pairs, width].</param>
    /// <param name="negative">[pairs, width], the partner of each.</param>
    /// <param name="origin">The activation they come from.</param>
    /// <param name="provenance">What else is known; method and seed are filled in.</param>
    /// <param name="seed">Of the shuffle.</param>
    /// <exception cref="ArgumentException">The shapes differ, there are fewer than two pairs, a value is not finite, or the differences have no common part.</exception>
    public static SteeringVector PrincipalDifference(Tensor positive, Tensor negative, HookName? origin = null, Provenance? provenance = null, int seed = 0)
    {
        new Shape().Bind(positive, "pairs width", nameof(positive)).Bind(negative, "pairs width", nameof(negative));
        if (positive.shape[0] < 2)
            throw new ArgumentException($"{positive.shape[0]} pairs have no principal component: give at least two.", nameof(positive));
        using var scope = NewDisposeScope();
        RequireRows(positive, negative);
        var differences = positive.to(ScalarType.Float64) - negative.to(ScalarType.Float64); // [pairs, width]
        var turned = differences * Signs((int)differences.shape[0], seed, differences.device);
        var axis = FirstRightSingularVector(turned - turned.mean([0L])); // [width]
        var along = (differences.mean([0L]) * axis).sum();
        return SteeringVector.Of(axis * along, origin, (provenance ?? new Provenance()) with { Method = "principal difference", Seed = seed });
    }

    // As many of either sign as the number of pairs allows, [pairs, 1].
    private static Tensor Signs(int pairs, int seed, Device device)
    {
        var signs = Enumerable.Range(0, pairs).Select(i => i % 2 == 0 ? 1.0 : -1.0).ToArray();
        new Random(seed).Shuffle(signs);
        return tensor(signs, [pairs, 1], device: device);
    }

    // The Gram matrix of the shorter side, squared until only its first eigenvector is left.
    private static Tensor FirstRightSingularVector(Tensor rows)
    {
        var wide = rows.shape[0] < rows.shape[1];
        var gram = wide ? rows.mm(rows.t()) : rows.t().mm(rows);
        var trace = gram.diagonal().sum();
        if (trace.ToDouble() == 0)
            throw new ArgumentException("All pairs differ by the same vector or not at all up to sign: take the mean difference.");
        var power = gram / trace;
        for (var i = 0; i < Squarings; i++)
        {
            var squared = power.mm(power);
            squared /= squared.diagonal().sum();
            var moved = (squared - power).abs().max().ToDouble();
            power = squared;
            if (moved < 1e-15)
                break;
        }
        var vector = power.select(1, power.diagonal().argmax().ToInt64()); // any column of a matrix of rank one
        var right = wide ? rows.t().mv(vector) : vector;
        return right / right.norm();
    }

    private static void RequireRows(Tensor positive, Tensor negative)
    {
        if (positive.shape[0] == 0 || negative.shape[0] == 0)
            throw new ArgumentException($"Both sides need rows: {positive.shape[0]} positive and {negative.shape[0]} negative.");
        foreach (var (rows, name) in new[] { (positive, "positive"), (negative, "negative") })
            if (!rows.isfinite().all().ToBoolean())
                throw new ArgumentException($"The {name} rows hold NaN or infinite values: leave those rows out.", name);
    }
}
