using Interp.Native;
using Shouldly;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Interp.Torch.Tests;

[Trait("Tier", "cuda")]
public sealed class CudaTests
{
    [SkippableFact]
    public void Tensors_OnTheDevice_ComputeTheSame()
    {
        Skip.IfNot(cuda.is_available(), "This libtorch sees no CUDA device.");
        using var scope = NewDisposeScope();
        var (a, b) = (randn([64, 32], float64), randn([32, 16], float64, requires_grad: true));
        var here = a.matmul(b).softmax(-1).pow(2).sum();
        var gradient = autograd.grad([here], [b])[0];
        var there = b.detach().cuda().requires_grad_();
        var result = a.cuda().matmul(there).softmax(-1).pow(2).sum();
        result.cpu().ShouldEqual(here, 1e-9);
        autograd.grad([result], [there])[0].cpu().ShouldEqual(gradient, 1e-9);
        Should.Throw<System.Runtime.InteropServices.ExternalException>(() => a.cuda() + b);
        cuda.synchronize();
    }

    [SkippableFact]
    public void HostSynchronisations_CountReadsOfTheDeviceAlone()
    {
        Skip.IfNot(cuda.is_available(), "This libtorch sees no CUDA device.");
        using var scope = NewDisposeScope();
        var a = randn(64, 64).cuda();
        var before = TorchRuntime.HostSynchronisations;
        var b = a.matmul(a).relu().sum(1L)[0..5];
        TorchRuntime.HostSynchronisations.ShouldBe(before);
        b[0].ToSingle();
        b.cpu();
        _ = a[a > 0];
        TorchRuntime.HostSynchronisations.ShouldBe(before + 3);
    }

    [SkippableFact]
    public void GradientTap_OnTheDevice_ThrowsItsOwnException()
    {
        Skip.IfNot(cuda.is_available(), "This libtorch sees no CUDA device.");
        using var scope = NewDisposeScope();
        var x = ones(3).cuda().requires_grad_();
        var y = x * x;
        using var tap = GradientTap.Register(y, _ => throw new InvalidDataException("mine"));
        Should.Throw<InvalidDataException>(() => y.sum().backward()).Message.ShouldBe("mine");
    }
}
