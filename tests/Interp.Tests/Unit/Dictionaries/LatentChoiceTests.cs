namespace Interp.Tests.Unit.Dictionaries;

using Shouldly;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

/// <summary>The largest pre-activations are found without sorting.</summary>
[Trait("Tier", "unit")]
public sealed class LatentChoiceTests
{
    [Theory]
    [InlineData(1, 5, 5)]
    [InlineData(3, 40, 1)]
    [InlineData(32, 6001, 32)]
    [InlineData(16, 3000, 400)]
    public unsafe void OfRows_RandomRows_AreThoseOfASort(int rows, int width, int k)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(3, CPU);
        var pre = randn([rows, width], dtype: ScalarType.Float32, generator: generator);
        var bias = randn([width], dtype: ScalarType.Float32, generator: generator);
        var (values, places) = (pre + bias).relu().topk(k, -1);
        var codes = LatentChoice.OfRows(TensorMemory.Floats(pre), TensorMemory.Floats(bias), rows, width, k);
        Check(codes, values, places);
        var all = Enumerable.Range(0, width).Where(i => i % 3 == 0).ToArray();
        var among = LatentChoice.Among(TensorMemory.Floats(pre), rows, width, all, Math.Min(k, all.Length), positive: false);
        var (some, where) = pre[TensorIndex.Ellipsis, TensorIndex.Slice(null, null, 3)].topk(Math.Min(k, all.Length), -1);
        Check(among, some, where * 3);
    }

    [Theory]
    [InlineData(1, 5, 5)]
    [InlineData(32, 601, 320)]
    [InlineData(20, 100, 1500)]
    public unsafe void OfBatch_RandomRows_AreThoseOfASort(int rows, int width, int count)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(3, CPU);
        var pre = randn([rows, width], dtype: ScalarType.Float32, generator: generator);
        var (values, places) = pre.relu().flatten().topk(Math.Min(count, rows * width), -1);
        var codes = LatentChoice.OfBatch(TensorMemory.Floats(pre), TensorMemory.Floats(zeros(width)), rows, width, count);
        var wanted = places.data<long>().ToArray().Zip(values.data<float>().ToArray()).Where(p => p.Second > 0).OrderBy(p => p.First).ToArray();
        var ours = Enumerable.Range(0, rows).SelectMany(row => Row(codes, row).Select(p => ((long)row * width + p.Latent, p.Value))).Order().ToArray();
        ours.ShouldBe(wanted);
    }

    private static (int Latent, float Value)[] Row(SparseCodes codes, int row) =>
        [.. Enumerable.Range(codes.Starts[row], codes.Starts[row + 1] - codes.Starts[row]).Select(i => (codes.Latents[i], codes.Values[i]))];

    private static void Check(SparseCodes codes, Tensor values, Tensor places)
    {
        for (var row = 0; row < values.shape[0]; row++)
        {
            var wanted = places[row].data<long>().ToArray().Zip(values[row].data<float>().ToArray(), (p, v) => ((int)p, v)).Where(p => p.v != 0).Order();
            Row(codes, row).Order().ShouldBe(wanted);
        }
    }
}
