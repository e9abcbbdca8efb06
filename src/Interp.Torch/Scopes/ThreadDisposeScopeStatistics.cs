namespace TorchSharp;

/// <summary>A thread's <see cref="LifetimeStatistics"/>, summed over the kinds of objects.</summary>
public class ThreadDisposeScopeStatistics
{
    public ThreadDisposeScopeStatistics()
    {
    }

    public long AttachedToScopeCount => TensorStatistics.AttachedToScopeCount;

    public long CreatedInScopeCount => TensorStatistics.CreatedInScopeCount;

    public long CreatedOutsideScopeCount => TensorStatistics.CreatedOutsideScopeCount;

    public long DetachedFromScopeCount => TensorStatistics.DetachedFromScopeCount;

    public long DisposedInScopeCount => TensorStatistics.DisposedInScopeCount;

    public long DisposedOutsideScopeCount => TensorStatistics.DisposedOutsideScopeCount;

    public LifetimeStatistics PackedSequenceStatistics { get; } = new();

    public LifetimeStatistics TensorStatistics { get; } = new();

    public long ThreadTotalLiveCount => TensorStatistics.ThreadTotalLiveCount;

    public void Reset()
    {
        TensorStatistics.Reset();
        PackedSequenceStatistics.Reset();
    }

    public override string ToString() => TensorStatistics.ToString();
}
