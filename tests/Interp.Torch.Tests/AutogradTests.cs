using System.Runtime.InteropServices;
using Interp.Native;
using Shouldly;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Interp.Torch.Tests;

[Trait("Tier", "unit")]
public sealed class AutogradTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    [Fact]
    public void Grad_OfSquare_IsTwiceX()
    {
        var x = tensor([1.0, -2, 3], requires_grad: true);
        var g = autograd.grad([(x * x).sum()], [x])[0];
        g.data<double>().ToArray().ShouldBe([2.0, -4, 6]);
    }

    [Fact]
    public void Backward_Twice_AccumulatesInGrad()
    {
        var x = tensor([1.0, 2], requires_grad: true);
        (x * 3).sum().backward();
        (x * 4).sum().backward();
        x.grad!.data<double>().ToArray().ShouldBe([7.0, 7]);
        x.grad = null;
        x.grad.ShouldBeNull();
    }

    [Fact]
    public void Grad_CreateGraph_GivesSecondDerivative()
    {
        var x = tensor([2.0], requires_grad: true);
        var first = autograd.grad([x.pow(3).sum()], [x], create_graph: true)[0];
        autograd.grad([first.sum()], [x])[0].item<double>().ShouldBe(12, 1e-12);
    }

    [Fact]
    public void Grad_UnusedInputAllowed_IsInvalidTensor()
    {
        var x = tensor([2.0], requires_grad: true);
        var y = tensor([2.0], requires_grad: true);
        var g = autograd.grad([x.sum()], [x, y], allow_unused: true);
        g[1].IsInvalid.ShouldBeTrue();
        Should.Throw<ExternalException>(() => autograd.grad([x.sum()], [y])).Message.ShouldContain("not have been used");
    }

    [Fact]
    public void Grad_OfTensorWithoutGraph_Throws()
    {
        var x = tensor([2.0]);
        Should.Throw<ExternalException>(() => autograd.grad([x], [x])).Message.ShouldContain("does not require grad");
    }

    [Fact]
    public void Backward_SecondTimeWithoutRetain_Throws()
    {
        var x = tensor([2.0], requires_grad: true);
        var y = (x * x).sum();
        y.backward();
        Should.Throw<ExternalException>(() => y.backward()).Message.ShouldContain("second time");
    }

    [Fact]
    public void NoGrad_InsideScope_RecordsNothing()
    {
        var x = tensor([2.0], requires_grad: true);
        using (no_grad())
        {
            is_grad_enabled().ShouldBeFalse();
            (x * 2).requires_grad.ShouldBeFalse();
            using (enable_grad()) (x * 2).requires_grad.ShouldBeTrue();
        }
        is_grad_enabled().ShouldBeTrue();
        using (inference_mode()) (x * 2).requires_grad.ShouldBeFalse();
        is_inference_mode_enabled().ShouldBeFalse();
    }

    [Fact]
    public void GradientTap_ReturningTensor_ReplacesGradient()
    {
        var x = tensor([1.0, 2], requires_grad: true);
        var y = x * x;
        Tensor? seen = null;
        using var tap = GradientTap.Register(y, g =>
        {
            seen = g.clone().DetachFromDisposeScope();
            return g * 10;
        });
        autograd.grad([y.sum()], [x])[0].data<double>().ToArray().ShouldBe([20.0, 40]);
        seen!.data<double>().ToArray().ShouldBe([1.0, 1]);
        seen.Dispose();
    }

    [Fact]
    public void GradientTap_Disposed_IsNotCalled()
    {
        var x = tensor([1.0], requires_grad: true);
        var y = x * x;
        var calls = 0;
        var tap = GradientTap.Register(y, _ => { calls++; return null; });
        autograd.grad([y.sum()], [x], retain_graph: true);
        tap.Dispose();
        autograd.grad([y.sum()], [x]);
        calls.ShouldBe(1);
    }

    [Fact]
    public void GradientTap_Throwing_EndsBackwardWithThatException()
    {
        var x = tensor([1.0], requires_grad: true);
        var y = x * x;
        using var tap = GradientTap.Register(y, _ => throw new InvalidDataException("mine"));
        Should.Throw<InvalidDataException>(() => y.sum().backward()).Message.ShouldBe("mine");
        (x * 2).sum().backward();
        x.grad!.item<double>().ShouldBe(2);
    }

    [Fact]
    public void GradientTap_OnTensorWithoutGradient_Throws() =>
        Should.Throw<ExternalException>(() => GradientTap.Register(tensor([1.0]), g => null));

    [Fact]
    public void GradientTap_ReturningWrongShape_Throws()
    {
        var x = tensor([1.0, 2], requires_grad: true);
        var y = x * x;
        using var tap = GradientTap.Register(y, _ => ones(3, float64));
        Should.Throw<ExternalException>(() => y.sum().backward());
    }

    [Fact]
    public void Function_WithSavedTensors_HasItsOwnGradient()
    {
        var x = tensor([1.0, 2, 3], requires_grad: true);
        var y = Cube.apply(x, 2.0);
        y.data<double>().ToArray().ShouldBe([2.0, 16, 54]);
        y.requires_grad.ShouldBeTrue();
        autograd.grad([y.sum()], [x])[0].data<double>().ToArray().ShouldBe([6.0, 24, 54]);
    }

    [Fact]
    public void Function_ApplyManyTimes_LeavesNoState()
    {
        var before = Tensor.TotalCount;
        for (var k = 0; k < 50; k++)
        {
            using var scope = NewDisposeScope();
            var x = tensor([1.0], requires_grad: true);
            Cube.apply(x, 1.0).sum().backward();
        }
        Tensor.TotalCount.ShouldBe(before);
    }

    [Fact]
    public void Function_Identity_PassesGradientThrough()
    {
        var x = tensor([1.0, 2], requires_grad: true);
        var y = Twice.apply(x);
        ReferenceEquals(x, y).ShouldBeFalse();
        autograd.grad([(y * y).sum()], [x])[0].data<double>().ToArray().ShouldBe([4.0, 8]);
    }

    [Fact]
    public void Function_OfTwoResults_GetsBothGradients()
    {
        var x = tensor([2.0], requires_grad: true);
        var y = tensor([5.0], requires_grad: true);
        var r = SumAndProduct.apply(x, y);
        var g = autograd.grad([r[0] * 10 + r[1]], [x, y]);
        g[0].item<double>().ShouldBe(15);
        g[1].item<double>().ShouldBe(12);
        // Only one result used: the other's gradient is zeros.
        var z = SumAndProduct.apply(x, y);
        autograd.grad([z[1]], [x])[0].item<double>().ShouldBe(5);
    }

    [Fact]
    public void Function_ThrowingInBackward_ThrowsFromBackward()
    {
        var x = tensor([2.0], requires_grad: true);
        Should.Throw<NotSupportedException>(() => Broken.apply(x).backward()).Message.ShouldBe("no way back");
    }

    [Fact]
    public void Parameter_TakesTheTensorOver()
    {
        var data = randn(3);
        var p = new TorchSharp.Modules.Parameter(data);
        p.requires_grad.ShouldBeTrue();
        data.IsInvalid.ShouldBeTrue();
        (p * 2).sum().backward();
        p.grad!.sum().item<float>().ShouldBe(6);
    }

    private sealed class Cube : autograd.SingleTensorFunction<Cube>
    {
        public override string Name => "Cube";

        public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
        {
            var x = (Tensor)vars[0];
            ctx.save_for_backward([x]);
            ctx.save_data("scale", vars[1]);
            return x.pow(3) * (double)vars[1];
        }

        public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
        {
            var x = ctx.get_saved_variables()[0];
            return [grad_output * x * x * 3 * (double)ctx.get_data("scale"), null!];
        }
    }

    private sealed class Twice : autograd.SingleTensorFunction<Twice>
    {
        public override string Name => "Twice";

        public override Tensor forward(autograd.AutogradContext ctx, params object[] vars) => (Tensor)vars[0];

        public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output) => [grad_output * 2];
    }

    private sealed class SumAndProduct : autograd.MultiTensorFunction<SumAndProduct>
    {
        public override string Name => "SumAndProduct";

        public override List<Tensor> forward(autograd.AutogradContext ctx, params object[] vars)
        {
            var (x, y) = ((Tensor)vars[0], (Tensor)vars[1]);
            ctx.save_for_backward([x, y]);
            return [x + y, x * y];
        }

        public override List<Tensor> backward(autograd.AutogradContext ctx, List<Tensor> grad_outputs)
        {
            var saved = ctx.get_saved_variables();
            return [grad_outputs[0] + grad_outputs[1] * saved[1], grad_outputs[0] + grad_outputs[1] * saved[0]];
        }
    }

    private sealed class Broken : autograd.SingleTensorFunction<Broken>
    {
        public override string Name => "Broken";

        public override Tensor forward(autograd.AutogradContext ctx, params object[] vars) => (Tensor)vars[0] * 1;

        public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output) => throw new NotSupportedException("no way back");
    }
}
