namespace Interp.Tests.Science.Analysis;

using Interp.Tests.Support;
using Shouldly;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

/// <summary>The trained induction model beside the checkout does what its note says it does.</summary>
[Trait("Tier", "science")]
public sealed class InductionHeadTests
{
    [SkippableFact]
    public void Scores_OfTheTrainedModel_AreThoseOfItsNote()
    {
        using var scope = NewDisposeScope();
        using var model = Models.Load(Repository.Shared("models", "induction-2l-attn-only-trained"));
        var (rows, places) = Cases(2000);
        using var run = model.On(RunInput.Of(rows)).Capture(Sites.Pattern).WithoutLogits().Run();
        run.Cache.PreviousTokenScores()[0, 0].ShouldBe(0.74, 0.02);
        var last = run.Cache["pattern", 1].select(1, 0).select(1, 7); // [batch, key]
        last.gather(1, tensor(places, [places.Length, 1])).mean().ToDouble().ShouldBe(0.89, 0.02);
        var found = run.Cache.DetectHeads(HeadPattern.Induction);
        found[1, 0].ShouldBeGreaterThan(3 * found[0, 0]);
    }

    // Eight letters; the last stood once before, at places 0 to 5; the answer stands behind it.
    private static (int[][] Rows, long[] Places) Cases(int count)
    {
        var random = new Random(0);
        var (rows, places) = (new int[count][], new long[count]);
        for (var i = 0; i < count; i++)
        {
            var at = random.Next(6);
            var letter = random.Next(26);
            rows[i] = [.. Enumerable.Range(0, 8).Select(p => p == at || p == 7 ? letter : (letter + 1 + random.Next(25)) % 26)];
            places[i] = at + 1;
        }
        return (rows, places);
    }
}
