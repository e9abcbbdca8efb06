namespace Interp.Tests.Model.Patching;

using Interp.Tests.Support;
using Shouldly;
using TorchSharp;
using Xunit;
using static Interp.Sites;
using static TorchSharp.torch;
using Unit = Interp.Unit;

/// <summary>Ablations over grids, sets of units, intervals and nulls.</summary>
[Trait("Tier", "model")]
public sealed class AblationSweepTests : IDisposable
{
    private readonly HookedTransformer model = TinyModel.Random(TinyModel.Llama, seed: 3);
    private readonly RunInput clean = TinyModel.Tokens(TinyModel.Llama, 3, 6, seed: 1);
    private readonly RunInput other = TinyModel.Tokens(TinyModel.Llama, 3, 6, seed: 2);
    private readonly Metric metric = Metric.LogitDifference(1, 2);

    public void Dispose() => model.Dispose();

    private Contrast Study() => model.Contrast(clean, other, metric);

    [Theory]
    [InlineData("zero")]
    [InlineData("mean")]
    [InlineData("mean of all")]
    [InlineData("resample")]
    [InlineData("noise")]
    public void Ablate_EveryKind_EqualsOneRunEach(string kind)
    {
        var ablation = kind switch
        {
            "zero" => Ablation.Zero,
            "mean" => Ablation.MeanOver(model.On(other)),
            "mean of all" => Ablation.MeanOver(model.On(other), perPosition: false),
            "resample" => Ablation.Resample(model.On(other)),
            _ => Ablation.Noise(2, seed: 4),
        };
        foreach (var strategy in Enum.GetValues<PatchStrategy>())
        {
            var result = model.On(clean).Ablate(MlpOut.ByLayer(), ablation, metric, new PatchOptions { Strategy = strategy });
            for (var layer = 0; layer < 3; layer++)
                result.Patched.Values[layer].ShouldBe(Measure(model.On(clean).Ablate(MlpOut[layer], ablation)), 1e-10);
        }
        var heads = Study().Ablate(Z.ByHead(), ablation);
        heads.Clean.ShouldBe(Study().CleanMetric().Average(), 1e-12);
        heads.Base.ShouldBe(heads.Clean);
        if (kind != "noise") // which is drawn for a whole site here and for the head there
            heads.Patched[2, 1].ShouldBe(Measure(model.On(clean).Ablate(Z[2].Head(1), ablation)), 1e-10);
    }

    [Fact]
    public void Ablate_ReferenceOfAnotherLength_SaysWhatFits()
    {
        var longer = model.On(TinyModel.Tokens(TinyModel.Llama, 3, 7, seed: 2));
        LiveTensors.ShouldStayEqual(() =>
        {
            Should.Throw<ArgumentException>(() => model.On(clean).Ablate(Z.ByHead(), Ablation.MeanOver(longer), metric)).Message.ShouldContain("perPosition: false");
            Should.Throw<ArgumentException>(() => model.On(clean).Ablate(Z.ByHead(), Ablation.Resample(longer), metric)).Message.ShouldContain("as many and as long");
        });
    }

    [Theory]
    [InlineData(PatchStrategy.Planned)]
    [InlineData(PatchStrategy.Serial)]
    public void Patch_SetsOfUnits_ArePatchedTogether(PatchStrategy strategy)
    {
        var result = Study().Patch([new UnitSet("three", Z[0].Head(1), Z[2].Head(3), MlpOut[1]), new UnitSet("one", K[1].Head(0))], new PatchOptions { Strategy = strategy });
        using var source = model.On(clean).Capture(Z, MlpOut).Run();
        using var scope = NewDisposeScope();
        var plan = model.On(other).Replace(Z[0].Head(1), source[Z[0]].select(2, 1)).Replace(Z[2].Head(3), source[Z[2]].select(2, 3)).Replace(MlpOut[1], source[MlpOut[1]]);
        result.Patched.Values[0].ShouldBe(Measure(plan), 1e-10);
        result.Patched.Values[1].ShouldBe(Study().Patch(K[1].Head(0).ByLayer()).Patched.Values[0], 1e-10);
    }

    [Fact]
    public void Interval_OfPairedDifferences_IsSeededAndHoldsTheMean()
    {
        var result = Study().Patch(Z.ByHead());
        for (var cell = 0; cell < result.Effect.Count; cell++)
        {
            var (effects, interval) = (result.EffectPerPrompt(cell), result.Interval(cell));
            effects.Average().ShouldBe(result.Effect.Values[cell], 1e-12);
            (interval.Low <= effects.Average() && effects.Average() <= interval.High).ShouldBeTrue();
            interval.ShouldBe(Study().Patch(Z.ByHead()).Interval(cell));
            (interval.Low >= effects.Min() - 1e-12 && interval.High <= effects.Max() + 1e-12).ShouldBeTrue();
        }
        result.Low.Values[3].ShouldBe(result.Interval(3).Low);
        result.ToString().ShouldContain("[");
        var single = model.Contrast(RunInput.Of([clean.Rows[0]]), RunInput.Of([other.Rows[0]]), metric).Patch(Z.ByHead());
        double.IsNaN(single.Interval(0).Low).ShouldBeTrue();
    }

    [Fact]
    public void NullOfUnits_AllUnitsOfThePool_IsOneNumber()
    {
        var study = Study();
        var every = study.NullOfUnits(Z.ByHead(), size: 12, draws: 4);
        (every.Effects.Max() - every.Effects.Min()).ShouldBeLessThan(1e-10);
        var single = study.NullOfUnits(Z.ByHead(), size: 1, draws: 30, seed: 7);
        var effects = study.Patch(Z.ByHead()).Effect.Values.ToArray();
        single.Effects.Values.ToArray().ShouldAllBe(v => effects.Any(e => Math.Abs(e - v) < 1e-10));
        single.Effects.Values.ToArray().ShouldBe(study.NullOfUnits(Z.ByHead(), size: 1, draws: 30, seed: 7).Effects.Values.ToArray());
        single.PValue(effects.Max(Math.Abs) + 1).ShouldBe(1.0 / 31, 1e-12);
        single.PValue(0).ShouldBe(1);
        Should.Throw<ArgumentOutOfRangeException>(() => study.NullOfUnits(Z.ByHead(), size: 13));
    }

    [Fact]
    public void NullOfDirections_MovesAsFarAsThePatch()
    {
        var study = Study();
        var result = study.Patch(ResidPre.ByPosition());
        var random = study.NullOfDirections(ResidPre.ByPosition(), draws: 5);
        random.Effects.Shape.ShouldBe([5, 3, 6]);
        random.PValues(result).Values.ToArray().ShouldAllBe(p => p >= 1.0 / 6 && p <= 1);
        random.Effects.Values.ToArray().Max(Math.Abs).ShouldBeGreaterThan(1e-4);
        random.Effects.Values[0].ShouldNotBe(random.Effects.Values[18]);
        Should.Throw<ArgumentException>(() => random.PValues(study.Patch(Z.ByHead())));
    }

    private double Measure(RunPlan plan)
    {
        using var scope = NewDisposeScope();
        return plan.Measure(metric).mean().ToDouble();
    }
}
