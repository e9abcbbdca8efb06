#!/usr/bin/env dotnet
// Merges one area's recorded figures into docs/evidence.json and writes docs/evidence.md.
// dotnet run eng/evidence/render.cs -- VERB
//   page                                   write the page from what is recorded
//   merge AREA FIGURES COMMIT DATE TESTS   replace the area's figures by the lines of FIGURES, then write the page
//   areas                                  the declared areas, one a line, with each one's test filter (- for all) and its benchmarks
//   machine                                one line: processor, cores, BLAS and its kernel
#:property PublishAot=false
#:include EvidencePage.cs
#:include Machine.cs

using System.Text.Json;
using Interp;

var root = Path.GetFullPath(Path.Combine((string)AppContext.GetData("EntryPointFileDirectoryPath")!, "..", ".."));
var areas = EvidencePage.ReadAreas(root);
switch (args)
{
    case ["areas"]:
        foreach (var (name, area) in areas)
            Console.WriteLine($"{name}\t{(string.IsNullOrEmpty(area.Filter) ? "-" : area.Filter)}\t{string.Join(' ', area.Benchmarks ?? [])}");
        return 0;
    case ["machine"]:
        Console.WriteLine(Machine.Describe());
        return 0;
    case ["page"]:
        Write(EvidencePage.ReadRuns(root));
        return 0;
    case ["merge", var name, var path, var commit, var date, var tests]:
        return Merge(name, path, commit, date, tests);
    default:
        Console.Error.WriteLine("usage: page | areas | machine | merge AREA FIGURES COMMIT DATE TESTS");
        return 2;
}

int Merge(string name, string path, string commit, string date, string tests)
{
    if (!areas.TryGetValue(name, out var area))
    {
        Console.Error.WriteLine($"no area '{name}'; declared: {string.Join(", ", areas.Keys)}");
        return 2;
    }
    var figures = !File.Exists(path)
        ? []
        : File.ReadLines(path)
            .Where(line => line.Length > 0)
            .Select(line => JsonSerializer.Deserialize<EvidenceFigure>(line, EvidencePage.Json)!)
            .ToArray();
    var declared = areas.Values.SelectMany(a => a.Rows).Select(row => row.Id).ToHashSet();
    var unknown = figures.Select(figure => figure.Row).Where(row => !declared.Contains(row)).Distinct().ToArray();
    var own = area.Rows.Select(row => row.Id).ToHashSet();
    var runs = EvidencePage.ReadRuns(root);
    runs[name] = new EvidenceRun(
        commit,
        date,
        Machine.Describe(),
        tests,
        [
            .. figures
                .Where(figure => own.Contains(figure.Row))
                .OrderBy(figure => figure.Row, StringComparer.Ordinal)
                .ThenBy(figure => figure.Figure, StringComparer.Ordinal),
        ]
    );
    File.WriteAllText(Path.Combine(root, "docs", "evidence.json"), JsonSerializer.Serialize(runs, EvidencePage.Json) + "\n");
    Write(runs);
    if (unknown.Length == 0)
        return 0;
    Console.Error.WriteLine($"figures of undeclared rows: {string.Join(", ", unknown)}; declare them in eng/evidence/AREA.json");
    return 1;
}

void Write(SortedDictionary<string, EvidenceRun> runs) =>
    File.WriteAllText(Path.Combine(root, "docs", "evidence.md"), EvidencePage.Render(areas, runs));
