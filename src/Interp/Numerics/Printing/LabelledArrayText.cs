using System.Text;

namespace Interp;

/// <summary>Labelled arrays as text tables and as a plain HTML table.</summary>
internal static class LabelledArrayText
{
    private const int HtmlCells = 4000;

    /// <summary>Appends tables of the last two axes, one for each index of the axes before them, at most <paramref name="rows"/> lines in all.</summary>
    public static void Append(StringBuilder text, LabelledArray array, int width, int rows)
    {
        var left = rows;
        foreach (var (heading, table) in Panels(array, NumberText.Decimals(array.Values)))
        {
            if (heading.Length > 0)
                text.Append(heading).Append('\n');
            left -= table.Append(text, width, left);
            if (left > 0)
                continue;
            text.Append("...\n");
            return;
        }
    }

    /// <summary>A table for notebooks: the last axis across, every other down.</summary>
    public static string Html(LabelledArray array, string heading)
    {
        var html = new StringBuilder("<div style=\"font-family:system-ui,sans-serif\"><p>").Append(DisplayText.Html(heading)).Append("</p>");
        if (array.Count > HtmlCells)
            return html.Append("<pre>").Append(DisplayText.Html(array.ToString())).Append("</pre></div>").ToString();
        var decimals = NumberText.Decimals(array.Values);
        foreach (var (panel, table) in Panels(array, decimals))
        {
            if (panel.Length > 0)
                html.Append("<p>").Append(DisplayText.Html(panel)).Append("</p>");
            table.AppendHtml(html);
        }

        return html.Append("</div>").ToString();
    }

    private static IEnumerable<(string Heading, TextTable Table)> Panels(LabelledArray array, int decimals)
    {
        if (array.Rank <= 2)
        {
            yield return ("", Table(array, decimals));
            yield break;
        }

        var outer = array.Axes[0];
        for (var i = 0; i < outer.Length; i++)
            foreach (var (heading, table) in Panels(array.Slice(outer.Name, i), decimals))
                yield return ($"{outer.Name} {DisplayText.Visible(outer.Labels[i])}{(heading.Length > 0 ? ", " : "")}{heading}", table);
    }

    private static TextTable Table(LabelledArray array, int decimals)
    {
        if (array.Rank == 0)
            return new TextTable(array.Quantity).Add(NumberText.Fixed(array.Values[0], decimals));
        if (array.Rank == 1)
            return Column(array, decimals);

        var (rows, columns) = (array.Axes[0], array.Axes[1]);
        var table = new TextTable([$"{rows.Name} \\ {columns.Name}", .. columns.Labels.Select(DisplayText.Visible)]);
        for (var r = 0; r < rows.Length; r++)
        {
            var cells = new string[columns.Length + 1];
            cells[0] = DisplayText.Visible(rows.Labels[r]);
            for (var c = 0; c < columns.Length; c++)
                cells[c + 1] = NumberText.Fixed(array.Values[r * columns.Length + c], decimals);
            table.Add(cells);
        }

        return table;
    }

    private static TextTable Column(LabelledArray array, int decimals)
    {
        var table = new TextTable(array.Axes[0].Name, array.Quantity);
        for (var i = 0; i < array.Count; i++)
            table.Add(DisplayText.Visible(array.Axes[0].Labels[i]), NumberText.Fixed(array.Values[i], decimals));
        return table;
    }
}
