namespace TorchSharp;

/// <summary>A thread's stack of dispose scopes and its counts.</summary>
internal sealed class ThreadScopes
{
    [ThreadStatic] private static ThreadScopes? t_instance;

    internal static ThreadScopes Instance => t_instance ??= new();

    internal DisposeScope? Current;

    internal ThreadDisposeScopeStatistics Statistics { get; } = new();

    /// <summary>Takes a scope from the stack, wherever in it it stands.</summary>
    internal void Leave(DisposeScope scope)
    {
        if (Current == scope)
        {
            Current = scope.Outer;
            return;
        }
        for (var inner = Current; inner is not null; inner = inner.Outer)
        {
            if (inner.Outer != scope) continue;
            inner.CloseOuter(scope.Outer);
            return;
        }
    }
}

/// <summary>The statistics of the current thread's scopes.</summary>
public class DisposeScopeManager
{
    public DisposeScopeManager()
    {
    }

    public static ThreadDisposeScopeStatistics Statistics => ThreadScopes.Instance.Statistics;
}
