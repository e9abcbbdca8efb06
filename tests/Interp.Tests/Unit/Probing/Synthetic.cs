namespace Interp.Tests.Unit.Probing;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>Rows with a known rule.</summary>
internal static class Synthetic
{
    /// <summary>Standard normal features.</summary>
    public static Tensor Normal(int rows, int features, int seed, ScalarType dtype = ScalarType.Float64)
    {
        using var generator = new Generator((ulong)seed);
        return randn([rows, features], dtype: dtype, generator: generator);
    }

    /// <summary>Classes with P(y = 1) = sigmoid(strength x the sum of the first few features).</summary>
    public static bool[] Classes(Tensor features, int informative, double strength, int seed)
    {
        using var scope = NewDisposeScope();
        var sums = features.narrow(1, 0, informative).sum(1L).to(ScalarType.Float64).data<double>().ToArray();
        var random = new Random(seed);
        return [.. sums.Select(s => random.NextDouble() < 1 / (1 + Math.Exp(-strength * s)))];
    }

    /// <summary>Half true, half false, in random order.</summary>
    public static bool[] Coins(int rows, int seed)
    {
        bool[] labels = [.. Enumerable.Range(0, rows).Select(i => i % 2 == 0)];
        new Random(seed).Shuffle(labels);
        return labels;
    }
}
