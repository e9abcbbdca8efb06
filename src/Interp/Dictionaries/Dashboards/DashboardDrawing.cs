namespace Interp;

using System.Text;

/// <summary>Draws the page of a feature.</summary>
internal static class DashboardDrawing
{
    internal const string Css = """
        .ifig .fd{display:flex;flex-wrap:wrap;align-items:flex-start;gap:10px 34px;margin:6px 0 4px}.ifig .fd table{border-collapse:collapse;font-variant-numeric:tabular-nums}
        .ifig .fd caption{text-align:left;font-weight:600;padding:0 0 3px;white-space:nowrap}.ifig .fd td{padding:1px 12px 1px 0}.ifig .fd td+td{text-align:right;padding-right:0}
        .ifig .fd .t{font:12px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;white-space:pre;unicode-bidi:plaintext;padding:1px 4px;border-radius:3px;background:#f0f1f3}
        .ifig .ex{font:13px/1.95 ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;max-width:1000px;padding:2px 0 2px 62px;text-indent:-62px;border-top:1px solid #eceef0}
        .ifig .ex span{text-indent:0;padding:2px 2px;border-radius:3px;white-space:pre;unicode-bidi:plaintext}.ifig .ex span:hover{outline:1.5px solid #16181c}.ifig .ex .f{text-decoration:underline;text-underline-offset:3px}
        .ifig .ex em{display:inline-block;width:62px;text-indent:0;font:11px system-ui,-apple-system,"Segoe UI",Arial,sans-serif;color:#636b76;font-variant-numeric:tabular-nums}
        .ifig h3{font-size:13px;font-weight:600;margin:14px 0 4px}.ifig h3 small{font-weight:400;color:#636b76;font-size:12px}
        """ + FigureStyle.Dark + """
        {.ifig .fd .t{background:#24272c}.ifig .ex{border-top-color:#2b2f36}.ifig .ex span:hover{outline-color:#fff}.ifig .ex em,.ifig h3 small{color:#9aa2ad}}
        """;

    public static Figure Draw(FeatureDashboard page)
    {
        var title = $"Feature {NumberText.Fixed(page.Feature, 0)}";
        var parts = new List<Figure> { new(title, new FigureContent(Css, Head(page, title))) };
        if (page.Active > 0)
        {
            parts.Add(page.Histogram.Figure(note: $"{page.Active} of {page.Rows} rows"));
            parts.Add(new Figure("Texts", new FigureContent(Css + Palette.Sequential.Css("background"), Texts(page))));
        }
        return Figure.Page($"{title} of {page.Dictionary}", parts);
    }

    private static string Head(FeatureDashboard page, string title)
    {
        var html = new StringBuilder("<h2>").Append(title).Append("</h2><p>").Append(DisplayText.Html(page.Dictionary)).Append("<br>");
        html.Append(page.Active == 0
            ? $"Dead: never active in {page.Rows} rows."
            : $"Active in {NumberText.Short(100 * page.Density)} % of {page.Rows} rows · mean {NumberText.Short(page.MeanActivation)} where active · largest {NumberText.Short(page.MaxActivation)}");
        html.Append("</p><div class=\"fd\">");
        AppendLogits(html, "Raises the logits of", page.TopLogits);
        AppendLogits(html, "Lowers the logits of", page.BottomLogits);
        if (page.Similar.Length > 0)
        {
            html.Append("<table><caption>Similar directions</caption>");
            foreach (var near in page.Similar)
                html.Append($"<tr><td>feature {near.Feature}</td><td>cos {NumberText.Typeset(near.Cosine, 3)}</td></tr>");
            html.Append("</table>");
        }
        return html.Append("</div>").ToString();
    }

    private static void AppendLogits(StringBuilder html, string name, IReadOnlyList<TokenWeight> tokens)
    {
        if (tokens.Count == 0)
            return;
        html.Append("<table><caption>").Append(name).Append("</caption>");
        foreach (var token in tokens)
            html.Append($"<tr title=\"token {token.Id}\"><td><span class=\"t\">{Shown(token.Token)}</span></td><td>{NumberText.Typeset(token.Weight, 3)}</td></tr>");
        html.Append("</table>");
    }

    private static string Texts(FeatureDashboard page)
    {
        var html = new StringBuilder("<h2>Texts</h2><p>Colour is the activation, full at the feature's largest; the underlined token is the place that the text is shown for.</p>");
        foreach (var group in page.Groups)
        {
            html.Append("<h3>").Append(DisplayText.Html(group.Name)).Append(" <small>").Append($"{NumberText.Short(group.Low)} to {NumberText.Short(group.High)}</small></h3>");
            foreach (var example in group.Examples)
                AppendExample(html, example, page.MaxActivation);
        }
        return html.ToString();
    }

    private static void AppendExample(StringBuilder html, ActivationExample example, double full)
    {
        html.Append($"<div class=\"ex\"><em title=\"text {example.Text}, position {example.Position}\">{NumberText.Short(example.Activation)}</em>");
        for (var i = 0; i < example.Tokens.Length; i++)
        {
            var value = example.Activations[i];
            var level = Palette.Sequential.Level(full > 0 ? value / full : 0);
            var colour = value > 0 ? $"{Palette.Sequential.Class(level)} {Palette.Sequential.Ink(level)} " : "";
            var tip = DisplayText.Visible(example.Tokens[i]) + (value > 0 ? $"\nactivation {NumberText.Short(value)}" : "");
            html.Append($"<span class=\"{colour}{(i == example.Focus ? "f" : "")}\" title=\"{DisplayText.Html(tip)}\">{Shown(example.Tokens[i])}</span><wbr>");
        }
        html.Append("</div>");
    }

    private static string Shown(string token) => DisplayText.Html(DisplayText.Token(token));
}
