using System.Text;

namespace Interp;

/// <summary>Colours of lines, bars and points, told apart with every common kind of colour blindness and in print by lightness and dash.</summary>
internal static class ChartStyle
{
    /// <summary>How many series have a colour of their own; the next ones repeat them dashed.</summary>
    public const int Colours = 7;

    private static readonly string[] Light = ["#1d65a8", "#c8541a", "#12806a", "#8a4f9e", "#a87b00", "#4ea3dc", "#5b626d"];
    private static readonly string[] Dark = ["#6cb2ee", "#ee8f5c", "#43bfa3", "#c592d6", "#dcb441", "#a9d6f7", "#a7afba"];

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

    private static void Append(StringBuilder css, string[] colours)
    {
        for (var i = 0; i < colours.Length; i++)
            css.Append($".ifig .k{i}{{stroke:{colours[i]};fill:{colours[i]}}}");
    }
}
