using Shouldly;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Interp.Torch.Tests;

[Trait("Tier", "unit")]
public sealed class ScopeTests
{
    [Fact]
    public void Scope_AtItsEnd_DisposesWhatItHolds()
    {
        Tensor inner, kept, detached;
        using (var outer = NewDisposeScope())
        {
            using (var scope = NewDisposeScope())
            {
                inner = ones(2);
                kept = ones(2).MoveToOuterDisposeScope();
                detached = ones(2).DetachFromDisposeScope();
                CurrentDisposeScope.ShouldBe(scope);
                scope.DisposablesCount.ShouldBe(1);
                scope.Contains(inner).ShouldBeTrue();
            }
            CurrentDisposeScope.ShouldBe(outer);
            inner.IsInvalid.ShouldBeTrue();
            kept.IsInvalid.ShouldBeFalse();
            outer.DisposablesView.ShouldHaveSingleItem().ShouldBe(kept);
        }
        CurrentDisposeScope.ShouldBeNull();
        kept.IsInvalid.ShouldBeTrue();
        detached.IsInvalid.ShouldBeFalse();
        detached.Dispose();
    }

    [Fact]
    public void Scope_ManyTensorsDisposedEarly_StaysSmallAndRight()
    {
        using var scope = NewDisposeScope();
        var kept = new List<Tensor>();
        for (var k = 0; k < 1000; k++)
        {
            var t = full([1], k);
            if (k % 7 == 0) kept.Add(t);
            else t.Dispose();
        }
        scope.DisposablesCount.ShouldBe(kept.Count);
        kept[5].MoveToOtherDisposeScope((DisposeScope?)null);
        scope.DisposablesCount.ShouldBe(kept.Count - 1);
        scope.DisposeEverythingBut(kept[0], kept[1]);
        scope.DisposablesCount.ShouldBe(2);
        kept[5].IsInvalid.ShouldBeFalse();
        kept[5].Dispose();
        kept[2].IsInvalid.ShouldBeTrue();
        kept[0].IsInvalid.ShouldBeFalse();
    }

    [Fact]
    public void Scope_HoldsOtherDisposablesToo()
    {
        var stream = new MemoryStream();
        using (var scope = NewDisposeScope())
        {
            scope.Attach(stream);
            scope.DisposablesCount.ShouldBe(1);
        }
        Should.Throw<ObjectDisposedException>(() => stream.ReadByte());
        var closed = NewDisposeScope();
        closed.Dispose();
        Should.Throw<ObjectDisposedException>(() => closed.Attach(new MemoryStream()));
    }

    [Fact]
    public void Statistics_CountCreationsAndDisposals()
    {
        var statistics = DisposeScopeManager.Statistics;
        statistics.Reset();
        var outside = ones(1);
        using (NewDisposeScope())
        {
            _ = ones(1);
            ones(1).Dispose();
            ones(1).DetachFromDisposeScope().Dispose();
            CurrentDisposeScope!.Attach(outside);
        }
        statistics.CreatedOutsideScopeCount.ShouldBe(1);
        statistics.CreatedInScopeCount.ShouldBe(3);
        statistics.AttachedToScopeCount.ShouldBe(1);
        statistics.DetachedFromScopeCount.ShouldBe(1);
        statistics.DisposedInScopeCount.ShouldBe(3);
        statistics.DisposedOutsideScopeCount.ShouldBe(1);
        statistics.ThreadTotalLiveCount.ShouldBe(0);
    }

    [Fact]
    public void Scope_BelongsToItsThread()
    {
        using var scope = NewDisposeScope();
        Tensor? other = null;
        var thread = new Thread(() =>
        {
            CurrentDisposeScope.ShouldBeNull();
            is_grad_enabled().ShouldBeTrue();
            other = ones(1);
        });
        using (no_grad())
        {
            thread.Start();
            thread.Join();
        }
        scope.Contains(other!).ShouldBeFalse();
        other!.Dispose();
    }

    [Fact]
    public void WrappedScope_LetsOnlyTheResultOut()
    {
        var before = Tensor.TotalCount;
        var t = WrappedTensorDisposeScope(() => (ones(2) + 1) * 3);
        t.ShouldHold(6, 6);
        Tensor.TotalCount.ShouldBe(before + 1);
        t.Dispose();
    }
}
