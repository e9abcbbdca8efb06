namespace Interp;

/// <summary>A way to run the experiments of a sweep.</summary>
internal interface IPatchRunner
{
    /// <summary>Runs experiments, some at a time.</summary>
    /// <returns>Groups of experiments with the metric of each of their prompts, experiment by experiment.</returns>
    IEnumerable<(IReadOnlyList<PatchCell> Cells, double[] Metrics)> Run(IReadOnlyList<PatchCell> cells, CancellationToken cancellation);
}
