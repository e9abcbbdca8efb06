namespace Interp.Tests.Model.Analysis;

using Interp.Tests.Support;
using Shouldly;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

/// <summary>Log-probabilities of texts and minimal pairs.</summary>
[Trait("Tier", "model")]
public sealed class ScoringTests
{
    [Theory]
    [InlineData(PaddingSide.Right)]
    [InlineData(PaddingSide.Left)]
    public void SequenceLogProbability_PaddedPrompts_IsTheSumOverRealTokens(PaddingSide side)
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Random(TinyModel.Gpt2);
        int[][] rows = [[1, 2, 3], [4, 5, 6, 7, 8]];
        var together = GoldenCompare.Doubles(model.On(RunInput.Of(rows, side)).SequenceLogProbability());
        for (var row = 0; row < 2; row++)
        {
            var logs = model.On(rows[row]).Logits().log_softmax(-1);
            var wanted = Enumerable.Range(1, rows[row].Length - 1).Sum(i => logs[0, i - 1, rows[row][i]].ToDouble());
            together[row].ShouldBe(wanted, 1e-10);
        }
        Should.Throw<ArgumentException>(() => model.On([1]).SequenceLogProbability()).Message.ShouldContain("two tokens");
    }

    [Fact]
    public void MinimalPairs_OfAModel_AreScoredOneByOne()
    {
        using var model = Models.Load("induction-2l");
        MinimalPair[] pairs = [new("owl fox sun owl fox", "owl fox sun owl jar"), new("owl fox sun owl jar", "owl fox sun owl fox"), new("ink jar ink jar", "ink jar ink jar")];
        var result = model.MinimalPairs(pairs, batch: 2);
        result.Count.ShouldBe(3);
        result.Differences[0].ShouldBe(-result.Differences[1], 1e-4);
        result.Differences[0].ShouldBeGreaterThan(0);
        result.Accuracy.ShouldBe(1.0 / 3, 1e-12); // the tie counts as wrong
        var single = model.LogProbabilities(pairs.Select(p => p.Good), batch: 1);
        for (var i = 0; i < 3; i++)
            single[i].ShouldBe(result.LogProbabilities[i, 0], 1e-4);
        result.ToString().ShouldContain("3 minimal pairs");
        Should.Throw<ArgumentException>(() => model.MinimalPairs([])).Message.ShouldContain("no minimal pairs");
        Should.Throw<ArgumentException>(() => model.LogProbabilities([])).Message.ShouldContain("no text");
        Should.Throw<ArgumentException>(() => model.LogProbabilities(["owl"], Bos.Never)).Message.ShouldContain("Bos.Always");
        using var bare = model.WithTokenizer(null);
        Should.Throw<InvalidOperationException>(() => bare.LogProbabilities(["owl"])).Message.ShouldContain("no tokenizer");
    }

    [Fact]
    public void ReadJsonLines_OfAFile_TakesItsFirstPairs()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("pairs.jsonl", "{\"sentence_good\": \"a\", \"sentence_bad\": \"b\", \"UID\": 1}\n\n{\"sentence_good\": \"c\", \"sentence_bad\": \"d\"}\nno\n");
        MinimalPair.ReadJsonLines(path, 2).ShouldBe([new("a", "b"), new("c", "d")]);
        Should.Throw<InvalidDataException>(() => MinimalPair.ReadJsonLines(path)).Message.ShouldContain("Line 4");
        var half = folder.Write("half.jsonl", "{\"sentence_good\": \"a\"}");
        Should.Throw<InvalidDataException>(() => MinimalPair.ReadJsonLines(half)).Message.ShouldContain("Line 1");
    }
}
