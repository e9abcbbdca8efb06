namespace Interp.Tests.Science.Tasks;

using System.Globalization;
using Shouldly;
using Xunit;

/// <summary>The bundled model of modular addition has grokked it: it adds pairs that it never saw, by a few frequencies.</summary>
[Trait("Tier", "science")]
public sealed class ModularAdditionTests
{
    [Fact]
    public void Accuracy_PairsKeptOut_AreAddedByAFewFrequencies()
    {
        using var model = Models.Load("modadd-59");
        var (all, heldOut) = ModularAdditionOrganism.Accuracy(model);
        var kept = ModularAdditionOrganism.Split().HeldOut.Length;
        var spectrum = model.EmbeddingSpectrum(..59);
        var strongest = spectrum.Top(6);
        var share = strongest.Sum(s => s.Value);
        Evidence.Record("modadd-grokked", heldOut >= 0.99, string.Create(CultureInfo.InvariantCulture,
            $"{heldOut:P2} of {kept:N0} pairs kept out, {all:P2} of all; six of 29 frequencies ({string.Join(", ", strongest.Select(s => s.Labels[0]))}) hold {share:P1} of the embedding's power"));
        heldOut.ShouldBeGreaterThanOrEqualTo(0.99);
        share.ShouldBeGreaterThan(0.8); // 21 % if all were equal
    }

    [Fact]
    public void Accuracy_UntrainedModel_IsAtChance()
    {
        using var model = ModularAdditionOrganism.Config.Initialise(seed: 3);
        ModularAdditionOrganism.Accuracy(model).HeldOut.ShouldBeLessThan(0.06);
    }

    [Fact]
    public void Train_FewSteps_LowersTheLossAndRepeats()
    {
        var losses = new List<double>();
        var options = ModularAdditionOrganism.Options with { Steps = 12 };
        using var one = ModularAdditionOrganism.Train(0, options, new Progress(losses));
        using var two = ModularAdditionOrganism.Train(0, options);
        losses[0].ShouldBe(Math.Log(60), 0.5);
        losses[^1].ShouldBeLessThan(losses[0]);
        one.Fingerprint().ShouldBe(two.Fingerprint());
    }

    [Fact]
    public void Load_Text_ReadsNumbersAndBeginsWithNone()
    {
        using var model = Models.Load("modadd-59");
        model.Tokens("17 45 =").ShouldBe([17, 45, 59]);
        var prompts = ModularAdditionOrganism.Task.Prompts(50, seed: 1);
        prompts.Correct.Zip(prompts.Incorrect).ShouldAllBe(p => p.First != p.Second);
        for (var row = 0; row < 50; row++)
            prompts.Correct[row].ShouldBe((prompts.Clean.Rows[row][0] + prompts.Clean.Rows[row][1]) % 59);
    }

    [Fact]
    public void ModularAddition_ModulusTooSmall_SaysSo() => Should.Throw<ArgumentOutOfRangeException>(() => Interp.Tasks.ModularAddition(2));

    private sealed class Progress(List<double> losses) : IProgress<TrainingStep>
    {
        public void Report(TrainingStep value) => losses.Add(value.Loss);
    }
}
