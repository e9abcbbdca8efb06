using System.Collections.Concurrent;

namespace Interp.Native;

/// <summary>Managed state reachable from native code by number, and the exceptions that callbacks threw.</summary>
internal static class Callbacks
{
    private static readonly ConcurrentDictionary<long, object> s_states = new();
    private static readonly ConcurrentDictionary<long, Exception> s_thrown = new();
    private static long s_next;

    internal static long Add(object state)
    {
        var id = Interlocked.Increment(ref s_next);
        s_states[id] = state;
        return id;
    }

    internal static T? Get<T>(long id) where T : class => s_states.TryGetValue(id, out var state) ? state as T : null;

    internal static void Remove(long id) => s_states.TryRemove(id, out _);

    internal static void Threw(long id, Exception exception) => s_thrown[id] = exception;

    internal static Exception? TakeException(long id) => s_thrown.TryRemove(id, out var exception) ? exception : null;
}
