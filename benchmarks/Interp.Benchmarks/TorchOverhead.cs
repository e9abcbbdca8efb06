using System.Diagnostics;
using Interp.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace Interp.Benchmarks;

/// <summary>
/// What the binding adds to a boxed call of the dispatcher: the same operators through bare P/Invoke calls of the shim and through Tensor, in
/// turn, on one thread. The claim is the ratio of the first line: at most 1.3.
/// </summary>
internal static unsafe class TorchOverhead
{
    private const int Rounds = 15;

    internal static void Run(string[] args)
    {
        set_num_threads(1);
        using var mode = no_grad();
        using var one = randn(1);
        using var two = randn(1);
        using var matrix = randn(64, 64);
        using var other = randn(64, 64);
        var add = NativeMethods.it_op("aten::add", "Tensor");
        var matmul = NativeMethods.it_op("aten::matmul", "");
        var softmax = NativeMethods.it_op("aten::softmax", "int");
        Report("add, 1 element, dispose", 200_000, () => Raw(add, one, two), () => one.add(two).Dispose());
        Report("a + b, 1 element, dispose", 200_000, () => Raw(add, one, two), () => (one + two).Dispose());
        Report("add inside a dispose scope of 100", 2_000, () => Repeat(100, () => Raw(add, one, two)), () => Scoped(one, two));
        Report("matmul 64 x 64", 20_000, () => Raw(matmul, matrix, other), () => matrix.matmul(other).Dispose());
        Report("softmax 64 x 64", 20_000, () => Raw(softmax, matrix, -1), () => matrix.softmax(-1).Dispose());
        Alone("add_ in place", 200_000, () => one.add_(two));
        Alone("a + 1f", 200_000, () => (one + 1f).Dispose());
        Alone("empty(1)", 200_000, () => empty(1).Dispose());
        Alone("view", 200_000, () => matrix.view(-1).Dispose());
        Alone("m[5]", 200_000, () => matrix[5].Dispose());
        Alone("m[.., 3..7]", 100_000, () => matrix[.., 3..7].Dispose());
        Alone("shape", 200_000, () => _ = matrix.shape);
        Alone("dtype", 200_000, () => _ = matrix.dtype);
        Alone("item", 200_000, () => one.item<float>());
        Alone("einsum 64 x 64", 20_000, () => einsum("ij,jk->ik", matrix, other).Dispose());
    }

    private static void Raw(nint op, Tensor a, Arg b)
    {
        Span<Arg> list = [a, b];
        RawCall(op, list);
    }

    private static void RawCall(nint op, ReadOnlySpan<Arg> list)
    {
        var o = stackalloc long[12];
#pragma warning disable CS8500
        fixed (Arg* p = list)
#pragma warning restore CS8500
        {
            if (NativeMethods.it_call(op, p, list.Length, o, 4) != 1) throw new InvalidOperationException(NativeError.Text());
        }
        NativeMethods.it_free((nint)o[1]);
    }

    private static void Scoped(Tensor a, Tensor b)
    {
        using var scope = NewDisposeScope();
        for (var k = 0; k < 100; k++) a.add(b);
    }

    private static void Repeat(int count, Action action)
    {
        for (var k = 0; k < count; k++) action();
    }

    private static void Report(string name, int count, Action raw, Action bound)
    {
        var (rawBest, boundBest) = (double.MaxValue, double.MaxValue);
        for (var round = 0; round < Rounds + 5; round++)
        {
            var (r, b) = (Time(count, raw), Time(count, bound));
            if (round < 5) continue;
            (rawBest, boundBest) = (Math.Min(rawBest, r), Math.Min(boundBest, b));
        }
        Console.WriteLine($"{name,-36} raw {rawBest,8:F3} us   binding {boundBest,8:F3} us   ratio {boundBest / rawBest:F2}");
    }

    private static void Alone(string name, int count, Action action)
    {
        var best = double.MaxValue;
        for (var round = 0; round < 8; round++) best = Math.Min(best, Time(count / 4, action));
        Console.WriteLine($"{name,-36} {best,8:F3} us");
    }

    private static double Time(int count, Action action)
    {
        var watch = Stopwatch.StartNew();
        for (var k = 0; k < count; k++) action();
        return watch.Elapsed.TotalMicroseconds / count;
    }
}
