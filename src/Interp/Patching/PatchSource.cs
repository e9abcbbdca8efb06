namespace Interp;

/// <summary>Where the values that a sweep puts in place come from.</summary>
internal abstract class PatchSource
{
    /// <summary>The first position at which the values can differ from the base's.</summary>
    public virtual int FirstChanged => 0;

    /// <summary>
    /// Whether values at one site come from the same places as those of another, so that a query behind its rotation may stand for the query
    /// itself: not where they come from other positions or models, or are drawn for each site.
    /// </summary>
    public virtual bool IsOneRun => false;

    /// <summary>The values, in the base's layout.</summary>
    /// <param name="units">Whole sites.</param>
    /// <param name="own">The base's own.</param>
    /// <param name="cancellation">Ends the run.</param>
    /// <returns>The values, which the caller disposes, and the metric of the run they come from, where there is one.</returns>
    public abstract (ActivationCache Values, double[]? Metric) Read(IReadOnlyList<Unit> units, ActivationCache own, CancellationToken cancellation);
}
