namespace Interp;

using System.Text;

/// <summary>What notebook views are made of.</summary>
internal static class NotebookHtml
{
    private const string Font = "<div style=\"font-family:system-ui,sans-serif\">";

    /// <summary>Text as it would stand in a terminal.</summary>
    public static string Text(string text) => $"<div><pre style=\"white-space:pre-wrap\">{DisplayText.Html(text)}</pre></div>";

    /// <summary>A line of text above HTML.</summary>
    public static string Under(string heading, string html) => $"{Font}<p>{DisplayText.Html(heading)}</p>{html}</div>";

    /// <summary>A line of text above a table.</summary>
    public static string Under(string heading, TextTable table)
    {
        var html = new StringBuilder();
        table.AppendHtml(html);
        return Under(heading, html.ToString());
    }

    /// <summary>A line of text above an array's own view.</summary>
    public static string Under(string heading, LabelledArray array) => Under(heading, ((INotebookView)array).Html);

    /// <summary>A line of text above the strongest entries of an array.</summary>
    public static string Strongest(string heading, LabelledArray array, int count = 12)
    {
        var table = new TextTable(string.Join(", ", array.Axes.Select(a => a.Name)), array.Quantity);
        foreach (var entry in array.Top(count))
            table.Add(string.Join(", ", entry.Labels.Select(DisplayText.Visible)), NumberText.Short(entry.Value));
        return Under(heading, table);
    }
}
