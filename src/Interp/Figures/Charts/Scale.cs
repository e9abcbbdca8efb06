namespace Interp;

/// <summary>A linear scale from numbers to pixels, with round ticks.</summary>
internal sealed class Scale
{
    private readonly (double From, double To) pixels;

    private Scale(double min, double max, double step, (double From, double To) pixels)
    {
        (Min, Max, this.pixels) = (min, max, pixels);
        var first = Math.Ceiling(min / step - 1e-9);
        var last = Math.Floor(max / step + 1e-9);
        Ticks = [.. Enumerable.Range(0, (int)(last - first) + 1).Select(i => (first + i) * step)];
        Decimals = NeedsExponent(min, max) ? NumberText.Scientific : Math.Clamp((int)-Math.Floor(Math.Log10(step) + 1e-9), 0, 6);
    }

    public double Min { get; }

    public double Max { get; }

    public IReadOnlyList<double> Ticks { get; }

    public int Decimals { get; }

    /// <summary>A scale over the finite values, its ends moved out to round numbers.</summary>
    public static Scale Over(IEnumerable<double> values, double from, double to, int ticks = 6, bool withZero = false, bool round = true)
    {
        var (min, max) = (double.PositiveInfinity, double.NegativeInfinity);
        foreach (var value in values.Concat(withZero ? [0.0] : []).Where(double.IsFinite))
            (min, max) = (Math.Min(min, value), Math.Max(max, value));
        if (min > max)
            (min, max) = (0, 1);
        if (max - min <= Math.Abs(max) * 1e-12)
            (min, max) = (min - Math.Max(0.5, Math.Abs(min) / 2), max + Math.Max(0.5, Math.Abs(max) / 2));
        var step = Step((max - min) / ticks);
        return round
            ? new Scale(Math.Floor(min / step + 1e-9) * step, Math.Ceiling(max / step - 1e-9) * step, step, (from, to))
            : new Scale(min, max, step, (from, to));
    }

    public double At(double value) => pixels.From + (value - Min) / (Max - Min) * (pixels.To - pixels.From);

    public string Text(double tick) => NumberText.Typeset(tick, Decimals);

    private static bool NeedsExponent(double min, double max) => Math.Max(Math.Abs(min), Math.Abs(max)) is >= 1e6 or < 1e-4;

    private static double Step(double rough)
    {
        var power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        return (rough / power) switch { <= 1 => power, <= 2 => 2 * power, <= 5 => 5 * power, _ => 10 * power };
    }
}
