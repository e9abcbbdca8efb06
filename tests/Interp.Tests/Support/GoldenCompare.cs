namespace Interp.Tests.Support;

using Shouldly;
using static TorchSharp.torch;

/// <summary>Compares many arrays with their reference, and says in one message how many there were and which are worst.</summary>
/// <remarks>
/// Per array: max |difference| / max |stored value| over finite entries. Infinities and NaN must stand at the same places. An array that is
/// all zeros in the reference must be below an absolute bound.
/// </remarks>
internal sealed class GoldenCompare(string what, ScalarType dtype)
{
    private readonly List<(string Name, double Error, double Tolerance, string? Problem)> arrays = [];

    /// <summary>How many arrays were compared.</summary>
    public int Count => arrays.Count;

    /// <summary>The largest relative difference so far.</summary>
    public double Worst => arrays.Count == 0 ? 0 : arrays.Max(a => a.Error);

    /// <summary>Whether every array is within its tolerance.</summary>
    public bool Holds => arrays.All(a => a.Problem is null);

    /// <summary>How many arrays, and how near: a figure for the evidence page.</summary>
    public string Figure => $"{what}: {Count} arrays, at most {Evidence.Text(Worst)}";

    /// <summary>Compares a tensor; both stay the caller's.</summary>
    public void Add(string name, Tensor ours, double[] stored, long[] shape, double tolerance)
    {
        if (!ours.shape.SequenceEqual(shape))
            arrays.Add((name, double.PositiveInfinity, tolerance, $"shape [{string.Join(", ", ours.shape)}], stored [{string.Join(", ", shape)}]"));
        else
            Add(name, Doubles(ours), stored, tolerance);
    }

    /// <summary>Compares numbers.</summary>
    /// <param name="name">What they are.</param>
    /// <param name="ours">Our values.</param>
    /// <param name="stored">The reference's.</param>
    /// <param name="tolerance">The largest relative difference.</param>
    /// <param name="scale">What differences are relative to, where that is not the reference's own largest value.</param>
    public void Add(string name, ReadOnlySpan<double> ours, ReadOnlySpan<double> stored, double tolerance, double? scale = null)
    {
        if (ours.Length != stored.Length)
        {
            arrays.Add((name, double.PositiveInfinity, tolerance, $"{ours.Length} values, stored {stored.Length}"));
            return;
        }
        var (difference, largest) = (0d, 0d);
        for (var i = 0; i < stored.Length; i++)
        {
            if (!double.IsFinite(stored[i]) || !double.IsFinite(ours[i]))
            {
                if (ours[i].Equals(stored[i]))
                    continue;
                arrays.Add((name, double.PositiveInfinity, tolerance, $"{ours[i]} at {i}, stored {stored[i]}"));
                return;
            }
            (difference, largest) = (Math.Max(difference, Math.Abs(ours[i] - stored[i])), Math.Max(largest, Math.Abs(stored[i])));
        }
        if (largest == 0)
            (largest, tolerance) = (1, Tolerances.Zero(dtype));
        var error = difference / (scale ?? largest);
        arrays.Add((name, error, tolerance, error <= tolerance ? null : $"{Evidence.Text(error)}, at most {Evidence.Text(tolerance)}"));
    }

    /// <summary>Fails, with the worst arrays, unless so many arrays were compared and all are within their tolerance.</summary>
    public void ShouldHold(int expected)
    {
        var bad = arrays.Where(a => a.Problem is not null).OrderByDescending(a => a.Error / a.Tolerance).ToArray();
        if (bad.Length > 0)
            throw new ShouldAssertException(
                $"{what}: {bad.Length} of {Count} arrays differ from the reference. Worst:\n"
                + string.Join("\n", bad.Take(12).Select(a => $"  {a.Name}: {a.Problem}")));
        Count.ShouldBe(expected, $"{what}: number of arrays compared");
    }

    /// <summary>A tensor's elements in float64, row-major.</summary>
    public static double[] Doubles(Tensor tensor)
    {
        using var scope = NewDisposeScope();
        return tensor.detach().to(ScalarType.Float64).cpu().contiguous().data<double>().ToArray();
    }
}
