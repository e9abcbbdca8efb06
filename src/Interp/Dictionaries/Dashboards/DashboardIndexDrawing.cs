namespace Interp;

using System.Text;

/// <summary>Draws the table of all features.</summary>
internal static class DashboardIndexDrawing
{
    private const string Css = """
        .ifig .ix{border-collapse:collapse;font-variant-numeric:tabular-nums}.ifig .ix th{cursor:pointer;text-align:left;font-weight:600;padding:3px 22px 3px 0;border-bottom:1px solid #c9cdd3}
        .ifig .ix td{padding:2px 22px 2px 0;vertical-align:top}.ifig .ix tbody tr:hover{background:#f4f5f7}.ifig .ix a{color:#1d65a8}
        .ifig .ix i{font:12px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;white-space:pre;unicode-bidi:plaintext;padding:1px 3px;margin-right:4px;border-radius:3px;background:#f0f1f3}
        """ + FigureStyle.Dark + """
        {.ifig .ix th{border-bottom-color:#3a3f47}.ifig .ix tbody tr:hover{background:#1e2126}.ifig .ix a{color:#6cb2ee}.ifig .ix i{background:#24272c}}
        """;

    // A click on a heading sorts by its column: numbers by their size, the larger first at the second click.
    private const string Script = """
        var b=fig.querySelector('.ix tbody');fig.querySelectorAll('.ix th').forEach(function(h,c){var up=false;h.addEventListener('click',function(){up=!up;
        Array.from(b.rows).map(function(r){return [parseFloat(r.cells[c].dataset.v),r]}).sort(function(x,y){var a=isNaN(x[0])?0:x[0],d=isNaN(y[0])?0:y[0];return up?a-d:d-a})
        .forEach(function(x){b.appendChild(x[1])})})});
        """;

    public static Figure Draw(FeatureDashboards boards, bool linked)
    {
        var dead = boards.Features.Count(f => f.Active == 0);
        double[] densities = [.. boards.Features.Where(f => f.Active > 0).Select(f => Math.Log10(f.Density))];
        var histogram = new LabelledArray([new Axis("feature", densities.Length)], densities, "log10 density")
            .Histogram($"Densities of {boards.Features.Count} features, {dead} of them dead");
        var table = new Figure("Features", new FigureContent(Css, Table(boards, linked), Script: Script));
        return Figure.Page($"Features of {boards.Dictionary}", table, histogram);
    }

    private static string Table(FeatureDashboards boards, bool linked)
    {
        var html = new StringBuilder("<h2>Features</h2><p>").Append(DisplayText.Html(boards.Dictionary)).Append("</p><table class=\"ix\"><thead><tr>");
        foreach (var heading in new[] { "feature", "density, %", "largest", "raises the logits of", "strongest at" })
            html.Append("<th>").Append(heading).Append("</th>");
        html.Append("</tr></thead><tbody>");
        foreach (var feature in boards.Features)
            AppendRow(html, feature, linked);
        return html.Append("</tbody></table>").ToString();
    }

    private static void AppendRow(StringBuilder html, FeatureDashboard feature, bool linked)
    {
        var number = NumberText.Fixed(feature.Feature, 0);
        var name = linked ? $"<a href=\"{FeatureDashboards.PageName(feature.Feature)}\">{number}</a>" : number;
        html.Append($"<tr><td data-v=\"{number}\">{name}</td>").Append(Cell(100 * feature.Density)).Append(Cell(feature.MaxActivation)).Append("<td>");
        AppendTokens(html, feature.TopLogits.Take(5).Select(t => t.Token));
        html.Append("</td><td>");
        AppendTokens(html, feature.Groups.Take(1).SelectMany(g => g.Examples).Select(e => e.Tokens[e.Focus]).Distinct().Take(5));
        html.Append("</td></tr>");
    }

    private static string Cell(double value) => $"<td data-v=\"{NumberText.Svg(value * 1e6)}\">{NumberText.Short(value)}</td>";

    private static void AppendTokens(StringBuilder html, IEnumerable<string> tokens)
    {
        foreach (var token in tokens)
            html.Append("<i>").Append(DisplayText.Html(DisplayText.Token(token))).Append("</i>");
    }
}
