namespace Interp;

using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

/// <summary>What an area claims: the rows of its table, as declared in <c>eng/evidence/AREA.json</c>, and which tests and benchmarks show them.</summary>
internal sealed record EvidenceArea(string Title, string? Filter, string[]? Benchmarks, EvidenceRow[] Rows);

/// <summary>One claim: what holds, how it is shown, the cases that must each have a figure, and a word on why it is open.</summary>
internal sealed record EvidenceRow(string Id, string Text, string How, string[]? Cases, string? Note);

/// <summary>One measured figure of a row.</summary>
internal sealed record EvidenceFigure(string Row, bool Holds, string Figure, string By);

/// <summary>One area's last full run: where, when, at which commit, and its figures.</summary>
internal sealed record EvidenceRun(string Commit, string Date, string Machine, string Tests, EvidenceFigure[] Figures);

/// <summary>The page <c>docs/evidence.md</c>, drawn from the declared rows and the recorded runs.</summary>
internal static class EvidencePage
{
    /// <summary>How the declarations and the recorded runs are written.</summary>
    public static JsonSerializerOptions Json { get; } =
        new(JsonSerializerDefaults.Web)
        {
            WriteIndented = true,
            IndentSize = 2,
            NewLine = "\n",
            Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        };

    /// <summary>The declared areas under <c>eng/evidence</c>, by file name.</summary>
    public static SortedDictionary<string, EvidenceArea> ReadAreas(string root)
    {
        var areas = new SortedDictionary<string, EvidenceArea>(StringComparer.Ordinal);
        foreach (var file in Directory.EnumerateFiles(Path.Combine(root, "eng", "evidence"), "*.json"))
            areas[Path.GetFileNameWithoutExtension(file)] = JsonSerializer.Deserialize<EvidenceArea>(File.ReadAllText(file), Json)!;
        return areas;
    }

    /// <summary>The recorded runs of <c>docs/evidence.json</c>, by area; empty where there is none yet.</summary>
    public static SortedDictionary<string, EvidenceRun> ReadRuns(string root)
    {
        var path = Path.Combine(root, "docs", "evidence.json");
        return new(
            File.Exists(path) ? JsonSerializer.Deserialize<Dictionary<string, EvidenceRun>>(File.ReadAllText(path), Json)! : [],
            StringComparer.Ordinal
        );
    }

    /// <summary>The page's text.</summary>
    public static string Render(SortedDictionary<string, EvidenceArea> areas, SortedDictionary<string, EvidenceRun> runs)
    {
        var page = new StringBuilder();
        page.Append(
            """
            # Evidence

            What this library claims, how each claim is shown, and what was measured. `bash eng/evidence.sh [area]` runs every row in full
            and writes this page from the figures it records in `evidence.json`. Equality of arrays is
            max |difference| / max |stored value|.

            """.ReplaceLineEndings("\n")
        );
        foreach (var (name, area) in areas)
            AppendArea(page, area, runs.GetValueOrDefault(name));
        return page.ToString();
    }

    /// <summary>Whether a row holds: "yes", "**no**" or "open".</summary>
    public static string Verdict(EvidenceRow row, EvidenceFigure[] figures) =>
        figures.Any(figure => !figure.Holds) ? "**no**"
        : figures.Length == 0 || MissingCases(row, figures).Any() ? "open"
        : "yes";

    private static void AppendArea(StringBuilder page, EvidenceArea area, EvidenceRun? run)
    {
        var rows = area.Rows.Select(row => (row, figures: FiguresOf(row, run))).ToArray();
        var verdicts = rows.Select(entry => Verdict(entry.row, entry.figures)).ToArray();
        page.Append($"\n## {area.Title}\n\n");
        page.Append($"{Count("yes")} of {rows.Length} rows hold, {Count("**no**")} do not, {Count("open")} are open.\n");
        if (run is not null)
            page.Append($"Measured on {run.Date} at commit {run.Commit}. {run.Machine}. Tests in full: {run.Tests}.\n");
        page.Append("\n| what | how it is shown | holds | measured |\n|---|---|---|---|\n");
        foreach (var ((row, figures), verdict) in rows.Zip(verdicts))
            page.Append($"| {Cell(row.Text)} | {Cell(row.How)} | {verdict} | {Measured(row, figures)} |\n");
        int Count(string verdict) => verdicts.Count(v => v == verdict);
    }

    private static EvidenceFigure[] FiguresOf(EvidenceRow row, EvidenceRun? run) =>
        run is null ? [] : [.. run.Figures.Where(figure => figure.Row == row.Id)];

    // A case has its figure when one begins with its name, followed by a space or a colon.
    private static IEnumerable<string> MissingCases(EvidenceRow row, EvidenceFigure[] figures) =>
        (row.Cases ?? []).Where(name =>
            !figures.Any(f =>
                f.Figure.StartsWith(name + ":", StringComparison.Ordinal) || f.Figure.StartsWith(name + " ", StringComparison.Ordinal)
            )
        );

    private static string Measured(EvidenceRow row, EvidenceFigure[] figures)
    {
        var lines = figures.Select(figure => (figure.Holds ? "" : "does not hold: ") + figure.Figure).Distinct().Select(Cell).ToList();
        if (figures.Length > 0 && MissingCases(row, figures).ToArray() is { Length: > 0 } missing)
            lines.Add($"no figure for {string.Join(", ", missing)}");
        if (row.Note is { } note)
            lines.Add(Cell(note));
        return string.Join("<br>", lines);
    }

    private static string Cell(string text) => text.ReplaceLineEndings(" ").Replace("|", "\\|").Replace("<", "&lt;");
}
