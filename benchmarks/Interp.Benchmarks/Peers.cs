namespace Interp.Benchmarks;

/// <summary>The same work by this library and by those Python libraries that are installed, turn by turn; or reports that were written before, side by side.</summary>
internal static class Peers
{
    private static readonly string[] Scripts = ["bare_torch.py", "transformer_lens_peer.py", "sae_lens_peer.py"];

    /// <summary>Arguments: --only WORK, --json FOLDER (a report of each library); or: table FILE...</summary>
    public static void Run(string[] arguments)
    {
        if (arguments.Length > 0 && arguments[0] == "table")
        {
            PeerTable.Print([.. arguments[1..].Select(file => PeerReport.Parse(File.ReadAllText(file)))]);
            return;
        }
        var (only, folder) = (Option(arguments, "--only"), Option(arguments, "--json"));
        var peers = Scripts.Select(PythonPeer.Start).OfType<PythonPeer>().ToArray();
        try
        {
            PeerReport[] reports = [PeerReport.Own(), .. peers.Select(p => p.Report)];
            using var works = new PeerWorks();
            foreach (var (name, rounds, action) in works.All.Where(w => only is null || w.Name.Contains(only, StringComparison.Ordinal)))
                reports = Measured(reports, peers, name, rounds, action);
            PeerTable.Print(reports);
            if (folder is null)
                return;
            Directory.CreateDirectory(folder);
            foreach (var report in reports)
                report.Save(Path.Combine(folder, $"{report.Peer}.json"));
        }
        finally
        {
            foreach (var peer in peers)
                peer.Dispose();
        }
    }

    private static PeerReport[] Measured(PeerReport[] reports, PythonPeer[] peers, string name, int rounds, Action action)
    {
        var able = peers.Select((p, i) => (Peer: p, Report: i + 1)).Where(p => p.Peer.Works.Contains(name)).ToArray();
        if (able.Length == 0)
            return reports;
        var times = Timing.Alternate(rounds, [() => Timing.Of(action), .. able.Select(p => (Func<double>)(() => p.Peer.Ask(name)))]);
        Console.Error.WriteLine($"{name}: {string.Join(", ", times.Select(t => $"{Timing.Median(t):f1} ms"))}");
        int[] places = [0, .. able.Select(p => p.Report)];
        for (var i = 0; i < places.Length; i++)
            reports[places[i]] = reports[places[i]] with { Results = [.. reports[places[i]].Results, new PeerResult(name, times[i], Timing.Median(times[i]))] };
        return reports;
    }

    private static string? Option(string[] arguments, string name) => Array.IndexOf(arguments, name) is >= 0 and var at && at + 1 < arguments.Length ? arguments[at + 1] : null;
}
