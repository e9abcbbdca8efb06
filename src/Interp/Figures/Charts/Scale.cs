namespace Interp;

/// <summary>A scale from numbers to pixels, linear or logarithmic, with round ticks.</summary>
internal sealed class Scale
{
    private readonly (double From, double To) pixels;
    private readonly bool log;

    private Scale(double min, double max, double step, (double From, double To) pixels)
    {
        (Min, Max, this.pixels) = (min, max, pixels);
        var first = Math.Ceiling(min / step - 1e-9);
        var last = Math.Floor(max / step + 1e-9);
        Ticks = [.. Enumerable.Range(0, (int)(last - first) + 1).Select(i => (first + i) * step)];
        Decimals = NeedsExponent(min, max) ? NumberText.Scientific : Math.Clamp((int)-Math.Floor(Math.Log10(step) + 1e-9), 0, 6);
    }

    private Scale(double min, double max, (double From, double To) pixels)
    {
        (Min, Max, this.pixels, log) = (min, max, pixels, true);
        double[] factors = Math.Log10(max / min) <= 3.5 ? [1, 2, 5] : [1];
        var (first, last) = ((int)Math.Floor(Math.Log10(min)), (int)Math.Ceiling(Math.Log10(max)));
        var round = Enumerable.Range(first, last - first + 1).SelectMany(power => factors.Select(f => f * Math.Pow(10, power)));
        Ticks = [.. round.Where(tick => tick >= min * (1 - 1e-9) && tick <= max * (1 + 1e-9))];
    }

    public double Min { get; }

    public double Max { get; }

    public IReadOnlyList<double> Ticks { get; }

    public int Decimals { get; }

    /// <summary>A scale over the finite values, its ends moved out to round numbers.</summary>
    /// <param name="values">What must lie on it.</param>
    /// <param name="from">The pixel of its lower end.</param>
    /// <param name="to">The pixel of its upper end.</param>
    /// <param name="ticks">How many ticks, about.</param>
    /// <param name="withZero">Whether zero must lie on it.</param>
    /// <param name="round">Whether its ends move out.</param>
    /// <param name="whole">Whether ticks stand at whole numbers alone.</param>
    public static Scale Over(IEnumerable<double> values, double from, double to, int ticks = 6, bool withZero = false, bool round = true, bool whole = false)
    {
        var (min, max) = (double.PositiveInfinity, double.NegativeInfinity);
        foreach (var value in values.Concat(withZero ? [0.0] : []).Where(double.IsFinite))
            (min, max) = (Math.Min(min, value), Math.Max(max, value));
        if (min > max)
            (min, max) = (0, 1);
        if (max - min <= Math.Abs(max) * 1e-12)
            (min, max) = (min - Math.Max(0.5, Math.Abs(min) / 2), max + Math.Max(0.5, Math.Abs(max) / 2));
        var step = Math.Max(Step((max - min) / ticks), whole ? 1 : 0);
        return round
            ? new Scale(Math.Floor(min / step + 1e-9) * step, Math.Ceiling(max / step - 1e-9) * step, step, (from, to))
            : new Scale(min, max, step, (from, to));
    }

    /// <summary>A logarithmic scale over the finite values above zero.</summary>
    public static Scale OverPowers(IEnumerable<double> values, double from, double to)
    {
        double[] kept = [.. values.Where(v => double.IsFinite(v) && v > 0).DefaultIfEmpty(1)];
        var (min, max) = (kept.Min(), kept.Max());
        return min < max ? new Scale(min, max, (from, to)) : new Scale(min / 2, max * 2, (from, to));
    }

    public double At(double value) => pixels.From + Share(value) * (pixels.To - pixels.From);

    public string Text(double tick) => log ? NumberText.Place(tick).Replace('-', '\u2212') : NumberText.Typeset(tick, Decimals);

    private static bool NeedsExponent(double min, double max) => Math.Max(Math.Abs(min), Math.Abs(max)) is >= 1e6 or < 1e-4;

    private static double Step(double rough)
    {
        var power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        return (rough / power) switch { <= 1 => power, <= 2 => 2 * power, <= 5 => 5 * power, _ => 10 * power };
    }

    private double Share(double value) => log ? Math.Log(value / Min) / Math.Log(Max / Min) : (value - Min) / (Max - Min);
}
