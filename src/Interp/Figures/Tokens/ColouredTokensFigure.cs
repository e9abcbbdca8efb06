using System.Text;

namespace Interp;

/// <summary>Text whose tokens are coloured by a value.</summary>
public static class ColouredTokensFigure
{
    private const string Css = """
        .ifig .ct{font:13px/2.15 ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;max-width:900px;margin-bottom:8px}
        .ifig .ct b{font:600 12px system-ui,-apple-system,"Segoe UI",Arial,sans-serif;display:block}.ifig .ct span{padding:3px 3px;border-radius:3px;white-space:pre;unicode-bidi:plaintext;margin-right:1px}
        .ifig .ct span:hover{outline:1.5px solid #16181c}.ifig .na{background:#b9bdc4}
        """ + FigureStyle.Dark + "{.ifig .ct span:hover{outline-color:#fff}.ifig .na{background:#555b64}}";

    /// <summary>Writes the tokens of an array's last axis on a background that diverges from a neutral zero: blue above, orange below.</summary>
    /// <param name="array"><c>[pos]</c>, or <c>[row, pos]</c> for one text a row; the last axis' labels are the tokens.</param>
    /// <param name="title">The title; null takes the array's quantity.</param>
    /// <param name="limit">The magnitude at which the colours are full; null takes the largest finite one.</param>
    /// <exception cref="ArgumentException">The array has not one or two axes.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="limit"/> is not above 0.</exception>
    public static Figure ColouredTokens(this LabelledArray array, string? title = null, double? limit = null)
    {
        ArgumentNullException.ThrowIfNull(array);
        if (array.Rank is not (1 or 2))
            throw new ArgumentException($"Coloured tokens are [pos] or [row, pos]; this array has {LabelledArray.Describe(array.Axes)}: slice it.", nameof(array));
        var full = ColourLimit.Of(array.Values, limit);
        var name = FigureTitle.Of(title, array);
        var html = new StringBuilder("<h2>").Append(DisplayText.Html(name)).Append("</h2><p>");
        html.Append(DisplayText.Html(array.Provenance.IsEmpty() ? array.Quantity : $"{array.Quantity} · {array.Provenance}")).Append("</p>");
        for (var row = 0; row < (array.Rank == 2 ? array.Axes[0].Length : 1); row++)
            AppendRow(html, array, row, full);
        var decimals = NumberText.Decimals([full]);
        ColourKey.Append(html, Palette.Diverging, NumberText.Typeset(-full, decimals), NumberText.Typeset(full, decimals));
        return new Figure(name, new FigureContent(Css + ColourKey.Css + Palette.Diverging.Css("background"), html.ToString()));
    }

    private static void AppendRow(StringBuilder html, LabelledArray array, int row, double limit)
    {
        var tokens = array.Axes[^1];
        html.Append("<div class=\"ct\">");
        if (array.Rank == 2)
            html.Append("<b>").Append(DisplayText.Html(AxisLabels.Name(array.Axes[0], row))).Append("</b>");
        for (var i = 0; i < tokens.Length; i++)
        {
            var value = array.Values[row * tokens.Length + i];
            var level = Palette.Diverging.Level((value / limit + 1) / 2);
            var classes = double.IsNaN(value) ? "na v" : $"{Palette.Diverging.Class(level)} {Palette.Diverging.Ink(level)}";
            var tip = $"{AxisLabels.Where(tokens, i)}\n{array.Quantity} {(double.IsNaN(value) ? "missing" : NumberText.Short(value))}";
            html.Append($"<span class=\"{classes}\" title=\"{DisplayText.Html(tip)}\">{DisplayText.Html(DisplayText.Token(tokens.Labels[i]))}</span>");
            html.Append(tokens.Labels[i].EndsWith('\n') ? "<br>" : "<wbr>");
        }

        html.Append("</div>");
    }
}
