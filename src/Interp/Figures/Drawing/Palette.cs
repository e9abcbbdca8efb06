using System.Text;

namespace Interp;

/// <summary>
/// A row of colours, one for light screens and paper and one for dark screens. Cells carry the number of their level as a class;
/// a style rule gives the colour.
/// </summary>
internal sealed class Palette
{
    private readonly string prefix;

    private Palette(string prefix, int levels, string[] light, string[] dark)
    {
        this.prefix = prefix;
        (Light, Dark) = (Ramp(light, levels), Ramp(dark, levels));
    }

    /// <summary>Orange to blue through a neutral zero: told apart with every common kind of colour blindness, and equally dark at equal distance.</summary>
    public static Palette Diverging { get; } = new(
        "d",
        65,
        ["#7f2a04", "#c8541a", "#f0a878", "#f7f6f4", "#8fbbe3", "#2f78bd", "#0d3f75"],
        ["#ffbd94", "#dd7b45", "#86400f", "#24272c", "#215689", "#4d94d6", "#a5d0fb"]);

    /// <summary>One hue from the background to full.</summary>
    public static Palette Sequential { get; } = new(
        "s",
        33,
        ["#fafafb", "#bcd9f0", "#5a9fd4", "#1d65a8", "#0a3566"],
        ["#1e2126", "#1f4468", "#2f74b0", "#62a9e6", "#bfe0ff"]);

    public IReadOnlyList<string> Light { get; }

    public IReadOnlyList<string> Dark { get; }

    public int Levels => Light.Count;

    /// <summary>The class of a level.</summary>
    public string Class(int level) => prefix + level.ToString(System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>The level of a share of the range, 0 to 1.</summary>
    public int Level(double share) => (int)Math.Round(Math.Clamp(share, 0, 1) * (Levels - 1), MidpointRounding.AwayFromZero);

    /// <summary>The class of text on a level: dark ink on light screens for v and n, light ink for w and m; on dark screens light for v and m.</summary>
    public string Ink(int level) => (NeedsLightInk(Light[level]), NeedsLightInk(Dark[level])) switch
    {
        (false, true) => "v",
        (true, false) => "w",
        (true, true) => "m",
        (false, false) => "n",
    };

    /// <summary>Rules that colour the levels.</summary>
    /// <param name="property"><c>fill</c> for SVG, <c>background</c> for HTML.</param>
    public string Css(string property)
    {
        var css = new StringBuilder();
        Append(css, Light, property);
        css.Append(FigureStyle.Dark).Append('{');
        Append(css, Dark, property);
        return css.Append('}').ToString();
    }

    private static bool NeedsLightInk(string colour)
    {
        var luminance = Oklab.Luminance(colour) + 0.05;
        return 1.05 / luminance > luminance / (Oklab.Luminance("#16181c") + 0.05);
    }

    private void Append(StringBuilder css, IReadOnlyList<string> colours, string property)
    {
        for (var i = 0; i < Levels; i++)
            css.Append(".ifig .").Append(Class(i)).Append('{').Append(property).Append(':').Append(colours[i]).Append('}');
    }

    private static string[] Ramp(string[] anchors, int levels)
    {
        var points = Array.ConvertAll(anchors, Oklab.FromHex);
        var colours = new string[levels];
        for (var i = 0; i < levels; i++)
        {
            var at = i * (points.Length - 1.0) / (levels - 1);
            var from = Math.Min((int)at, points.Length - 2);
            colours[i] = Oklab.Mix(points[from], points[from + 1], at - from).ToHex();
        }

        return colours;
    }
}
