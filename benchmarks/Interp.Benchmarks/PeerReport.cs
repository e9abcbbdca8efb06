namespace Interp.Benchmarks;

using System.Text.Json;
using Interp.Native;

/// <summary>What one library took for the pieces of work that all are asked for: the JSON that <c>benchmarks/peers/*.py</c> write too.</summary>
internal sealed record PeerReport
{
    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public int Schema { get; init; } = 1;
    public required string Peer { get; init; }
    public required string Version { get; init; }
    public required string Torch { get; init; }
    public required string Blas { get; init; }
    public required string Kernel { get; init; }

    /// <summary>The kernel that <c>OPENBLAS_CORETYPE</c> presets, or null.</summary>
    public string? Preset { get; init; }

    public required int Threads { get; init; }
    public required int Processors { get; init; }
    public required string Processor { get; init; }
    public IReadOnlyList<PeerResult> Results { get; init; } = [];

    /// <summary>This library in this process, nothing measured yet.</summary>
    public static PeerReport Own()
    {
        var blas = TorchRuntime.Blas.Split(", kernel ");
        return new()
        {
            Peer = "Interp", Version = typeof(HookedTransformer).Assembly.GetName().Version?.ToString(3) ?? "", Torch = TorchRuntime.LibTorchVersion,
            Blas = blas[0], Kernel = blas.ElementAtOrDefault(1) ?? "", Preset = Environment.GetEnvironmentVariable("OPENBLAS_CORETYPE") is { Length: > 0 } preset ? preset : null,
            Threads = TorchRuntime.Threads, Processors = Environment.ProcessorCount, Processor = Named(),
        };
    }

    public static PeerReport Parse(string json)
    {
        var report = JsonSerializer.Deserialize<PeerReport>(json, Format)!;
        return report.Schema == 1 ? report : throw new FormatException($"A report of schema {report.Schema}; this program reads 1.");
    }

    public void Save(string path) => File.WriteAllText(path, JsonSerializer.Serialize(this, Format) + "\n");

    public override string ToString() =>
        $"{Peer} {Version}: torch {Torch}, {Blas}, kernel {Kernel}{(Preset is null ? "" : $" (preset: {Preset})")}, {Threads} threads, {Processors} x {Processor}";

    private static string Named() =>
        File.Exists("/proc/cpuinfo") && File.ReadLines("/proc/cpuinfo").FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal)) is { } line
            ? line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim() : "";
}

/// <summary>One piece of work.</summary>
/// <param name="Work">Its name, the same in every report.</param>
/// <param name="Milliseconds">Each round's.</param>
/// <param name="Median">Their median.</param>
internal sealed record PeerResult(string Work, IReadOnlyList<double> Milliseconds, double Median);
