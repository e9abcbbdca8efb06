using System.Runtime.InteropServices;
using Interp.Native;
using Shouldly;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Interp.Torch.Tests;

/// <summary>What ends the process with the real package, and everything like it, is an exception here.</summary>
[Trait("Tier", "unit")]
public sealed class ErrorTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    [Fact]
    public void NativeErrors_AreOneLineWithoutBacktrace()
    {
        var e = Should.Throw<ExternalException>(() => ones(2, 3).matmul(ones(2, 3)));
        e.Message.ShouldBe("mat1 and mat2 shapes cannot be multiplied (2x3 and 2x3)");
    }

    public static TheoryData<string, Action> Failures => new()
    {
        { "mm", () => ones(2, 3).mm(ones(2, 3)) },
        { "add", () => ones(2).add(ones(3)) },
        { "view", () => ones(6).view(4, 2) },
        { "cat", () => cat([ones(2, 2), ones(3, 3)]) },
        { "cat of none", () => cat(Array.Empty<Tensor>()) },
        { "stack of none", () => stack([]) },
        { "einsum", () => einsum("ij,jk->iq", ones(2, 2), ones(2, 2)) },
        { "einsum syntax", () => einsum("((", ones(2, 2)) },
        { "cummax", () => ones(2).cummax(7) },
        { "cummin", () => ones(2).cummin(-5) },
        { "index beyond", () => { _ = ones(2)[5]; } },
        { "index tensor beyond", () => { _ = ones(2)[tensor([9L])]; } },
        { "index by floats", () => { _ = ones(2)[tensor([0.5])]; } },
        { "index of a scalar", () => { _ = tensor(1.0)[0]; } },
        { "too many indices", () => { _ = ones(2)[0, TensorIndex.Colon, 0]; } },
        { "two ellipses", () => { _ = ones(2)[TensorIndex.Ellipsis, TensorIndex.Ellipsis]; } },
        { "negative step", () => { _ = ones(2)[TensorIndex.Slice(null, null, -1)]; } },
        { "gather beyond", () => ones(2).gather(0, tensor([5L])) },
        { "gather type", () => ones(2).gather(0, tensor([0.0])) },
        { "scatter beyond", () => ones(2).scatter(0, tensor([5L]), ones(1)) },
        { "index_select", () => ones(2).index_select(0, tensor([-3L])) },
        { "index_put", () => ones(2).index_put_(ones(1), tensor([7L])) },
        { "index_put type", () => ones(2).index_put_(tensor([1.0]), tensor([0L])) },
        { "embedding beyond", () => Aten.Call("aten::embedding", "", ones(2, 2), tensor([7L])) },
        { "cross_entropy target", () => nn.functional.cross_entropy(ones(1, 3), tensor([9L])) },
        { "one_hot negative", () => nn.functional.one_hot(tensor([-5L])) },
        { "integer division by zero", () => tensor([1]).div(tensor([0]), RoundingMode.floor) },
        { "integer remainder by zero", () => tensor([1]).remainder(tensor([0])) },
        { "inverse of singular", () => linalg.inv(zeros(2, 2)) },
        { "cholesky of indefinite", () => linalg.cholesky(-eye(2)) },
        { "layer_norm shape", () => nn.functional.layer_norm(ones(2, 3), [5]) },
        { "multinomial of negative", () => tensor([-1f, 2f]).multinomial(1) },
        { "multinomial too many", () => tensor([1f, 2f]).multinomial(3) },
        { "topk too many", () => ones(2).topk(5) },
        { "as_strided beyond", () => ones(2).as_strided([100], [100]) },
        { "huge", () => empty([1L << 40, 1L << 20]) },
        { "negative size", () => empty([-1]) },
        { "half svd", () => linalg.svd(ones([2, 2], float16)) },
        { "no gradient", () => ones(2).sum().backward() },
        { "gradient of vector", () => ones(2, requires_grad: true).mul(2).backward() },
        { "in place on a leaf", () => ones(2, requires_grad: true).add_(1) },
        { "unknown operator", () => Aten.Call("aten::no_such_operator", "") },
        { "operator without namespace", () => Aten.Call("", "") },
        { "wrong argument type", () => Aten.Call("aten::relu", "", 5) },
        { "missing argument", () => Aten.Call("aten::add", "Tensor", ones(1)) },
        { "too many arguments", () => Aten.Call("aten::relu", "", ones(1), ones(1)) },
        { "list for tensor", () => Aten.Call("aten::matmul", "", ones(1), new long[] { 1 }) },
        { "absent tensor", () => Aten.Call("aten::matmul", "", ones(1), AtenArgument.None) },
        { "cuda without cuda", () => { Skip.If(cuda.is_available()); ones(2).cuda(); } },
        { "set_state of garbage", () => { using var g = new Generator(1); g.set_state(ones(3)); } },
        { "bad threads", () => set_num_threads(-5) },
        { "wrong dtype of arange", () => arange(0, 5, (Scalar)0) },
    };

    [SkippableTheory]
    [MemberData(nameof(Failures))]
    public void BadInput_Always_ThrowsAndTheProcessLives(string name, Action action)
    {
        var e = Should.Throw<Exception>(action);
        if (e is SkipException) throw e;
        e.ShouldBeAssignableTo<SystemException>(name);
        e.Message.ShouldNotContain("Exception raised from");
        e.Message.ShouldNotBeEmpty();
        (ones(2) + 1).ShouldHold(2, 2);
    }

    [Fact]
    public void UseAfterDispose_Throws()
    {
        var t = ones(2);
        t.Dispose();
        t.Dispose();
        t.IsInvalid.ShouldBeTrue();
        Should.Throw<InvalidOperationException>(() => t + 1).Message.ShouldBe("Tensor invalid -- empty handle");
        Should.Throw<InvalidOperationException>(() => ones(2).add(t));
        Should.Throw<InvalidOperationException>(() => t.shape);
        Should.Throw<InvalidOperationException>(() => cat([ones(2), t]));
        Should.Throw<InvalidOperationException>(() => autograd.grad([t], [t]));
    }

    [Fact]
    public void NullArguments_Throw()
    {
        Should.Throw<Exception>(() => ones(2).matmul(null!));
        Should.Throw<ArgumentNullException>(() => cat([ones(2), null!]));
    }

    [Fact]
    public void NamedDimensions_AreRefused() => Should.Throw<NotSupportedException>(() => zeros([1], names: ["a"]));
}
