namespace Interp;

/// <summary>The magnitude at which diverging colours are full.</summary>
internal static class ColourLimit
{
    /// <summary>The one given, else the largest finite magnitude, else 1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The one given is not above 0.</exception>
    public static double Of(ReadOnlySpan<double> values, double? limit)
    {
        if (limit is { } given)
            return given > 0 && double.IsFinite(given)
                ? given
                : throw new ArgumentOutOfRangeException(nameof(limit), $"The limit of the colours is {given}: give a number above 0, or null for the largest magnitude.");
        var largest = 0.0;
        foreach (var value in values)
            if (double.IsFinite(value))
                largest = Math.Max(largest, Math.Abs(value));
        return largest > 0 ? largest : 1;
    }
}
