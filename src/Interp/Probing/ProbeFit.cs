namespace Interp;

/// <summary>A probe and how well it does on rows it has not seen.</summary>
/// <param name="Probe">Fitted to all rows.</param>
/// <param name="Evaluation">Of probes fitted to the other folds' rows.</param>
[TypeFormatterSource(typeof(NotebookFormatters))]
public sealed record ProbeFit(LinearProbe Probe, ProbeEvaluation Evaluation)
{
    /// <summary>The probe and its figures.</summary>
    public override string ToString() => $"{Probe}: {Evaluation}";
}
