namespace Interp.Tests.Model.Analysis;

using Interp.Tests.Support;
using Shouldly;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

/// <summary>Scores of heads and attention figures.</summary>
[Trait("Tier", "model")]
public sealed class HeadScoreTests
{
    [Fact]
    public void DiagonalScores_AnyDistance_AreMeansOverPromptsAndPositions()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Random(TinyModel.Gpt2);
        using var run = model.On(TinyModel.Tokens(model.Config, 2, 9, 0)).Capture(Sites.Pattern).WithoutLogits().Run();
        var pattern = run.Cache["pattern", 1];
        double Mean(int distance) => Enumerable.Range(0, 2).SelectMany(b => Enumerable.Range(distance, 9 - distance).Select(q => pattern[b, 2, q, q - distance].ToDouble())).Average();
        run.Cache.PreviousTokenScores()[1, 2].ShouldBe(Mean(1), 1e-12);
        run.Cache.InductionScores(4)[1, 2].ShouldBe(Mean(3), 1e-12);
        run.Cache.DuplicateTokenScores(4)[1, 2].ShouldBe(Mean(4), 1e-12);
        run.Cache.DiagonalScores(8)[1, 2].ShouldBe(Mean(8), 1e-12);
        Should.Throw<ArgumentOutOfRangeException>(() => run.Cache.DiagonalScores(9)).Message.ShouldContain("9 back");
    }

    [Fact]
    public void PatternScores_OfAMap_AreItsShareOfAttention()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Random(TinyModel.Gpt2);
        using var run = model.On(TinyModel.Tokens(model.Config, 2, 6, 0)).Capture(Sites.Pattern[1..]).Run();
        var everywhere = run.Cache.PatternScores(ones(6, 6));
        everywhere.AxisOf("layer").Labels.ShouldBe(["1", "2"]);
        everywhere.Values.ToArray().ShouldAllBe(v => Math.Abs(v - 1) < 1e-12);
        var self = run.Cache.PatternScores(eye(6));
        self[0, 3].ShouldBe(run.Cache["pattern", 1].select(1, 3).diagonal(0, 1, 2).sum().ToDouble() / 12, 1e-12);
    }

    [Fact]
    public void DetectHeads_OnText_CountsAttentionInsideThePattern()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Random(TinyModel.Gpt2);
        int[][] rows = [[7, 3, 7, 3, 3], [4, 4, 9]];
        using var run = model.On(RunInput.Of(rows)).Capture(Sites.Pattern).Run();
        var pattern = run.Cache["pattern", 2];
        double Share(Func<int[], int, int, bool> inside, Func<int, int, bool> counts)
        {
            var (within, all) = (0d, 0d);
            for (var row = 0; row < 2; row++)
                for (var query = 0; query < 5; query++)
                    for (var key = 0; key <= query; key++)
                    {
                        var real = query < rows[row].Length;
                        var attention = pattern[row, 1, query, key].ToDouble();
                        all += real && counts(query, key) ? attention : 0;
                        within += real && counts(query, key) && inside(rows[row], query, key) ? attention : 0;
                    }
            return within / all;
        }
        run.Cache.DetectHeads(HeadPattern.PreviousToken)[2, 1].ShouldBe(Share((_, q, k) => k == q - 1, (_, _) => true), 1e-12);
        run.Cache.DetectHeads(HeadPattern.DuplicateToken)[2, 1].ShouldBe(Share((t, q, k) => k < q && t[k] == t[q], (_, _) => true), 1e-12);
        run.Cache.DetectHeads(HeadPattern.Induction)[2, 1].ShouldBe(Share((t, q, k) => k > 0 && t[k - 1] == t[q], (_, _) => true), 1e-12);
        run.Cache.DetectHeads(HeadPattern.Induction, excludeFirst: true, excludeSelf: true)[2, 1]
            .ShouldBe(Share((t, q, k) => k > 0 && t[k - 1] == t[q], (q, k) => k > 0 && k < q), 1e-12);
    }

    [Fact]
    public void DetectHeads_ByDifference_IsOneLessTheMeanDistanceFromThePattern()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Random(TinyModel.Gpt2);
        int[][] rows = [[7, 3, 7, 3, 3], [4, 4, 9]];
        using var run = model.On(RunInput.Of(rows)).Capture(Sites.Pattern).Run();
        double Score(Func<int, int, bool> inside, Func<int, int, bool> counts) => Enumerable.Range(0, 2).Average(row =>
        {
            var off = 0d;
            for (var query = 0; query < rows[row].Length; query++)
                for (var key = 0; key <= query; key++)
                    off += counts(query, key) ? Math.Abs(run.Cache["pattern", 1][row, 3, query, key].ToDouble() - (inside(query, key) ? 1 : 0)) : 0;
            return 1 - off / rows[row].Length;
        });
        run.Cache.DetectHeads(HeadPattern.PreviousToken, measure: HeadMeasure.Difference)[1, 3].ShouldBe(Score((q, k) => k == q - 1, (_, _) => true), 1e-12);
        run.Cache.DetectHeads(HeadPattern.PreviousToken, true, true, HeadMeasure.Difference)[1, 3].ShouldBe(Score((q, k) => k == q - 1, (q, k) => k > 0 && k < q), 1e-12);
    }

    [Fact]
    public void DetectHeads_OnesOwnPattern_EqualsTheBuiltInOne()
    {
        using var model = TinyModel.Random(TinyModel.Gpt2);
        using var run = model.On(RunInput.Of([[7, 3, 7, 3, 3], [4, 4, 9]])).Capture(Sites.Pattern).Run();
        var own = run.Cache.DetectHeads((tokens, query, key) => key < query && tokens[key] == tokens[query], "earlier copies");
        own.Quantity.ShouldBe("earlier copies");
        own.Values.ToArray().ShouldBe(run.Cache.DetectHeads(HeadPattern.DuplicateToken).Values.ToArray());
    }

    [Fact]
    public void InductionScores_OfAModel_AreThoseOfItsRun()
    {
        using var model = TinyModel.Random(TinyModel.Gpt2 with { Context = 32 });
        var scores = model.InductionScores(period: 10, prompts: 3, seed: 5);
        scores.Shape.ShouldBe([3, 4]);
        scores.Provenance.Seed.ShouldBe(5);
        scores.Values.ToArray().ShouldAllBe(v => v > 0 && v < 1);
        model.InductionScores(period: 10, prompts: 3, seed: 5).Values.ToArray().ShouldBe(scores.Values.ToArray());
    }

    [Fact]
    public void Attention_OfALayer_ShowsRealTokensOnly()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Random(TinyModel.Gpt2);
        using var run = model.On(RunInput.Of([[1, 2, 3], [4, 5, 6, 7, 8]])).Capture(Sites.Pattern).Run();
        var pattern = run.Pattern(^1, prompt: 0);
        pattern.Shape.ShouldBe([4, 3, 3]);
        pattern.AxisOf("key").Labels.ShouldBe(["1", "2", "3"]);
        pattern.Sum("key").Values.ToArray().ShouldAllBe(v => Math.Abs(v - 1) < 1e-12);
        run.Attention(1, prompt: 1).Html.ShouldContain("Attention of layer 1");
        Should.Throw<ArgumentOutOfRangeException>(() => run.Attention(3)).Message.ShouldContain("has 3");
        using var nothing = model.On([1, 2]).Run();
        Should.Throw<KeyNotFoundException>(() => nothing.Attention(0)).Message.ShouldContain("Capture");
        Should.Throw<KeyNotFoundException>(() => nothing.Cache.PreviousTokenScores()).Message.ShouldContain("Capture(Pattern)");
    }
}
