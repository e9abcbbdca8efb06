using System.Text;

namespace Interp;

/// <summary>Draws a <see cref="LensTable"/> as an HTML table.</summary>
internal static class LensTableDrawing
{
    private const int MaxCharacters = 14;

    private const string Css = """
        .ifig .lens{border-collapse:separate;border-spacing:2px;font-size:12px}
        .ifig .lens th{font-weight:400;color:#636b76;padding:2px 7px;white-space:pre;text-align:center;vertical-align:bottom}
        .ifig .lens thead b{display:block;font-weight:600;color:#24272c}
        .ifig .lens tbody th{position:sticky;left:0;background:#fff;text-align:right;vertical-align:middle;font-variant-numeric:tabular-nums}
        .ifig .lens td{padding:3px 7px;min-width:44px;text-align:center;white-space:pre;border-radius:3px;line-height:1.3;border:1px solid transparent}
        .ifig .lens td small{display:block;font-size:10px;opacity:.8;font-variant-numeric:tabular-nums}
        .ifig .lens b,.ifig .lens td{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
        .ifig .lens td.f{border-color:#c8541a}.ifig .lens td:hover{outline:1.5px solid #16181c}
        .ifig .key{display:flex;align-items:center;gap:6px;margin-top:8px;color:#636b76;font-size:11px}
        .ifig .key i{width:5px;height:12px;margin-right:-6px}.ifig .key u{text-decoration:none;width:14px;height:11px;border:1px solid #c8541a;border-radius:3px;margin-left:16px}
        """ + FigureStyle.Dark + """
        {.ifig .lens th,.ifig .key{color:#9aa2ad}.ifig .lens thead b{color:#e4e6ea}.ifig .lens tbody th{background:#16181c}
        .ifig .lens td.f,.ifig .key u{border-color:#dd7b45}.ifig .lens td:hover{outline-color:#fff}}
        """;

    public static Figure Draw(LensTable table, string title)
    {
        var html = new StringBuilder("<h2>").Append(DisplayText.Html(title)).Append("</h2>");
        html.Append("<p>The token ranked first at each ").Append(DisplayText.Html(table.Layers.Name)).Append(" and ");
        html.Append(DisplayText.Html(table.Positions.Name)).Append(", and its probability.</p><table class=\"lens\"><thead><tr><th></th>");
        for (var c = 0; c < table.Positions.Length; c++)
            html.Append($"<th>{Number(c)}<b>{Shown(table.Positions.Labels[c])}</b></th>");
        html.Append("</tr></thead><tbody>");
        for (var r = 0; r < table.Layers.Length; r++)
            AppendRow(html, table, r);
        html.Append("</tbody></table>");
        AppendKey(html);
        return new Figure(title, new FigureContent(Css + Palette.Sequential.Css("background"), html.ToString()));
    }

    private static void AppendRow(StringBuilder html, LensTable table, int row)
    {
        html.Append("<tr><th>").Append(DisplayText.Html(AxisLabel(table.Layers, row))).Append("</th>");
        for (var c = 0; c < table.Positions.Length; c++)
        {
            var cell = table[row, c];
            var level = Palette.Sequential.Level(double.IsNaN(cell.Probability) ? 0 : cell.Probability);
            var classes = $"{Palette.Sequential.Class(level)} {Palette.Sequential.Ink(level)}" + (cell.Token == table[^1, c].Token ? " f" : "");
            html.Append($"<td class=\"{classes}\" title=\"{DisplayText.Html(Tip(table, row, c))}\">");
            html.Append($"{Shown(cell.Token)}<small>{NumberText.Fixed(cell.Probability, 2)}</small></td>");
        }

        html.Append("</tr>");
    }

    private static void AppendKey(StringBuilder html)
    {
        html.Append("<div class=\"key\">0");
        for (var level = 0; level < Palette.Sequential.Levels; level += 2)
            html.Append("<i class=\"").Append(Palette.Sequential.Class(level)).Append("\"></i>");
        html.Append("<span style=\"margin-left:6px\">1 probability</span><u></u>as in the last row</div>");
    }

    private static string Tip(LensTable table, int row, int column)
    {
        var tip = new StringBuilder(AxisLabels.Where(table.Layers, row)).Append(", ").Append(AxisLabels.Where(table.Positions, column));
        foreach (var (token, probability) in table[row, column].Top)
            tip.Append('\n').Append(NumberText.Fixed(probability, 4)).Append("  ").Append(DisplayText.Token(token));
        return tip.ToString();
    }

    private static string AxisLabel(Axis axis, int index) => index == 0 ? $"{axis.Name} {DisplayText.Visible(axis.Labels[0])}" : DisplayText.Visible(axis.Labels[index]);

    private static string Shown(string token) => DisplayText.Html(TextMetrics.Cut(DisplayText.Token(token), MaxCharacters));

    private static string Number(int value) => value.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
