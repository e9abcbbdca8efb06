namespace Interp.Tests.Science.Tasks;

using Shouldly;
using TorchSharp;
using Xunit;
using static Interp.Sites;
using static TorchSharp.torch;

/// <summary>The bundled model has learned induction, by the two kinds of heads that it takes.</summary>
[Trait("Tier", "science")]
public sealed class InductionOrganismTests : IDisposable
{
    private readonly HookedTransformer model = Models.Load("induction-2l");
    private readonly InductionSequences heldOut = InductionOrganism.Task.Sequences(256, seed: 2_000_000);

    public void Dispose() => model.Dispose();

    [Fact]
    public void Score_HeldOutSequences_RepetitionIsPredictedAndNothingElse()
    {
        using var untrained = InductionOrganism.Config.Initialise(seed: 0);
        var (chance, learned) = (untrained.Score(heldOut), model.Score(heldOut));
        chance.LossRepeated.ShouldBe(Math.Log(InductionTask.Vocabulary.Length), 0.6);
        learned.LossRepeated.ShouldBeLessThan(0.01);
        learned.Accuracy.ShouldBeGreaterThan(0.999);
        learned.LossBefore.ShouldBeGreaterThan(3); // first occurrences cannot be known: ln of the words not yet seen at best
    }

    [Fact]
    public void Pattern_Layer0_HasPreviousTokenHeads()
    {
        using var run = model.On(heldOut.Input).Capture(Pattern).Run();
        PreviousToken(run[Pattern[0]]).Max().ShouldBeGreaterThan(0.6);
        PreviousToken(run[Pattern[1]]).Max().ShouldBeLessThan(0.1);
    }

    [Fact]
    public void Pattern_Layer1_HasInductionHeads()
    {
        using var run = model.On(heldOut.Input).Capture(Pattern).Run();
        Induction(run[Pattern[1]]).Max().ShouldBeGreaterThan(0.8);
        Induction(run[Pattern[0]]).Max().ShouldBeLessThan(0.1);
    }

    [Fact]
    public void Patch_ResidPre_MovesFromCueToTheWordBehindIt()
    {
        var study = model.Contrast(InductionOrganism.Task.Prompts(32, seed: 5));
        var sweep = study.Patch(ResidPre.ByPosition());
        study.CleanMetric().ShouldAllBe(difference => difference > 3);
        study.CorruptedMetric().ShouldAllBe(difference => difference < -3);

        // Cue and decoy stand at 2 and 5; what followed them, at 3 and 6, knows them after layer 0. The last position does not differ before layer 1.
        var (first, second) = (sweep.Normalised, sweep.Normalised);
        (first[0, 2] + first[0, 5]).ShouldBeGreaterThan(0.5);
        (second[1, 3] + second[1, 6]).ShouldBeGreaterThan(0.5);
        Math.Abs(first[0, 10]).ShouldBeLessThan(1e-6);
        Math.Abs(second[1, 2]).ShouldBeLessThan(0.2);
    }

    [Fact]
    public void Load_BundledName_HasTokenizerAndOthersAreNamed()
    {
        model.Tokenizer.ShouldNotBeNull().TokenText(0).ShouldBe("<bos>");
        model.Config.ModelName.ShouldBe("induction-2l");
        Models.Bundled.ShouldContain("induction-2l");
        Should.Throw<FileNotFoundException>(() => Models.Load("induction-3l")).Message.ShouldContain("induction-2l");
    }

    // Mean attention to the position before, [head].
    private static double[] PreviousToken(Tensor pattern)
    {
        using var scope = NewDisposeScope();
        return Numbers(pattern.diagonal(-1, 2, 3).mean([0, 2]));
    }

    // Mean attention from determined places to the places behind the latest earlier occurrence of their token, [head].
    private double[] Induction(Tensor pattern)
    {
        using var scope = NewDisposeScope();
        var sum = zeros(pattern.shape[1]);
        var count = 0;
        for (var row = 0; row < heldOut.Input.Batch; row++)
            for (var place = heldOut.Segments[row] + 1; place < Math.Min(2 * heldOut.Segments[row], heldOut.Input.Length - 1); place++, count++)
                sum += pattern[row, TensorIndex.Colon, place, place - heldOut.Segments[row] + 1];
        return Numbers(sum / count);
    }

    private static double[] Numbers(Tensor tensor) => tensor.to(ScalarType.Float64).data<double>().ToArray();
}
