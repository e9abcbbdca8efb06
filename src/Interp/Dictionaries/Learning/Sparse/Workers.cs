namespace Interp;

using static TorchSharp.torch;

/// <summary>Loops on as many threads as libtorch's operators use.</summary>
/// <remarks>Bodies write to places of their own, so that results do not depend on who does what.</remarks>
internal static class Workers
{
    public static void For(int count, Action<int> body) => Parallel.For(0, count, Options(), body);

    /// <summary>A loop whose threads each have something of their own.</summary>
    /// <param name="count">How many.</param>
    /// <param name="make">Makes a thread's own.</param>
    /// <param name="body">One turn.</param>
    /// <param name="finish">Told each thread's own at the end, one after the other.</param>
    public static void For<T>(int count, Func<T> make, Action<int, T> body, Action<T>? finish = null)
    {
        var gate = new Lock();
        Parallel.For(0, count, Options(), make, (i, _, own) =>
        {
            body(i, own);
            return own;
        }, own =>
        {
            if (finish is null)
                return;
            lock (gate)
                finish(own);
        });
    }

    private static ParallelOptions Options() => new() { MaxDegreeOfParallelism = Math.Max(1, get_num_threads()) };
}
