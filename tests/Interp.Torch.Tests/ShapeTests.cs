using Shouldly;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Interp.Torch.Tests;

[Trait("Tier", "unit")]
public sealed class ShapeTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    [Fact]
    public void Views_ShareMemory()
    {
        var a = arange(6).to(float64);
        var v = a.view(2, 3);
        v[0, 1] = tensor(10.0);
        a.ShouldHold(0, 10, 2, 3, 4, 5);
        v.t().ShouldHold(0, 3, 10, 4, 2, 5);
        v.t().is_contiguous().ShouldBeFalse();
        v.t().contiguous().is_contiguous().ShouldBeTrue();
        v.stride().ShouldBe([3L, 1]);
        v.unsqueeze(1).ShouldHaveShape(2, 1, 3);
        v.unsqueeze(1).squeeze().ShouldHaveShape(2, 3);
        v.unsqueeze(1).squeeze(1).ShouldHaveShape(2, 3);
        v.expand(4, 2, 3).ShouldHaveShape(4, 2, 3);
        v.permute(1, 0).ShouldHaveShape(3, 2);
        v.flatten().ShouldHaveShape(6);
        v.reshape(3, -1).ShouldHaveShape(3, 2);
        v.select(1, 2).ShouldHold(2, 5);
        v.narrow(1, 1, 2).ShouldHold(10, 2, 4, 5);
        v.slice(1, 0, 3, 2).ShouldHold(0, 2, 3, 5);
        v.diagonal().ShouldHold(0, 4);
        v.movedim([0], [1]).ShouldHaveShape(3, 2);
        a.unfold(0, 2, 2).ShouldHaveShape(3, 2);
        v.unflatten(1, 3, 1).ShouldHaveShape(2, 3, 1);
    }

    [Fact]
    public void Pieces_AndJoins_AreInverse()
    {
        var a = arange(6).view(2, 3);
        cat([a, a]).ShouldHaveShape(4, 3);
        cat([a, a], 1).ShouldHaveShape(2, 6);
        stack([a, a], 1).ShouldHaveShape(2, 2, 3);
        cat(a.split(1, 1), 1).ShouldEqual(a);
        cat(a.split([1L, 2], 1), 1).ShouldEqual(a);
        a.chunk(2).Length.ShouldBe(2);
        stack(a.unbind(1), 1).ShouldEqual(a);
        a.repeat(2, 1).ShouldHaveShape(4, 3);
        a.repeat_interleave(2, 0)[1].ShouldHold(0, 1, 2);
        a.flip(1)[0].ShouldHold(2, 1, 0);
        a.roll(1, 1)[0].ShouldHold(2, 0, 1);
        a.tril().ShouldHold(0, 0, 0, 3, 4, 0);
        a.triu().ShouldHold(0, 1, 2, 0, 4, 5);
        a.diag().ShouldHold(0, 4);
        hstack([a, a]).ShouldHaveShape(2, 6);
        vstack([a, a]).ShouldHaveShape(4, 3);
        meshgrid([arange(2), arange(3)])[1].ShouldHaveShape(2, 3);
        block_diag(ones(1, 1), ones(1, 1)).ShouldHold(1, 0, 0, 1);
        nn.functional.pad(a, [1L, 0])[0].ShouldHold(0, 0, 1, 2);
    }

    [Fact]
    public void Indexing_EveryKind_PicksAsPython()
    {
        var a = arange(24).view(2, 3, 4);
        a[1, 2, 3].ShouldHold(23);
        a[^1, 0].ShouldHold(12, 13, 14, 15);
        a[0, .., 1].ShouldHold(1, 5, 9);
        a[.., 1..3, ^1].ShouldHold(7, 11, 19, 23);
        a[TensorIndex.Ellipsis, 0].ShouldHold(0, 4, 8, 12, 16, 20);
        a[TensorIndex.None, 0].ShouldHaveShape(1, 3, 4);
        a[0, TensorIndex.Slice(null, null, 2), 0].ShouldHold(0, 8);
        a[0, 0, ..^1].ShouldHold(0, 1, 2);
        a[0, 0, ^2..].ShouldHold(2, 3);
        a[tensor([1L, 0])][0, 0, 0].ShouldHold(12);
        a[tensor([0L, 1]), tensor([2L, 0])].ShouldHold(8, 9, 10, 11, 12, 13, 14, 15);
        a[.., TensorIndex.Tensor(tensor([2L])), 0].ShouldHold(8, 20);
        a[a > 21].ShouldHold(22, 23);
        var mask = zeros([2, 3], ScalarType.Bool);
        mask[1, 1] = tensor(true);
        a[TensorIndex.Tensor(mask), ..2].ShouldHold(16, 17);
        a[TensorIndex.Bool(true)].ShouldHaveShape(1, 2, 3, 4);
        a[..].ShouldEqual(a);
    }

    [Fact]
    public void IndexAssignment_EveryKind_Writes()
    {
        var a = zeros([3, 4], float64);
        a[0] = ones(4, float64);
        a[1, 2] = tensor(5.0);
        a[^1, 1..3] = tensor([7.0, 8]);
        a.ShouldHold(1, 1, 1, 1, 0, 0, 5, 0, 0, 7, 8, 0);
        a[a > 4] = tensor(0.0);
        a.sum().ShouldHold(4);
        a[TensorIndex.Tensor(tensor([1L, 2])), TensorIndex.Tensor(tensor([3L, 3]))] = tensor([2.0, 3]);
        a[.., 3].ShouldHold(1, 2, 3);
        var counts = zeros(3, float64);
        counts.index_put_(ones(4, float64), [tensor([0L, 2, 2, 2])], true);
        counts.ShouldHold(1, 0, 3);
        // TorchSharp's own index_put_ ends the process here.
        a.zero_().index_put_(ones([3, 1], float64), [TensorIndex.Colon, TensorIndex.Tensor(tensor([1L]))], true);
        a.sum().ShouldHold(3);
    }

    [Fact]
    public void GatherAndScatter_AreRight()
    {
        var a = tensor(new double[,] { { 1, 2 }, { 3, 4 } });
        a.gather(1, tensor(new long[,] { { 1 }, { 0 } })).ShouldHold(2, 3);
        zeros([2, 2], float64).scatter(1, tensor(new long[,] { { 1 }, { 0 } }), ones([2, 1], float64)).ShouldHold(0, 1, 1, 0);
        zeros(2, float64).scatter_add(0, tensor([0L, 0]), tensor([1.0, 2])).ShouldHold(3, 0);
        a.index_select(0, tensor([1L])).ShouldHold(3, 4);
        a.index_add(0, tensor([0L]), ones([1, 2], float64), 10).ShouldHold(11, 12, 3, 4);
        a.index_copy(0, tensor([1L]), zeros([1, 2], float64)).ShouldHold(1, 2, 0, 0);
        a.masked_fill(a > 2, -1).ShouldHold(1, 2, -1, -1);
        a.masked_select(a > 2).ShouldHold(3, 4);
        where(a > 2, a, zeros([2, 2], float64)).ShouldHold(0, 0, 3, 4);
        where(a > 2)[0].ShouldHold(1, 1);
        a.nonzero().ShouldHaveShape(4, 2);
        a.take_along_dim(tensor(new long[,] { { 1 }, { 1 } }), 1).ShouldHold(2, 4);
    }
}
