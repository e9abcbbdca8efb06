namespace Interp.Benchmarks;

using System.Globalization;
using System.Text;

/// <summary>Reports side by side, as Markdown: milliseconds of each, and how many times the first one's each of the others took.</summary>
internal static class PeerTable
{
    public static void Print(IReadOnlyList<PeerReport> reports)
    {
        if (reports.Count < 2)
        {
            Console.WriteLine("A table needs two reports at least: install a peer (benchmarks/README.md), or name two files.");
            return;
        }
        Console.WriteLine();
        foreach (var report in reports)
            Console.WriteLine($"* {report}");
        foreach (var warning in Differences(reports))
            Console.WriteLine($"* {warning}");
        Console.WriteLine();
        Console.Write(Text(reports));
    }

    private static string Text(IReadOnlyList<PeerReport> reports)
    {
        var text = new StringBuilder($"| work | {string.Join(" | ", reports.Select((r, i) => i == 0 ? $"{r.Peer}, ms" : $"{r.Peer}, ms | times"))} |\n");
        text.Append("|---|").Append(string.Concat(Enumerable.Repeat("---|", 2 * reports.Count - 1))).Append('\n');
        foreach (var work in reports.SelectMany(r => r.Results).Select(r => r.Work).Distinct())
        {
            var medians = reports.Select(r => r.Results.FirstOrDefault(x => x.Work == work)?.Median).ToArray();
            var cells = medians.Select((m, i) => i == 0 ? Number(m, "f0") : $"{Number(m, "f0")} | {Number(m / medians[0], "f2")}");
            text.Append(CultureInfo.InvariantCulture, $"| {work} | {string.Join(" | ", cells)} |\n");
        }
        return text.ToString();
    }

    private static string Number(double? value, string format) => value?.ToString(format, CultureInfo.InvariantCulture) ?? "";

    // What makes times of two reports differ before any library does.
    private static IEnumerable<string> Differences(IReadOnlyList<PeerReport> reports)
    {
        foreach (var (what, values) in new (string, IEnumerable<string>)[]
        {
            ("processor", reports.Select(r => r.Processor)), ("BLAS", reports.Select(r => r.Blas.Split(" (")[0])), ("BLAS kernel", reports.Select(r => r.Kernel)),
            ("number of threads", reports.Select(r => r.Threads.ToString(CultureInfo.InvariantCulture))),
        })
            if (values.Distinct().Count() > 1)
                yield return $"not the same {what}: {string.Join(", ", values)}; the ratios hold that difference";
        foreach (var report in reports.Where(r => r.Preset is not null))
            yield return $"{report.Peer} ran with OPENBLAS_CORETYPE={report.Preset}: unset it and measure again";
    }
}
