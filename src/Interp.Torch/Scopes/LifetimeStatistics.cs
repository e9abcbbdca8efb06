namespace TorchSharp;

/// <summary>How many objects of a kind the current thread created and disposed, inside scopes and outside.</summary>
public class LifetimeStatistics
{
    public LifetimeStatistics()
    {
    }

    public long AttachedToScopeCount { get; internal set; }

    public long CreatedInScopeCount { get; internal set; }

    public long CreatedOutsideScopeCount { get; internal set; }

    public long DetachedFromScopeCount { get; internal set; }

    public long DisposedInScopeCount { get; internal set; }

    public long DisposedOutsideScopeCount { get; internal set; }

    /// <summary>Created less disposed; the finalizer's work is not counted.</summary>
    public long ThreadTotalLiveCount => CreatedInScopeCount + CreatedOutsideScopeCount - DisposedInScopeCount - DisposedOutsideScopeCount;

    public void Reset()
    {
        AttachedToScopeCount = CreatedInScopeCount = CreatedOutsideScopeCount = 0;
        DetachedFromScopeCount = DisposedInScopeCount = DisposedOutsideScopeCount = 0;
    }

    public override string ToString() =>
        $"created in scope {CreatedInScopeCount}, outside {CreatedOutsideScopeCount}; attached {AttachedToScopeCount}, detached {DetachedFromScopeCount}; " +
        $"disposed in scope {DisposedInScopeCount}, outside {DisposedOutsideScopeCount}; live {ThreadTotalLiveCount}";
}
