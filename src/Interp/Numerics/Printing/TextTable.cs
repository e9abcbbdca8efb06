using System.Text;

namespace Interp;

/// <summary>An aligned table of text: the first column to the left, the others to the right unless said otherwise.</summary>
internal sealed class TextTable
{
    private const string Gap = "  ";
    private readonly string[] headers;
    private readonly List<string[]> rows = [];
    private readonly HashSet<int> left = [0];

    public TextTable(params string[] headers) => this.headers = headers;

    /// <summary>Aligns a column to the left.</summary>
    public TextTable Left(params ReadOnlySpan<int> columns)
    {
        foreach (var column in columns)
            left.Add(column);
        return this;
    }

    public TextTable Add(params string[] cells)
    {
        if (cells.Length != headers.Length)
            throw new ArgumentException($"{cells.Length} cells for {headers.Length} columns.", nameof(cells));
        rows.Add(cells);
        return this;
    }

    /// <summary>Appends the table; columns that do not fit continue below with the first column repeated.</summary>
    /// <returns>How many rows were written.</returns>
    public int Append(StringBuilder text, int width, int limit = int.MaxValue)
    {
        var widths = new int[headers.Length];
        for (var c = 0; c < headers.Length; c++)
            widths[c] = rows.Select(r => DisplayText.Columns(r[c])).Append(DisplayText.Columns(headers[c])).Max();

        var written = 0;
        for (var start = 1; start < headers.Length || start == 1; )
        {
            var end = LastFitting(widths, start, width);
            written += AppendBlock(text, widths, start, end, limit - written);
            if (end >= headers.Length || written >= limit)
                break;
            text.Append('\n');
            start = end;
        }

        return written;
    }

    public void AppendHtml(StringBuilder html)
    {
        html.Append("<table><thead><tr>");
        foreach (var header in headers)
            html.Append("<th>").Append(DisplayText.Html(header)).Append("</th>");
        html.Append("</tr></thead><tbody>");
        foreach (var row in rows)
        {
            html.Append("<tr><th>").Append(DisplayText.Html(row[0])).Append("</th>");
            foreach (var cell in row.Skip(1))
                html.Append("<td>").Append(DisplayText.Html(cell)).Append("</td>");
            html.Append("</tr>");
        }

        html.Append("</tbody></table>");
    }

    public override string ToString()
    {
        var text = new StringBuilder();
        Append(text, int.MaxValue);
        return text.ToString();
    }

    /// <summary>The width of the terminal, or 120 where the output is none.</summary>
    public static int TerminalWidth()
    {
        try
        {
            return !Console.IsOutputRedirected && Console.WindowWidth > 20 ? Console.WindowWidth : 120;
        }
        catch (IOException)
        {
            return 120;
        }
    }

    private static int LastFitting(int[] widths, int start, int width)
    {
        var used = widths[0];
        var end = start;
        while (end < widths.Length && (end == start || used + Gap.Length + widths[end] <= width))
            used += Gap.Length + widths[end++];
        return end;
    }

    private int AppendBlock(StringBuilder text, int[] widths, int start, int end, int limit)
    {
        AppendLine(text, headers, widths, start, end);
        var count = Math.Min(rows.Count, limit);
        for (var r = 0; r < count; r++)
            AppendLine(text, rows[r], widths, start, end);
        return count;
    }

    private void AppendLine(StringBuilder text, string[] cells, int[] widths, int start, int end)
    {
        var line = new StringBuilder(Padded(cells[0], widths[0], left.Contains(0)));
        for (var c = start; c < end; c++)
            line.Append(Gap).Append(Padded(cells[c], widths[c], left.Contains(c)));
        text.Append(line.ToString().TrimEnd()).Append('\n');
    }

    private static string Padded(string cell, int width, bool toLeft)
    {
        var space = new string(' ', Math.Max(0, width - DisplayText.Columns(cell)));
        return toLeft ? cell + space : space + cell;
    }
}
