// Writes the .ipynb of each notebook in samples/notebooks from its .dib, where it is written by hand.
//
//   dotnet run eng/notebooks.cs
#:property PublishAot=false
#:property JsonSerializerIsReflectionEnabledByDefault=true
using System.Runtime.CompilerServices;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

var folder = Path.Combine(Here(), "..", "samples", "notebooks");
foreach (var path in Directory.EnumerateFiles(folder, "*.dib").Order(StringComparer.Ordinal))
{
    var cells = new JsonArray([.. Cells(File.ReadAllText(path)).Select((cell, i) => Cell(cell.Kind, cell.Text, i))]);
    var options = new JsonSerializerOptions { WriteIndented = true, IndentSize = 1, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    var notebook = new JsonObject
    {
        ["cells"] = cells,
        ["metadata"] = new JsonObject
        {
            ["kernelspec"] = new JsonObject { ["display_name"] = ".NET (C#)", ["language"] = "C#", ["name"] = ".net-csharp" },
            ["language_info"] = new JsonObject { ["name"] = "polyglot-notebook" },
        },
        ["nbformat"] = 4,
        ["nbformat_minor"] = 5,
    };
    File.WriteAllText(Path.ChangeExtension(path, ".ipynb"), notebook.ToJsonString(options) + "\n");
    Console.WriteLine($"{Path.GetFileNameWithoutExtension(path)}: {cells.Count} cells");
}

// Kind and text of each cell; the block of metadata at the top is none.
static IEnumerable<(string Kind, string Text)> Cells(string dib)
{
    string? kind = null;
    var lines = new List<string>();
    foreach (var line in dib.ReplaceLineEndings("\n").Split('\n').Append("#!end"))
    {
        if (line is not ("#!csharp" or "#!markdown" or "#!meta" or "#!end"))
        {
            lines.Add(line);
            continue;
        }
        if (kind is "csharp" or "markdown")
            yield return (kind, string.Join('\n', lines).Trim('\n'));
        (kind, lines) = (line[2..], []);
    }
}

static JsonNode Cell(string kind, string text, int number)
{
    var lines = text.Split('\n');
    var cell = new JsonObject
    {
        ["cell_type"] = kind == "csharp" ? "code" : "markdown",
        ["id"] = $"cell-{number}",
        ["metadata"] = new JsonObject(),
        ["source"] = new JsonArray([.. lines.Select((line, i) => JsonValue.Create(i == lines.Length - 1 ? line : line + "\n"))]),
    };
    if (kind == "csharp")
        (cell["execution_count"], cell["outputs"]) = (null, new JsonArray());
    return cell;
}

static string Here([CallerFilePath] string file = "") => Path.GetDirectoryName(file)!;
