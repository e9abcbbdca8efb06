namespace Interp;

public sealed partial class LabelledArray
{
    /// <summary>The sum of all values.</summary>
    public double Sum() => values.Sum();

    /// <summary>The mean of all values; NaN where there are none.</summary>
    public double Mean() => values.Length == 0 ? double.NaN : values.Sum() / values.Length;

    /// <summary>The smallest value that is not NaN; NaN where there is none.</summary>
    public double Min() => values.Where(v => !double.IsNaN(v)).DefaultIfEmpty(double.NaN).Min();

    /// <summary>The largest value that is not NaN; NaN where there is none.</summary>
    public double Max() => values.Where(v => !double.IsNaN(v)).DefaultIfEmpty(double.NaN).Max();

    /// <summary>The sums along an axis, which is dropped.</summary>
    /// <exception cref="ArgumentException">There is no such axis.</exception>
    public LabelledArray Sum(string axis)
    {
        var at = AxisIndex(axis);
        var (outer, inner) = Around(at);
        var length = axes[at].Length;
        var result = new double[outer * inner];
        for (var o = 0; o < outer; o++)
            for (var l = 0; l < length; l++)
                for (var i = 0; i < inner; i++)
                    result[o * inner + i] += values[(o * length + l) * inner + i];
        return new LabelledArray([.. axes[..at], .. axes[(at + 1)..]], result, Quantity, Provenance);
    }

    /// <summary>The means along an axis, which is dropped; NaN along an axis of length 0.</summary>
    /// <exception cref="ArgumentException">There is no such axis.</exception>
    public LabelledArray Mean(string axis)
    {
        var length = AxisOf(axis).Length;
        return Sum(axis).Map(v => v / length);
    }

    /// <summary>A function of every value.</summary>
    /// <param name="function">Applied to each value on its own.</param>
    /// <param name="quantity">What the results are; null keeps the quantity.</param>
    public LabelledArray Map(Func<double, double> function, string? quantity = null)
    {
        ArgumentNullException.ThrowIfNull(function);
        return new LabelledArray(axes, Array.ConvertAll(values, v => function(v)), quantity ?? Quantity, Provenance);
    }

    /// <summary>The sum, entry by entry, of two arrays with the same axes.</summary>
    /// <exception cref="ArgumentException">The axes differ; the message names the first difference.</exception>
    public static LabelledArray operator +(LabelledArray left, LabelledArray right) => Combine(left, right, "+", (a, b) => a + b);

    /// <summary>The difference, entry by entry, of two arrays with the same axes.</summary>
    /// <exception cref="ArgumentException">The axes differ; the message names the first difference.</exception>
    public static LabelledArray operator -(LabelledArray left, LabelledArray right) => Combine(left, right, "-", (a, b) => a - b);

    /// <summary>Every value with the opposite sign.</summary>
    public static LabelledArray operator -(LabelledArray array) => Required(array).Map(v => -v);

    /// <summary>Every value times a number.</summary>
    public static LabelledArray operator *(LabelledArray array, double factor) => Required(array).Map(v => v * factor);

    /// <summary>Every value divided by a number.</summary>
    public static LabelledArray operator /(LabelledArray array, double divisor) => Required(array).Map(v => v / divisor);

    /// <summary>The entries with the largest values, largest first; NaN is left out, equal values keep the array's order.</summary>
    /// <param name="k">How many, at most.</param>
    /// <param name="byMagnitude">Rank by |value| instead of the value.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="k"/> is negative.</exception>
    public IReadOnlyList<LabelledValue> Top(int k, bool byMagnitude = true) =>
        [.. TopOffsets(k, byMagnitude).Select(offset =>
        {
            var indices = Unravel(offset);
            return new LabelledValue(indices.Select((index, axis) => axes[axis].Labels[index]).ToArray(), indices, values[offset]);
        })];

    /// <summary>How this array and another with the same axes agree.</summary>
    /// <param name="other">The other array, say an estimate of this one.</param>
    /// <param name="topK">How many of the largest entries by magnitude are compared; null takes 10, or all where there are fewer.</param>
    /// <param name="resamples">How many bootstrap resamples of the entries give the 95 % intervals; 0 leaves them out.</param>
    /// <param name="seed">The seed of the resampling.</param>
    /// <exception cref="ArgumentException">The axes differ; the message names the first difference.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="topK"/> or <paramref name="resamples"/> is negative.</exception>
    public Comparison Compare(LabelledArray other, int? topK = null, int resamples = 1000, int seed = 0)
    {
        RequireEqualAxes(this, Required(other));
        return Comparison.Of(this, other, topK ?? Math.Min(10, Count), resamples, seed);
    }

    internal IEnumerable<int> TopOffsets(int k, bool byMagnitude)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(k);
        return Enumerable.Range(0, Count)
            .Where(i => !double.IsNaN(values[i]))
            .OrderByDescending(i => byMagnitude ? Math.Abs(values[i]) : values[i])
            .Take(k);
    }

    private static LabelledArray Combine(LabelledArray left, LabelledArray right, string symbol, Func<double, double, double> function)
    {
        RequireEqualAxes(Required(left), Required(right));
        var result = new double[left.Count];
        for (var i = 0; i < result.Length; i++)
            result[i] = function(left.values[i], right.values[i]);
        var quantity = left.Quantity == right.Quantity ? left.Quantity : $"{left.Quantity} {symbol} {right.Quantity}";
        return new LabelledArray(left.axes, result, quantity, Provenance.Common(left.Provenance, right.Provenance));
    }

    private static void RequireEqualAxes(LabelledArray left, LabelledArray right)
    {
        if (FirstDifference(left.axes, right.axes) is { } difference)
            throw new ArgumentException($"The axes differ, {Describe(left.axes)} and {Describe(right.axes)}: {difference}.");
    }

    private static string? FirstDifference(Axis[] left, Axis[] right)
    {
        if (left.Length != right.Length)
            return $"{left.Length} axes against {right.Length}";
        for (var i = 0; i < left.Length; i++)
        {
            if (left[i].Name != right[i].Name)
                return $"axis {i} is '{left[i].Name}' against '{right[i].Name}'";
            if (left[i].Length != right[i].Length)
                return $"axis '{left[i].Name}' has length {left[i].Length} against {right[i].Length}";
            for (var j = 0; j < left[i].Length; j++)
                if (left[i].Labels[j] != right[i].Labels[j])
                    return $"axis '{left[i].Name}' at index {j} is labelled '{left[i].Labels[j]}' against '{right[i].Labels[j]}'";
        }

        return null;
    }

    private static LabelledArray Required(LabelledArray? array) => array ?? throw new ArgumentNullException(nameof(array));
}
