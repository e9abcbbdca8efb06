namespace Interp.Tests.Model.Steering;

using Interp.Tests.Support;
using Shouldly;
using TorchSharp;
using Xunit;
using static Interp.Sites;
using static TorchSharp.torch;

/// <summary>Curves against strength, their controls, and side effects.</summary>
[Trait("Tier", "model")]
public sealed class DoseResponseTests
{
    private static readonly SteeringVector Vector = new([.. Enumerable.Range(0, 16).Select(i => Math.Sin(i + 1.0))], new HookName(ResidPost, 1));
    private static readonly double[] Doses = [-2, 0, 0.5, 4];

    [Fact]
    public void DoseResponse_EachPoint_IsTheRunItStandsFor()
    {
        using var model = TinyModel.Random(TinyModel.Llama, seed: 1);
        var plan = model.On(TinyModel.Tokens(model.Config, 3, 5, seed: 1));
        var metric = Metric.LogitDifference([1, 2, 3], [4, 5, 6]);
        var response = plan.DoseResponse(Vector, metric, Doses, new DoseResponseOptions { Controls = 6, Seed = 3 });
        using var scope = NewDisposeScope();
        double Mean(RunPlan steered) => steered.Measure(metric).mean().ToDouble();
        for (var i = 0; i < Doses.Length; i++)
        {
            response.Curve[i].ShouldBe(Mean(plan.Add(Vector, Doses[i])), 1e-10);
            for (var c = 0; c < 6; c++)
                response.Controls[c, i].ShouldBe(Mean(plan.Add(Vector.Random(3 + c), Doses[i])), 1e-10);
            response.Low[i].ShouldBeLessThanOrEqualTo(response.Curve[i]);
            response.High[i].ShouldBeGreaterThanOrEqualTo(response.Curve[i]);
            response.ControlLow[i].ShouldBeLessThanOrEqualTo(response.Control[i] + 1e-12);
            response.Control[i].ShouldBe(Enumerable.Range(0, 6).Average(c => response.Controls[c, i]), 1e-12);
        }
        response.Curve[1].ShouldBe(Mean(plan), 1e-10);
        response.Figure().Svg.ShouldContain("6 random directions");
        response.Table().Shape.ShouldBe([6, 4]);
        response.ToString().ShouldContain("at strength -2");
        var clamped = plan.DoseResponse(Vector, metric, [1.5], new DoseResponseOptions { Controls = 0, At = ResidPre[0..2].At(2), How = Steer.Clamp });
        clamped.Curve[0].ShouldBe(Mean(plan.Intervene(ResidPre[0..2].At(2), Steer.Clamp(Vector, 1.5))), 1e-10);
        LiveTensors.ShouldStayEqual(() => plan.DoseResponse(Vector, metric, Doses, new DoseResponseOptions { Controls = 2 }));
    }

    [Fact]
    public void SideEffect_OverPaddedTexts_IsTheDivergenceOverRealTokens()
    {
        using var model = TinyModel.Random(TinyModel.Gpt2, seed: 1);
        int[][] texts = [[1, 2, 3, 4, 5], [6, 7], [8, 9, 10]];
        var (sum, count) = (0.0, 0);
        List<double> each = [];
        using var scope = NewDisposeScope();
        foreach (var text in texts)
        {
            var p = model.On([text]).Logits().log_softmax(-1);
            var q = model.On([text]).Add(Vector, 2).Logits().log_softmax(-1);
            var kl = (p.exp() * (p - q)).sum().ToDouble();
            each.Add(kl / text.Length);
            (sum, count) = (sum + kl, count + text.Length);
        }
        foreach (var side in new[] { PaddingSide.Left, PaddingSide.Right })
        {
            var plan = model.On(RunInput.Of(texts, side));
            var effect = plan.SideEffect(p => p.Add(Vector, 2));
            (effect.Kl, effect.Tokens).ShouldSatisfyAllConditions(e => e.Kl.ShouldBe(sum / count, 1e-10), e => e.Tokens.ShouldBe(count));
            for (var i = 0; i < 3; i++)
                effect.PerText[i].ShouldBe(each[i], 1e-10);
            effect.KlInterval.Low.ShouldBeLessThanOrEqualTo(effect.Kl);
            effect.KlInterval.High.ShouldBeGreaterThanOrEqualTo(effect.Kl);
            var none = plan.SideEffect(p => p);
            (none.Kl, none.SameTopToken).ShouldBe((0, 1));
            var curve = plan.SideEffects(Vector, [0, 2], new DoseResponseOptions { Controls = 2 });
            curve.Curve[0].ShouldBe(0, 1e-12);
            curve.Curve[1].ShouldBe(each.Average(), 1e-10);
            LiveTensors.ShouldStayEqual(() => plan.SideEffect(p => p.Add(Vector, 2)));
        }
    }

    [Fact]
    public void DoseResponse_BadInput_SaysWhatToDo()
    {
        using var model = TinyModel.Random(TinyModel.Gpt2);
        var (plan, metric) = (model.On([[1, 2]]), Metric.LogitDifference(1, 2));
        Should.Throw<ArgumentException>(() => plan.DoseResponse(Vector, metric, [])).Message.ShouldContain("no strength");
        Should.Throw<ArgumentException>(() => plan.DoseResponse(Vector, metric, [1, double.NaN])).Message.ShouldContain("A strength is NaN");
        Should.Throw<ArgumentException>(() => plan.DoseResponse(Vector, metric, [1, 1])).Message.ShouldContain("twice");
        Should.Throw<ArgumentException>(() => plan.DoseResponse(new SteeringVector([1, 2]), metric, [1])).Message.ShouldContain("belongs to no activation");
        Should.Throw<ArgumentException>(() => plan.DoseResponse(Vector, metric, [1], new DoseResponseOptions { Level = 1 })).Message.ShouldContain("level is 1");
        Should.Throw<ArgumentException>(() => plan.Variants(new Variant("a")).SideEffect(p => p)).Message.ShouldContain("variants");
    }
}
