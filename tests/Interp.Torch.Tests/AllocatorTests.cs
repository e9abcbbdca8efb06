using Interp.Native;
using Shouldly;
using Xunit;
using static TorchSharp.torch;

namespace Interp.Torch.Tests;

[Trait("Tier", "unit")]
public sealed class AllocatorTests
{
    // oneDNN, which libtorch uses for float32, allocates bare memory for its scratchpads.
    [Fact]
    public void Gelu_OfFloat32_GetsItsBareMemory()
    {
        // what oneDNN keeps of its first call is its own cache, not a leak
        CompareGelu();
        var before = TorchRuntime.CpuLiveBytes;
        CompareGelu();
        TorchRuntime.CpuLiveBytes.ShouldBe(before);
    }

    private static void CompareGelu()
    {
        using var scope = NewDisposeScope();
        var x = randn([64, 96], ScalarType.Float32);
        var exact = nn.functional.gelu(x).to(ScalarType.Float64);
        var wide = nn.functional.gelu(x.to(ScalarType.Float64));
        (exact - wide).abs().max().item<double>().ShouldBeLessThan(1e-6);
    }
}
