using System.Globalization;

namespace Interp;

/// <summary>Numbers as text, the same on every machine.</summary>
internal static class NumberText
{
    /// <summary>Marks a column whose numbers are too large or too small for a fixed number of decimals.</summary>
    public const int Scientific = -1;

    /// <summary>How many decimals show some four significant digits of the largest magnitude.</summary>
    public static int Decimals(ReadOnlySpan<double> values)
    {
        var largest = 0.0;
        foreach (var value in values)
            if (double.IsFinite(value))
                largest = Math.Max(largest, Math.Abs(value));
        if (largest == 0)
            return 1;
        var exponent = (int)Math.Floor(Math.Log10(largest));
        return exponent is > 6 or < -4 ? Scientific : Math.Clamp(3 - exponent, 0, 6);
    }

    /// <summary>A number with a fixed count of decimals; a negative zero loses its sign.</summary>
    public static string Fixed(double value, int decimals)
    {
        if (double.IsNaN(value))
            return "n/a";
        if (double.IsInfinity(value))
            return value > 0 ? "inf" : "-inf";
        var text = value.ToString(decimals == Scientific ? "0.00e+0" : "F" + decimals, CultureInfo.InvariantCulture);
        return text.AsSpan().IndexOfAnyInRange('1', '9') < 0 ? text.TrimStart('-') : text;
    }

    /// <summary>A number to about four significant digits.</summary>
    public static string Short(double value) => Fixed(value, Decimals([value]));

    /// <summary>Where something stands, as short as it can be said: <c>3</c>, <c>0.25</c>, <c>0.001</c>.</summary>
    public static string Place(double value) => Math.Abs(value) is > 0 and (>= 1e7 or < 1e-6) ? Short(value) : Fixed(value, 6).TrimEnd('0').TrimEnd('.');

    /// <summary>As <see cref="Fixed"/>, with the minus sign of print.</summary>
    public static string Typeset(double value, int decimals) => Fixed(value, decimals).Replace('-', '\u2212');

    /// <summary>A number for an SVG attribute: two decimals at most, none where they are zero.</summary>
    public static string Svg(double value)
    {
        var text = value.ToString("0.##", CultureInfo.InvariantCulture);
        return text == "-0" ? "0" : text;
    }
}
