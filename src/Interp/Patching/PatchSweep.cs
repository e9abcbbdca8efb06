namespace Interp;

using static TorchSharp.torch;

/// <summary>Sweeps that share their runs: runs base and source, finds the units that differ, has them run, and gathers the metrics.</summary>
internal sealed class PatchSweep(Contrast contrast, PatchSource source, IReadOnlyList<IPatchCells> parts, PatchOptions options)
{
    // The experiments of all parts, numbered through.
    private readonly PatchCell[] cells = [.. parts.SelectMany(p => p.Cells).Select((cell, i) => cell with { Index = i })];

    public IReadOnlyList<PatchResult> Run(IProgress<int>? progress, CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var planned = options is { Strategy: PatchStrategy.Planned, Within: null } && RaggedPatches.Applies(contrast)
            ? cells.Where(c => StreamEntry.Knows(contrast.Model, c) && (source.IsOneRun || StreamEntry.Placed(contrast.Model, c.Unit.Site) == c.Unit.Site)).ToArray() : [];
        var wholes = parts.SelectMany(p => p.Wholes).ToArray();
        using var own = contrast.BasePlan.Capture(planned.Length == 0 ? wholes : wholes.Concat(RaggedPatches.Needs(contrast.Model, planned)))
            .LogitsAt(contrast.Metric.Positions).Run(cancellation);
        var unpatched = contrast.Read(own.Logits);
        var read = planned.Length == 0 ? wholes : wholes.Concat(Placed(planned));
        var (values, supplied) = source.Read([.. read], own.Cache, cancellation);
        using (values)
        {
            var metrics = Metrics(values, own.Cache, unpatched, planned, progress, cancellation);
            if (supplied is not null && supplied.SequenceEqual(unpatched) && metrics.All(m => m.SequenceEqual(unpatched)) && Changes(values, own.Cache))
                throw new InvalidOperationException($"The metric '{contrast.Metric.Name}' is the same in both runs and with every patch, to the last bit: it does not depend on the activations. Compute it from the logits it is given.");
            return Results(metrics, unpatched, supplied);
        }
    }

    private bool Changes(ActivationCache values, ActivationCache own) => parts.Any(p => p.Differing(values, own).Any(d => d));

    // [experiment][prompt].
    private double[][] Metrics(
        ActivationCache values, ActivationCache own, double[] unpatched, PatchCell[] planned, IProgress<int>? progress, CancellationToken cancellation)
    {
        var metrics = Enumerable.Repeat(unpatched, cells.Length).ToArray();
        // Units that are equal in both runs change nothing: they keep the unpatched metric and are not run.
        var differs = options.Strategy == PatchStrategy.Serial ? null : parts.SelectMany(p => p.Differing(values, own)).ToArray();
        var running = differs is null ? cells : cells.Where(c => differs[c.Index]).ToArray();
        var ragged = planned.Where(c => differs is null || differs[c.Index]).ToArray();
        var done = cells.Length - running.Length;
        progress?.Report(done);
        (IPatchRunner Runner, IReadOnlyList<PatchCell> Cells)[] shares =
        [
            (new RaggedPatches(contrast, values, own, unpatched, source.FirstChanged, options.MemoryBudget), ragged),
            (options.Strategy == PatchStrategy.Serial
                ? new SerialPatches(contrast, values, options.Within)
                : new BatchedPatches(contrast, values, options.MemoryBudget, options.Within), [.. running.Except(ragged)]),
        ];
        foreach (var (batch, measured) in shares.SelectMany(s => s.Runner.Run(s.Cells, cancellation)))
        {
            for (var i = 0; i < batch.Count; i++)
                metrics[batch[i].Index] = measured[(i * unpatched.Length)..((i + 1) * unpatched.Length)];
            progress?.Report(done += batch.Count);
        }
        return metrics;
    }

    private Unit[] Placed(PatchCell[] planned) =>
        [.. planned.Select(c => c.Unit.Site).Distinct().SelectMany(site => StreamEntry.SourceSites(contrast.Model, site)).Select(site => Unit.Of(site)[planned.Min(c => c.Layer)..])];

    private PatchResult[] Results(double[][] metrics, double[] unpatched, double[]? supplied)
    {
        var first = 0;
        var results = new List<PatchResult>();
        foreach (var part in parts)
        {
            results.Add(new PatchResult(contrast, part.Axes, metrics[first..(first + part.Cells.Count)], unpatched, supplied));
            first += part.Cells.Count;
        }
        return [.. results];
    }
}
