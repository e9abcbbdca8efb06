using System.Diagnostics;
using Interp.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace Interp.Benchmarks;

/// <summary>
/// What the binding adds to a boxed call of the dispatcher: the same operators through bare P/Invoke calls of the shim and through Tensor, in
/// turn, on one thread. The claim is the ratio of the first line: at most 1.3. Figures are medians of short stretches taken in turn.
/// </summary>
internal static unsafe class TorchOverhead
{
    private const double Limit = 1.3;
    private const int Pairs = 400;

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
        var addition = Report("add, 1 element, dispose", 1000, () => Raw(add, one, two), () => one.add(two).Dispose());
        Evidence.Record("operator-overhead", addition <= Limit, $"{addition:F2} times");
        Report("add, 1 element, boxed, dispose", 1000, () => Raw(add, one, two), () => one.add(two, 1).Dispose());
        Report("a + b, 1 element, dispose", 1000, () => Raw(add, one, two), () => (one + two).Dispose());
        Report("add inside a dispose scope of 100", 10, () => Repeat(100, () => Raw(add, one, two)), () => Scoped(one, two));
        Report("matmul 64 x 64", 100, () => Raw(matmul, matrix, other), () => matrix.matmul(other).Dispose());
        Report("softmax 64 x 64", 100, () => Raw(softmax, matrix, -1), () => matrix.softmax(-1).Dispose());
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

    private static double Report(string name, int count, Action raw, Action bound)
    {
        for (var k = 0; k < 60_000 / count; k++) _ = (Time(count, raw), Time(count, bound));
        var (times, ratios) = (new (double Raw, double Bound)[Pairs], new double[Pairs]);
        for (var k = 0; k < Pairs; k++)
        {
            times[k] = (Time(count, raw), Time(count, bound));
            ratios[k] = times[k].Bound / times[k].Raw;
        }
        var ratio = Median(ratios);
        Console.WriteLine(
            $"{name,-36} raw {Median([.. times.Select(t => t.Raw)]),8:F3} us   binding {Median([.. times.Select(t => t.Bound)]),8:F3} us   ratio {ratio:F2}");
        return ratio;
    }

    private static double Median(double[] values)
    {
        Array.Sort(values);
        return values[values.Length / 2];
    }

    private static void Alone(string name, int count, Action action)
    {
        Time(count / 4, action);
        var times = new double[101];
        for (var k = 0; k < times.Length; k++) times[k] = Time(count / 400, action);
        Console.WriteLine($"{name,-36} {Median(times),8:F3} us");
    }

    private static double Time(int count, Action action)
    {
        var watch = Stopwatch.StartNew();
        for (var k = 0; k < count; k++) action();
        return watch.Elapsed.TotalMicroseconds / count;
    }
}
