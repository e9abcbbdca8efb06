namespace Interp.Tests.Model.Attribution;

using Interp.Tests.Support;
using Shouldly;
using TorchSharp;
using Xunit;
using static Interp.Sites;
using static TorchSharp.torch;

/// <summary>Attribution is the derivative of patching, and equals it where the metric is linear.</summary>
[Trait("Tier", "model")]
public sealed class AttributionTests
{
    private static readonly TransformerConfig Linear = TinyModel.Gpt2 with { Layers = 1, DMlp = 0, Norm = NormKind.None };

    public static TheoryData<string> LinearUnits => ["v", "z", "result", "pattern", "attn_out", "resid_post", "v by pos", "pattern entries"];

    public static TheoryData<string> Everywhere => ["q", "k", "scores", "pattern", "resid_pre", "resid_mid", "mlp_pre", "mlp_post", "embed", "normalized"];

    [Theory]
    [MemberData(nameof(LinearUnits))]
    public void Attribute_LinearMetric_EqualsPatching(string units)
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Random(Linear);
        foreach (var study in new[] { Study(model), Study(model).Noising() })
        {
            var (truth, guess) = (study.Patch(Grid(units)), study.Attribute(Grid(units)));
            var comparison = truth.Compare(guess);
            comparison.MaxDifference.ShouldBeLessThan(1e-12);
            Math.Abs(truth.Effect.Top(1)[0].Value).ShouldBeGreaterThan(1e-3);
            guess.Clean.ShouldBe(truth.Clean, 1e-12);
            guess.Corrupted.ShouldBe(truth.Corrupted, 1e-12);
            (guess.Normalised - truth.Normalised.With(guess.Normalised.Quantity)).Values.ToArray().ShouldAllBe(v => Math.Abs(v) < 1e-10);
            for (var prompt = 0; prompt < 3; prompt++)
            {
                var unpatched = (study.Direction == Direction.Denoising ? study.CorruptedMetric() : study.CleanMetric())[prompt];
                guess.PerPrompt(1)[prompt].ShouldBe(truth.PerPrompt(1)[prompt] - unpatched, 1e-12);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Everywhere))]
    public void Attribute_AnySite_IsTheSlopeTowardsTheSource(string units)
    {
        using var scope = NewDisposeScope();
        foreach (var config in new[] { TinyModel.Gpt2, TinyModel.Llama })
        {
            using var model = TinyModel.Random(config);
            var study = Study(model);
            var guess = study.Attribute(Grid(units));
            var unit = Grid(units).Unit;
            var names = unit.Site.PerLayer ? Enumerable.Range(0, 3).Select(l => new HookName(unit.Site, l)).ToArray() : [new HookName(unit.Site)];
            using var source = model.On(study.Source).Capture(unit.Site).Run();
            foreach (var name in names)
            {
                double Moved(double share) => model.On(study.Base)
                    .Apply(name, x => x.lerp(source.Cache[name], share).where(x.isfinite(), x)).Measure(study.Metric).mean().ToDouble();
                var slope = (Moved(1e-5) - Moved(-1e-5)) / 2e-5;
                var estimate = unit.Site.PerLayer ? guess.Effect["layer", name.Layer].Sum() : guess.Effect.Sum();
                estimate.ShouldBe(slope, 1e-6 * Math.Max(1, Math.Abs(slope)), $"{config.ModelName} {name}");
            }
        }
    }

    [Fact]
    public void Attribute_SeveralGrids_EqualsEachAlone()
    {
        using var model = TinyModel.Random(TinyModel.Llama);
        var study = Study(model);
        UnitGrid[] grids = [Z.ByHead(), K.ByHead().ByPosition(), ResidPre.ByPosition()];
        var together = study.Attribute(grids);
        for (var i = 0; i < grids.Length; i++)
        {
            var alone = study.Attribute(grids[i]);
            (alone.Effect - together[i].Effect).Values.ToArray().ShouldAllBe(v => Math.Abs(v) < 1e-12);
            alone.Effect.Axes.ShouldBe(study.Patch(grids[i]).Effect.Axes);
        }
    }

    [Fact]
    public void Attribute_NarrowedUnit_IsThatPartOfTheGrid()
    {
        using var model = TinyModel.Random(TinyModel.Gpt2);
        var study = Study(model);
        var whole = study.Attribute(Z.ByHead().ByPosition()).Effect;
        var part = study.Attribute(Z[1..].At(2..5).ByHead()).Effect;
        for (var head = 0; head < 4; head++)
            part[1, head].ShouldBe(whole["layer", 2]["head", head].Values[2..5].ToArray().Sum(), 1e-12);
        var some = study.Attribute(Z[1].At(new[] { 1, 4 }).ByPosition()).Effect;
        some.AxisOf("pos").Labels.ShouldBe(["1", "4"]);
        some[0, 1].ShouldBe(whole["layer", 1]["pos", 4].Sum(), 1e-12);
    }

    [Fact]
    public void Attribute_PlacesThatDifferByPrompt_CountEachPromptsOwn()
    {
        using var model = TinyModel.Random(TinyModel.Gpt2);
        var (clean, corrupted) = (RunInput.Of([[1, 2, 3, 4], [5, 6, 7]]), RunInput.Of([[1, 9, 3, 4], [5, 8, 7]]));
        var study = model.Contrast(clean, corrupted, Metric.LogitDifference(3, 4));
        var whole = study.Attribute(ResidPost.ByPosition());
        var last = study.Attribute(ResidPost.At(Position.Last).ByLayer());
        for (var layer = 0; layer < 3; layer++)
        {
            last.PerPrompt(layer)[0].ShouldBe(whole.PerPrompt(layer * 4 + 3)[0], 1e-12);
            last.PerPrompt(layer)[1].ShouldBe(whole.PerPrompt(layer * 4 + 2)[1], 1e-12);
        }
    }

    [Fact]
    public void AttributeZeroAblation_LinearMetric_EqualsAblation()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Random(Linear);
        var study = Study(model);
        var plan = model.On(study.Clean);
        var guess = plan.AttributeZeroAblation(study.Metric, Z.ByHead());
        var before = plan.Measure(study.Metric).mean().ToDouble();
        for (var head = 0; head < 4; head++)
            guess.Effect[0, head].ShouldBe(before - plan.Zero(Z[0].Head(head)).Measure(study.Metric).mean().ToDouble(), 1e-12);
        Should.Throw<ArgumentException>(() => plan.Variants(new Variant("a")).AttributeZeroAblation(study.Metric, Z.ByHead())).Message.ShouldContain("variants");
    }

    [Fact]
    public void Attribute_Wrongly_SaysWhy()
    {
        using var model = TinyModel.Random(TinyModel.Gpt2);
        var study = Study(model);
        Should.Throw<ArgumentException>(() => study.Attribute(RotQ.ByHead())).Message.ShouldContain("Nearest");
        Should.Throw<ArgumentException>(() => study.Attribute(Array.Empty<UnitGrid>())).Message.ShouldContain("at least one");
        var truth = study.Patch(Z.ByHead());
        Should.Throw<ArgumentException>(() => truth.Compare(study.Noising().Attribute(Z.ByHead()))).Message.ShouldContain("opposite");
    }

    [Fact]
    public void Attribute_Done_LeavesNoTensor()
    {
        using var model = TinyModel.Random(TinyModel.Gpt2);
        using var scope = NewDisposeScope();
        var study = Study(model);
        study.Attribute(Z.ByHead());
        model.On(study.Clean).AttributeZeroAblation(study.Metric, Z.ByHead());
        scope.DisposablesCount.ShouldBe(0);
    }

    private static Contrast Study(HookedTransformer model) => model.Contrast(
        TinyModel.Tokens(model.Config, 3, 6, 1), TinyModel.Tokens(model.Config, 3, 6, 2), Metric.LogitDifference([3, 4, 5], [6, 7, 8]));

    private static UnitGrid Grid(string units) => units switch
    {
        "q" => Q.ByHead(),
        "k" => K.ByHead(),
        "v" => V.ByHead(),
        "z" => Z.ByHead(),
        "v by pos" => V.ByHead().ByPosition(),
        "result" => Result.ByHead(),
        "scores" => AttnScores.ByHead(),
        "pattern" => Pattern.ByHead(),
        "pattern entries" => Pattern.ByHead().ByPosition().BySource(),
        "attn_out" => AttnOut.ByPosition(),
        "resid_pre" => ResidPre.ByPosition(),
        "resid_mid" => ResidMid.ByPosition(),
        "resid_post" => ResidPost.ByPosition(),
        "mlp_pre" => MlpPre.ByNeuron(),
        "mlp_post" => MlpPost.ByNeuron(),
        "embed" => Embed.ByPosition(),
        _ => Ln2Normalized.ByPosition(),
    };
}
