namespace Interp.Micro;

using BenchmarkDotNet.Attributes;
using TorchSharp;
using static TorchSharp.torch;

/// <summary>What a call through the binding takes.</summary>
public class TorchBenchmarks
{
    private readonly Tensor one = randn(1);
    private readonly Tensor two = randn(1);
    private readonly Tensor matrix = randn(64, 64);

    [GlobalCleanup]
    public void Dispose()
    {
        one.Dispose();
        two.Dispose();
        matrix.Dispose();
    }

    [Benchmark(Baseline = true)]
    public void AddOneElement() => one.add(two).Dispose();

    [Benchmark]
    public void AddInPlace() => one.add_(two);

    [Benchmark]
    public void AddInScope()
    {
        using var scope = NewDisposeScope();
        one.add(two);
    }

    [Benchmark]
    public void View() => matrix.view(-1).Dispose();

    [Benchmark]
    public void Slice() => matrix[.., 3..7].Dispose();

    [Benchmark]
    public float Item() => one.item<float>();

    [Benchmark]
    public void MatMul64() => matrix.matmul(matrix).Dispose();
}
