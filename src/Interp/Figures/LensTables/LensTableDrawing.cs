using System.Text;

namespace Interp;

/// <summary>Draws a <see cref="LensTable"/> as an HTML table.</summary>
internal static class LensTableDrawing
{
    private const int MaxCharacters = 14;
    private const double PaperWidth = 680;
    private const double SmallestZoom = 0.5;
    private const double LabelWidth = 90;

    private const string Css = """
        .ifig .lens{border-collapse:separate;border-spacing:2px;font-size:12px}
        .ifig .lens th{font-weight:400;color:#636b76;padding:2px 7px;white-space:pre;text-align:center;vertical-align:bottom}
        .ifig .lens thead b{display:block;font-weight:600;color:#24272c}
        .ifig .lens tbody th{position:sticky;left:0;background:#fff;text-align:right;vertical-align:middle;font-variant-numeric:tabular-nums}
        .ifig .lens td{padding:3px 7px;min-width:44px;text-align:center;white-space:pre;border-radius:3px;line-height:1.3;border:1px solid transparent}
        .ifig .lens td small{display:block;font-size:10px;opacity:.8;font-variant-numeric:tabular-nums}
        .ifig .lens b,.ifig .lens td{unicode-bidi:plaintext;font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
        .ifig .lens td.f{border-color:#c8541a}.ifig .lens td:hover{outline:1.5px solid #16181c}
        .ifig .bands{display:flex;align-items:flex-start}
        .ifig .key u{text-decoration:none;width:14px;height:11px;border:1px solid #c8541a;border-radius:3px;margin-left:16px}
        """ + FigureStyle.Dark + """
        {.ifig .lens th{color:#9aa2ad}.ifig .lens thead b{color:#e4e6ea}.ifig .lens tbody th{background:#16181c}
        .ifig .lens td.f,.ifig .key u{border-color:#dd7b45}.ifig .lens td:hover{outline-color:#fff}}
        @media print{.ifig .lens{zoom:var(--paper);margin-bottom:10px}.ifig .bands{display:block}}
        """;

    public static Figure Draw(LensTable table, string title)
    {
        var html = new StringBuilder("<h2>").Append(DisplayText.Html(title)).Append("</h2>");
        html.Append("<p>The token ranked first at each ").Append(DisplayText.Html(table.Layers.Name)).Append(" and ");
        html.Append(DisplayText.Html(table.Positions.Name)).Append(", and its probability.</p><div class=\"bands\">");
        foreach (var (columns, zoom) in Bands(table))
            AppendBand(html, table, columns, zoom);
        html.Append("</div>");
        ColourKey.Append(html, Palette.Sequential, "0", "1 probability", "<u></u>as in the last row");
        return new Figure(title, new FigureContent(Css + ColourKey.Css + Palette.Sequential.Css("background"), html.ToString()));
    }

    private static void AppendBand(StringBuilder html, LensTable table, Range columns, double zoom)
    {
        html.Append("<table class=\"lens\" style=\"--paper:").Append(SvgBuilder.N(zoom)).Append("\"><thead><tr><th></th>");
        for (var c = columns.Start.Value; c < columns.End.Value; c++)
            html.Append($"<th>{Number(c)}<b>{Shown(table.Positions.Labels[c])}</b></th>");
        html.Append("</tr></thead><tbody>");
        for (var r = 0; r < table.Layers.Length; r++)
            AppendRow(html, table, r, columns);
        html.Append("</tbody></table>");
    }

    private static void AppendRow(StringBuilder html, LensTable table, int row, Range columns)
    {
        html.Append("<tr><th>").Append(DisplayText.Html(AxisLabel(table.Layers, row))).Append("</th>");
        for (var c = columns.Start.Value; c < columns.End.Value; c++)
        {
            var cell = table[row, c];
            var level = Palette.Sequential.Level(double.IsNaN(cell.Probability) ? 0 : cell.Probability);
            var classes = $"{Palette.Sequential.Class(level)} {Palette.Sequential.Ink(level)}" + (cell.Token == table[^1, c].Token ? " f" : "");
            html.Append($"<td class=\"{classes}\" title=\"{DisplayText.Html(Tip(table, row, c))}\">");
            html.Append($"{Shown(cell.Token)}<small>{NumberText.Fixed(cell.Probability, 2)}</small></td>");
        }

        html.Append("</tr>");
    }

    // Paper does not scroll: a table wider than the page is set smaller there, and one wider still goes on below, with its rows' labels again.
    // On a screen its parts stand side by side.
    private static IEnumerable<(Range Columns, double Zoom)> Bands(LensTable table)
    {
        double Widest(int column) => Enumerable.Range(0, table.Layers.Length).Select(row => table[row, column].Token).Append(table.Positions.Labels[column])
            .Max(token => Math.Max(46, TextMetrics.Width(TextMetrics.Cut(DisplayText.Token(token), MaxCharacters)) + 20));
        double[] widths = [.. Enumerable.Range(0, table.Positions.Length).Select(Widest)];
        var bands = Math.Max(1, (int)Math.Ceiling(widths.Sum() / (PaperWidth / SmallestZoom - LabelWidth)));
        var (start, before) = (0, 0.0);
        for (var band = 1; band <= bands; band++)
        {
            var (end, width) = (start, 0.0);
            while (end < widths.Length && (band == bands || before + width + widths[end] / 2 <= widths.Sum() * band / bands))
                width += widths[end++];
            yield return (start..end, Math.Min(1, PaperWidth / (LabelWidth + width)));
            (start, before) = (end, before + width);
        }
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
