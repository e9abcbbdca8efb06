namespace Interp.Notebooks.Tests.Tour;

using System.Text.Json;

/// <summary>Reads notebooks in both of their formats.</summary>
internal static class NotebookFile
{
    public static IReadOnlyList<NotebookCell> Read(string path) =>
        Path.GetExtension(path) == ".ipynb" ? Jupyter(File.ReadAllText(path)) : Interactive(File.ReadAllText(path));

    /// <summary>A cell begins at a line with the name of its language behind <c>#!</c>; a block <c>#!meta</c> is no cell.</summary>
    private static List<NotebookCell> Interactive(string text)
    {
        List<(string Kind, List<string> Lines)> blocks = [];
        foreach (var line in text.ReplaceLineEndings("\n").Split('\n'))
            if (line is "#!csharp" or "#!markdown" or "#!meta")
                blocks.Add((line[2..], []));
            else if (blocks.Count > 0)
                blocks[^1].Lines.Add(line);
        return [.. blocks.Where(b => b.Kind != "meta").Select(b => new NotebookCell(b.Kind, string.Join('\n', b.Lines).Trim('\n')))];
    }

    /// <summary>The JSON of Jupyter, format 4: a cell's source is a list of lines.</summary>
    private static List<NotebookCell> Jupyter(string text)
    {
        using var document = JsonDocument.Parse(text);
        var kernel = document.RootElement.GetProperty("metadata").GetProperty("kernelspec").GetProperty("name").GetString();
        if (kernel != ".net-csharp" || document.RootElement.GetProperty("nbformat").GetInt32() != 4)
            throw new InvalidDataException($"a notebook of format 4 for .net-csharp was expected, this one is for {kernel}");
        return [.. document.RootElement.GetProperty("cells").EnumerateArray().Select(Cell)];
    }

    private static NotebookCell Cell(JsonElement cell) => new(
        cell.GetProperty("cell_type").GetString() == "code" ? "csharp" : "markdown",
        string.Concat(cell.GetProperty("source").EnumerateArray().Select(line => line.GetString())));
}
