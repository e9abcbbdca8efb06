namespace Interp;

/// <summary>What a lens reads at every layer and position: rows are layers, columns positions.</summary>
[TypeFormatterSource(typeof(NotebookFormatters))]
public sealed class LensTable : INotebookView
{
    private const int TokenWidth = 12;
    private readonly LensCell[][] cells;

    /// <summary>Puts cells under their labels.</summary>
    /// <param name="layers">One label a row, first layer first.</param>
    /// <param name="positions">One label a column: the input tokens.</param>
    /// <param name="cells">The cells, <c>[layer][pos]</c>.</param>
    /// <param name="title">The title.</param>
    /// <exception cref="ArgumentException">The cells are not one per layer and position.</exception>
    public LensTable(Axis layers, Axis positions, IReadOnlyList<IReadOnlyList<LensCell>> cells, string title = "Logit lens")
    {
        ArgumentNullException.ThrowIfNull(layers);
        ArgumentNullException.ThrowIfNull(positions);
        ArgumentNullException.ThrowIfNull(cells);
        if (cells.Count != layers.Length)
            throw new ArgumentException($"{cells.Count} rows of cells for {layers.Length} layers.", nameof(cells));
        for (var row = 0; row < cells.Count; row++)
            if (cells[row].Count != positions.Length)
                throw new ArgumentException($"{cells[row].Count} cells at {AxisLabels.Where(layers, row)} for {positions.Length} positions.", nameof(cells));
        (Layers, Positions, Title) = (layers, positions, title);
        this.cells = [.. cells.Select(row => row.ToArray())];
    }

    /// <summary>The rows.</summary>
    public Axis Layers { get; }

    /// <summary>The columns.</summary>
    public Axis Positions { get; }

    /// <summary>The title.</summary>
    public string Title { get; }

    /// <summary>The cell at a layer and a position.</summary>
    public LensCell this[Index layer, Index position] => cells[layer][position];

    string INotebookView.Html => Draw().Fragment;

    /// <summary>Draws the table, coloured by probability; the highest-ranked tokens show on hover.</summary>
    /// <param name="title">The title; null takes the table's own.</param>
    public Figure Draw(string? title = null) => LensTableDrawing.Draw(this, title ?? Title);

    /// <summary>Writes the table to the console.</summary>
    /// <param name="width">The width in characters; wider tables continue below. Null takes the terminal's, or 120 where there is none.</param>
    public void Print(int? width = null) => Console.Out.Write(ToTable(width ?? TextTable.TerminalWidth()));

    /// <summary>The table as aligned text: token and probability at every layer and position.</summary>
    /// <param name="width">The width in characters; wider tables continue below.</param>
    public string ToTable(int width = 120)
    {
        var table = new TextTable([$"{Layers.Name} \\ {Positions.Name}", .. Positions.Labels.Select(l => TextMetrics.Cut(DisplayText.Token(l), TokenWidth))]);
        for (var row = 0; row < cells.Length; row++)
            table.Add([DisplayText.Visible(Layers.Labels[row]), .. cells[row].Select(c => $"{TextMetrics.Cut(DisplayText.Token(c.Token), TokenWidth)} {NumberText.Fixed(c.Probability, 2)}")]);
        var text = new System.Text.StringBuilder(Title).Append('\n');
        table.Append(text, width);
        return text.ToString();
    }

    /// <summary>The title and the table.</summary>
    public override string ToString() => ToTable().TrimEnd('\n');
}
