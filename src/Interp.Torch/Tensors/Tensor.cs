using Interp.Native;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>
    /// An array of numbers on a device. It owns one reference to native memory: dispose it, or let a <see cref="DisposeScope"/> do so. What is
    /// forgotten is freed by the finalizer.
    /// </summary>
    [TypeFormatterSource(typeof(TensorFormatters))]
    public partial class Tensor : IDisposable
    {
        private static long s_total;
        private static long s_peak;

        private nint _handle;
        internal DisposeScope? Scope;
        internal int Slot;

        /// <summary>Takes an owned native handle; 0 makes an invalid tensor, as an unused gradient is.</summary>
        internal Tensor(nint handle)
        {
            _handle = handle;
            if (handle == 0)
            {
                GC.SuppressFinalize(this);
                return;
            }
            var total = Interlocked.Increment(ref s_total);
            if (total > s_peak) s_peak = total;
            var thread = ThreadScopes.Instance;
            if (thread.Current is { } scope)
            {
                scope.Include(this);
                thread.Statistics.TensorStatistics.CreatedInScopeCount++;
            }
            else
            {
                thread.Statistics.TensorStatistics.CreatedOutsideScopeCount++;
            }
            if (MemoryPressure.IsHigh) MemoryPressure.Relieve();
        }

        ~Tensor() => Dispose(false);

        public static long PeakCount => s_peak;

        public static long TotalCount => s_total;

        /// <exception cref="InvalidOperationException">The tensor was disposed.</exception>
        public nint Handle => _handle != 0 ? _handle : throw new InvalidOperationException("Tensor invalid -- empty handle");

        public bool IsInvalid => _handle == 0;

        internal static Tensor Own(nint handle) => new(handle);

        public static Tensor UnsafeCreateTensor(nint handle) => new(handle);

        public void Dispose()
        {
            Dispose(true);
            GC.SuppressFinalize(this);
        }

        protected virtual void Dispose(bool disposing)
        {
            var handle = Interlocked.Exchange(ref _handle, 0);
            if (handle == 0) return;
            Interlocked.Decrement(ref s_total);
            NativeMethods.it_free(handle);
            if (!disposing) return;
            if (Scope is { } scope) scope.MarkAsDisposed(this);
            else ThreadScopes.Instance.Statistics.TensorStatistics.DisposedOutsideScopeCount++;
        }

        internal void DisposeByScope(ThreadScopes thread)
        {
            Scope = null;
            if (_handle == 0) return;
            Dispose();
            thread.Statistics.TensorStatistics.DisposedInScopeCount++;
            thread.Statistics.TensorStatistics.DisposedOutsideScopeCount--;
        }

        /// <summary>Gives the native handle away: this object no longer owns it.</summary>
        public nint DecoupleFromNativeHandle()
        {
            GC.SuppressFinalize(this);
            var handle = Interlocked.Exchange(ref _handle, 0);
            if (handle != 0) Interlocked.Decrement(ref s_total);
            if (Scope is { } scope) scope.MarkAsDisposed(this);
            return handle;
        }

        public Tensor DetachFromDisposeScope()
        {
            Scope?.Detach(this);
            return this;
        }

        public Tensor MoveToOuterDisposeScope()
        {
            Scope?.MoveToOuter(this);
            return this;
        }

        public Tensor MoveToOtherDisposeScope(Tensor other) => MoveToOtherDisposeScope(other.Scope);

        public Tensor MoveToOtherDisposeScope(DisposeScope? other)
        {
            if (Scope is { } scope) scope.MoveToOther(other, this);
            else other?.Attach(this);
            return this;
        }
    }

    public static DisposeScope? CurrentDisposeScope => ThreadScopes.Instance.Current;

    public static DisposeScope NewDisposeScope() => new(ThreadScopes.Instance);

    public static Tensor WrappedTensorDisposeScope(Func<Tensor> expr)
    {
        using var scope = NewDisposeScope();
        return expr().MoveToOuterDisposeScope();
    }
}
