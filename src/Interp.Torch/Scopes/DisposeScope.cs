namespace TorchSharp;

/// <summary>
/// Owns what is created while it is its thread's innermost scope, and disposes it at its end. It belongs to the thread that made it.
/// </summary>
public sealed class DisposeScope : IDisposable
{
    private readonly ThreadScopes _thread;
    private IDisposable?[] _items = new IDisposable?[8];
    private int _used;
    private int _live;
    private bool _disposed;

    internal DisposeScope(ThreadScopes thread)
    {
        _thread = thread;
        Outer = thread.Current;
        thread.Current = this;
    }

    internal DisposeScope? Outer { get; private set; }

    public int DisposablesCount => _live;

    public IReadOnlyList<IDisposable> DisposablesView => [.. Items()];

    public void Attach(IDisposable disposable)
    {
        ThrowIfDisposed();
        if (disposable is torch.Tensor t)
        {
            if (t.Scope == this) return;
            t.Scope?.Forget(t);
            Include(t);
            _thread.Statistics.TensorStatistics.AttachedToScopeCount++;
        }
        else if (!Contains(disposable))
        {
            Add(disposable);
        }
    }

    public void Attach(params IDisposable[] disposables)
    {
        foreach (var d in disposables) Attach(d);
    }

    public IReadOnlyList<IDisposable> Attach(IEnumerable<IDisposable> disposables)
    {
        IDisposable[] all = [.. disposables];
        foreach (var d in all) Attach(d);
        return all;
    }

    public bool Contains(IDisposable disposable) => disposable is torch.Tensor t ? t.Scope == this : Array.IndexOf(_items, disposable, 0, _used) >= 0;

    public T Detach<T>(T disposable) where T : IDisposable
    {
        ThrowIfDisposed();
        if (!Contains(disposable)) return disposable;
        Forget(disposable);
        if (disposable is torch.Tensor) _thread.Statistics.TensorStatistics.DetachedFromScopeCount++;
        return disposable;
    }

    public (T1 first, T2 second) Detach<T1, T2>(T1 first, T2 second) where T1 : IDisposable where T2 : IDisposable =>
        (Detach(first), Detach(second));

    public (T1 first, T2 second, T3 third) Detach<T1, T2, T3>(T1 first, T2 second, T3 third)
        where T1 : IDisposable where T2 : IDisposable where T3 : IDisposable => (Detach(first), Detach(second), Detach(third));

    public void Detach(params IDisposable[] disposables) => Detach((IEnumerable<IDisposable>)disposables);

    public void Detach(IEnumerable<IDisposable> disposables)
    {
        foreach (var d in disposables) Detach(d);
    }

    public void Dispose()
    {
        if (_disposed) return;
        DisposeEverything();
        _disposed = true;
        _thread.Leave(this);
    }

    public void DisposeEverything() => DisposeEverythingBut(Array.Empty<IDisposable>());

    public void DisposeEverythingBut(IEnumerable<IDisposable> inKeep)
    {
        ThrowIfDisposed();
        IDisposable[] keep = [.. inKeep];
        var items = _items;
        var used = _used;
        _items = new IDisposable?[Math.Max(8, keep.Length)];
        _used = _live = 0;
        for (var k = 0; k < used; k++)
        {
            var item = items[k];
            if (item is null) continue;
            if (keep.Length > 0 && Array.IndexOf(keep, item) >= 0) Put(item);
            else if (item is torch.Tensor t) t.DisposeByScope(_thread);
            else item.Dispose();
        }
    }

    public void DisposeEverythingBut(params IDisposable[] keep) => DisposeEverythingBut((IEnumerable<IDisposable>)keep);

    public T DisposeEverythingBut<T>(T keep) where T : IDisposable
    {
        DisposeEverythingBut((IEnumerable<IDisposable>)[keep]);
        return keep;
    }

    public (T1 first, T2 second) DisposeEverythingBut<T1, T2>(T1 first, T2 second) where T1 : IDisposable where T2 : IDisposable
    {
        DisposeEverythingBut((IEnumerable<IDisposable>)[first, second]);
        return (first, second);
    }

    public (T1 first, T2 second, T3 third) DisposeEverythingBut<T1, T2, T3>(T1 first, T2 second, T3 third)
        where T1 : IDisposable where T2 : IDisposable where T3 : IDisposable
    {
        DisposeEverythingBut((IEnumerable<IDisposable>)[first, second, third]);
        return (first, second, third);
    }

    public void MarkAsDisposed(IDisposable disposable)
    {
        ThrowIfDisposed();
        if (!Contains(disposable)) return;
        Forget(disposable);
        if (disposable is torch.Tensor) _thread.Statistics.TensorStatistics.DisposedInScopeCount++;
    }

    public T MoveToOther<T>(DisposeScope? scope, T disposable) where T : IDisposable
    {
        ThrowIfDisposed();
        if (scope == this || !Contains(disposable)) return disposable;
        Forget(disposable);
        if (scope is not null) scope.Put(disposable);
        else if (disposable is torch.Tensor) _thread.Statistics.TensorStatistics.DetachedFromScopeCount++;
        return disposable;
    }

    public (T1 first, T2 second) MoveToOther<T1, T2>(DisposeScope? scope, T1 first, T2 second) where T1 : IDisposable where T2 : IDisposable =>
        (MoveToOther(scope, first), MoveToOther(scope, second));

    public (T1 first, T2 second, T3 third) MoveToOther<T1, T2, T3>(DisposeScope? scope, T1 first, T2 second, T3 third)
        where T1 : IDisposable where T2 : IDisposable where T3 : IDisposable =>
        (MoveToOther(scope, first), MoveToOther(scope, second), MoveToOther(scope, third));

    public void MoveToOther(DisposeScope? scope, params IDisposable[] disposables) => MoveToOther(scope, (IEnumerable<IDisposable>)disposables);

    public void MoveToOther(DisposeScope? scope, IEnumerable<IDisposable> disposables)
    {
        foreach (var d in disposables) MoveToOther(scope, d);
    }

    public T MoveToOuter<T>(T disposable) where T : IDisposable => MoveToOther(Outer, disposable);

    public (T1 first, T2 second) MoveToOuter<T1, T2>(T1 first, T2 second) where T1 : IDisposable where T2 : IDisposable =>
        MoveToOther(Outer, first, second);

    public (T1 first, T2 second, T3 third) MoveToOuter<T1, T2, T3>(T1 first, T2 second, T3 third)
        where T1 : IDisposable where T2 : IDisposable where T3 : IDisposable => MoveToOther(Outer, first, second, third);

    public void MoveToOuter(params IDisposable[] disposables) => MoveToOther(Outer, (IEnumerable<IDisposable>)disposables);

    public void MoveToOuter(IEnumerable<IDisposable> disposables) => MoveToOther(Outer, disposables);

    /// <summary>Takes a tensor in; the caller counts.</summary>
    internal void Include(torch.Tensor t)
    {
        if (_used == _items.Length) Grow();
        t.Scope = this;
        t.Slot = _used;
        _items[_used++] = t;
        _live++;
    }

    /// <summary>Lets a member go without disposing it; the caller counts.</summary>
    internal void Forget(IDisposable disposable)
    {
        int slot;
        if (disposable is torch.Tensor t)
        {
            slot = t.Slot;
            t.Scope = null;
        }
        else
        {
            slot = Array.IndexOf(_items, disposable, 0, _used);
        }
        if (slot < 0 || slot >= _used || !ReferenceEquals(_items[slot], disposable)) return;
        _items[slot] = null;
        _live--;
        if (slot == _used - 1) _used--;
    }

    internal void CloseOuter(DisposeScope? outer) => Outer = outer;

    private void Put(IDisposable disposable)
    {
        if (disposable is torch.Tensor t) Include(t);
        else Add(disposable);
    }

    private void Add(IDisposable disposable)
    {
        if (_used == _items.Length) Grow();
        _items[_used++] = disposable;
        _live++;
    }

    // Members disposed early leave gaps: close them before asking for more room.
    private void Grow()
    {
        if (_live > _items.Length / 2) Array.Resize(ref _items, _items.Length * 2);
        var to = 0;
        for (var k = 0; k < _used; k++)
        {
            var item = _items[k];
            if (item is null) continue;
            if (item is torch.Tensor t) t.Slot = to;
            _items[k] = null;
            _items[to++] = item;
        }
        _used = to;
    }

    private IEnumerable<IDisposable> Items()
    {
        for (var k = 0; k < _used; k++)
        {
            if (_items[k] is { } item) yield return item;
        }
    }

    private void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(_disposed, this);
}
