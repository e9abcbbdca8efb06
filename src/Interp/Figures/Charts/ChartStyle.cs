using System.Text;

namespace Interp;

/// <summary>
/// Colours of lines, bars and points. They were searched for: of all pairs, seen with full colour vision and with each kind of colour
/// blindness (Machado et al. 2009), the nearest lie 0.088 apart in Oklab on light screens and 0.120 on dark ones, and each stands out from its
/// ground by a contrast of 3.
/// </summary>
internal static class ChartStyle
{
    /// <summary>How many series have a colour of their own; the next ones repeat them dashed.</summary>
    public const int Colours = 7;

    public static IReadOnlyList<string> Light { get; } = ["#1d65a8", "#c8541a", "#5f8f76", "#5a0651", "#cd8600", "#4598ec", "#4e5159"];
    public static IReadOnlyList<string> Dark { get; } = ["#6cb2ee", "#ee8f5c", "#287b3a", "#9e3bac", "#e3db67", "#89e2fc", "#84868f"];

    public static string Css { get; } = Build();

    /// <summary>The class of a series' colour.</summary>
    public static string Class(int series) => $"k{series % Colours}{(series / Colours % 2 == 1 ? " dash" : "")}";

    private static string Build()
    {
        var css = new StringBuilder(
            ".ifig .gr{stroke:#e6e8eb;fill:none}.ifig path.line{fill:none;stroke-width:1.8;stroke-linejoin:round}.ifig .dash{stroke-dasharray:5 3}"
            + ".ifig path.band{stroke:none;fill-opacity:.18}.ifig rect.bar,.ifig circle.hit,.ifig circle.pt,.ifig circle.dot{stroke:none}.ifig rect.bar:hover{fill-opacity:.75}"
            + ".ifig circle.hit{fill-opacity:0}.ifig circle.hit:hover{fill-opacity:.35}.ifig circle.pt{fill-opacity:.6}.ifig circle.pt:hover{fill-opacity:1;stroke:#16181c}.ifig .diag{stroke:#7b828c;stroke-dasharray:4 3;fill:none}");
        Append(css, Light);
        css.Append(FigureStyle.Dark).Append("{.ifig .gr{stroke:#2b2f36}.ifig circle.pt:hover{stroke:#fff}");
        Append(css, Dark);
        return css.Append('}').ToString();
    }

    private static void Append(StringBuilder css, IReadOnlyList<string> colours)
    {
        for (var i = 0; i < colours.Count; i++)
            css.Append($".ifig .k{i}{{stroke:{colours[i]};fill:{colours[i]}}}");
    }
}
