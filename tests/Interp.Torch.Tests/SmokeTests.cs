using Shouldly;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Interp.Torch.Tests;

[Trait("Tier", "unit")]
public sealed class SmokeTests
{
    [Fact]
    public void Transformer_block_in_float64_runs_and_has_gradients()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(1);
        var x = randn([2, 5, 8], float64, generator: generator);
        var w = randn([8, 24], float64, generator: generator, requires_grad: true);
        var qkv = x.matmul(w).view(2, 5, 3, 2, 4).permute(2, 0, 3, 1, 4);
        var scores = einsum("bhqd,bhkd->bhqk", qkv[0], qkv[1]) / Math.Sqrt(4);
        var mask = ones([5, 5], ScalarType.Bool).triu(1);
        var pattern = scores.masked_fill(mask, double.NegativeInfinity).softmax(-1);
        var z = pattern.matmul(qkv[2]).transpose(1, 2).reshape(2, 5, 8);
        var loss = (z * z).sum();
        var g = autograd.grad([loss], [w]);
        g[0].shape.ShouldBe([8L, 24L]);
        pattern.sum([-1]).allclose(ones([2, 2, 5], float64)).ShouldBeTrue();
        loss.item<double>().ShouldBeGreaterThan(0);
        var t = arange(12).reshape(3, 4);
        t[1..3, ^1].data<long>().ToArray().ShouldBe([7L, 11L]);
        t[t > 9].data<long>().ToArray().ShouldBe([10L, 11L]);
        t[.., 0] = tensor(5L);
        t[2, 0].item<long>().ShouldBe(5);
        (torch.tensor([1f, 2f]) + 1).data<float>().ToArray().ShouldBe([2f, 3f]);
        cat([t, t], 1).shape.ShouldBe([3L, 8L]);
        Should.Throw<System.Runtime.InteropServices.ExternalException>(() => x.matmul(ones([3, 3], float64)));
    }
}
