namespace Interp.Tests.Model.Running;

using Interp.Tests.Support;
using Shouldly;
using TorchSharp;
using Xunit;
using static Interp.Sites;
using static TorchSharp.torch;

/// <summary>Keys and values of earlier positions, kept.</summary>
[Trait("Tier", "model")]
public sealed class KeyValueCacheTests
{
    public static TheoryData<string> Models => [.. Configs.Keys];

    private static readonly Dictionary<string, TransformerConfig> Configs = new()
    {
        ["gpt2"] = TinyModel.Gpt2,
        ["llama"] = TinyModel.Llama,
        ["windowed"] = TinyModel.Llama with { Windows = [3, 0, 2] },
        ["shortformer"] = TinyModel.Gpt2 with { Positions = PositionKind.Shortformer },
    };

    [Theory]
    [MemberData(nameof(Models))]
    public void After_PiecesOfAPrompt_EqualTheWhole(string name)
    {
        using var model = TinyModel.Random(Configs[name]);
        var rows = TinyModel.Tokens(model.Config, 2, 9, seed: 1).Rows.Select(r => r.ToArray()).ToArray();
        using var whole = model.On(rows).Logits();
        using var past = new KeyValueCache(model);
        foreach (var (start, end) in new[] { (0, 4), (4, 5), (5, 9) })
        {
            using var piece = model.On(rows.Select(r => r[start..end])).After(past).Logits();
            using var expected = whole.narrow(1, start, end - start);
            Near(piece, expected);
        }
        past.Length.ShouldBe(9);
        past.Batch.ShouldBe(2);
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void After_PaddedPrefix_EqualsEachPromptAlone(string name)
    {
        using var model = TinyModel.Random(Configs[name]);
        int[][] prompts = [[1, 2, 3, 4, 5], [6, 7, 8]];
        using var past = new KeyValueCache(model);
        model.On(RunInput.Of(prompts, PaddingSide.Left)).After(past).WithoutLogits().Run().Dispose();
        using var scope = NewDisposeScope();
        var next = model.On([[9, 10], [11, 12]]).After(past).Logits();
        for (var row = 0; row < 2; row++)
        {
            int[] alone = [.. prompts[row], .. row == 0 ? new[] { 9, 10 } : [11, 12]];
            Near(next[row], model.On([alone]).Logits()[0, ^2..]);
        }
        model.On(RunInput.Of(prompts, PaddingSide.Left)).GenerateTokens(5)
            .ShouldBe(prompts.Select(p => model.On([p]).GenerateTokens(5)[0]).ToArray());
    }

    [Fact]
    public void After_FrozenCache_ServesManyContinuations()
    {
        using var model = TinyModel.Random(TinyModel.Llama);
        using var past = new KeyValueCache(model);
        model.On([[1, 2, 3, 4]]).After(past).WithoutLogits().Run().Dispose();
        past.Frozen = true;
        using var scope = NewDisposeScope();
        foreach (var token in new[] { 5, 6, 7 })
            Near(model.On([[token]]).After(past).Logits()[0], model.On([[1, 2, 3, 4, token]]).Logits()[0, ^1..]);
        past.Length.ShouldBe(4);
        using var some = model.On([[5]]).After(past).StopBefore(2).Run();
        some.Residual.shape.ShouldBe([1, 1, 16]);
    }

    [Theory]
    [InlineData("blocks.1.hook_mlp_out")]
    [InlineData("unembed.hook_out")]
    public void After_ARunThatThrew_TheCacheIsAsBefore(string where)
    {
        using var model = TinyModel.Random(TinyModel.Llama);
        using var past = new KeyValueCache(model);
        model.On([[1, 2, 3, 4]]).After(past).Logits().Dispose();
        var failing = model.On([[5, 6]]).After(past).Apply(HookName.Parse(where), _ => throw new DivideByZeroException());
        LiveTensors.ShouldStayEqual(() => Should.Throw<DivideByZeroException>(() => failing.Logits()));
        past.Length.ShouldBe(4);
        using var scope = NewDisposeScope();
        Near(model.On([[5, 6]]).After(past).Logits()[0], model.On([[1, 2, 3, 4, 5, 6]]).Logits()[0, ^2..]);
    }

    [Fact]
    public void After_WhatCannotFollow_SaysWhy()
    {
        using var model = TinyModel.Random(TinyModel.Llama);
        using var past = new KeyValueCache(model);
        model.On([[1, 2, 3, 4]]).After(past).Logits().Dispose();
        Should.Throw<ArgumentException>(() => model.On([[1], [2]]).After(past).Logits()).Message.ShouldContain("1 rows and the run reads 2");
        Should.Throw<ArgumentException>(() => model.On([[1]]).After(past).StopBefore(1).Run()).Message.ShouldContain("freeze");
        Should.Throw<NotSupportedException>(() => model.On([[1]]).After(past).Variants(new Variant("a")).Logits()).Message.ShouldContain("Variants");
        Should.Throw<ArgumentException>(() => model.On([Enumerable.Repeat(1, 13).ToArray()]).After(past).Logits()).Message.ShouldContain("17 tokens");
    }

    [Fact]
    public void GenerateTokens_StopToken_EndsEachRowWhereItStands()
    {
        using var model = TinyModel.Random(TinyModel.Gpt2, seed: 4);
        var plan = model.On([[1, 2], [3, 4], [5, 6]]);
        var free = plan.GenerateTokens(8);
        var stop = free[0][2];
        plan.GenerateTokens(8, stop).ShouldBe(free.Select(row => row.TakeWhile(t => t != stop).ToArray()).ToArray());
        plan.GenerateTokens(0).ShouldAllBe(row => row.Length == 0);
        using var source = new CancellationTokenSource();
        source.Cancel();
        Should.Throw<OperationCanceledException>(() => plan.GenerateTokens(8, cancellation: source.Token));
    }

    private static void Near(Tensor actual, Tensor expected)
    {
        using var scope = NewDisposeScope();
        actual.shape.ShouldBe(expected.shape);
        (actual - expected).abs().max().ToDouble().ShouldBeLessThan(1e-11);
    }
}
