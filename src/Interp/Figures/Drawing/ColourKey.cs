using System.Text;

namespace Interp;

/// <summary>The key of a palette, for figures made of HTML.</summary>
internal static class ColourKey
{
    private const int Swatches = 33;

    public const string Css =
        ".ifig .key{display:flex;align-items:center;gap:6px;margin-top:8px;color:#636b76;font-size:11px}.ifig .key span{display:flex}.ifig .key i{width:3px;height:12px}"
        + FigureStyle.Dark + "{.ifig .key{color:#9aa2ad}}";

    /// <summary>Writes the ends of the scale with the colours between them.</summary>
    /// <param name="html">Where to.</param>
    /// <param name="palette">The palette, whose rules for backgrounds the figure has.</param>
    /// <param name="low">What stands at the lower end.</param>
    /// <param name="high">What stands at the upper end.</param>
    /// <param name="more">HTML behind it.</param>
    public static void Append(StringBuilder html, Palette palette, string low, string high, string more = "")
    {
        html.Append("<div class=\"key\">").Append(DisplayText.Html(low)).Append("<span>");
        for (var i = 0; i < Swatches; i++)
            html.Append("<i class=\"").Append(palette.Class(i * (palette.Levels - 1) / (Swatches - 1))).Append("\"></i>");
        html.Append("</span>").Append(DisplayText.Html(high)).Append(more).Append("</div>");
    }
}
