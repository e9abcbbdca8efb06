namespace Interp.Tests.Model.Running;

using Interp.Tests.Support;
using Shouldly;
using TorchSharp;
using Xunit;
using static Interp.Sites;
using static TorchSharp.torch;

/// <summary>Gradients of a metric read by two directions are those of the metric read off the logits.</summary>
[Trait("Tier", "model")]
public sealed class GradientReadoutTests
{
    private static readonly Metric Difference = Metric.LogitDifference([3, 5, 7], [4, 6, 8]);

    public static TheoryData<string> Models => ["gpt2", "llama", "soft cap"];

    [Theory]
    [MemberData(nameof(Models))]
    public void Gradients_LinearMetric_EqualThoseThroughLogits(string name)
    {
        using var scope = NewDisposeScope();
        var config = name == "gpt2" ? TinyModel.Gpt2 : name == "llama" ? TinyModel.Llama : TinyModel.Llama with { LogitSoftCap = 5 };
        using var model = TinyModel.Random(config);
        // The last prompts are shorter: their last position is not the batch's.
        var tokens = TinyModel.Tokens(config, 3, 6, seed: 2);
        var prompts = RunInput.Of(tokens.Rows.Select((row, i) => row.Take(6 - i).ToArray()));
        using var direct = model.On(prompts).Gradients(Difference, Z, ResidPre);
        using var through = model.On(prompts).Gradients(new ThroughLogits(Difference), Z, ResidPre);
        using var heard = model.On(prompts).Gradients(Difference, Z, ResidPre, FinalNormalized);

        direct.Gradients.Count.ShouldBe(2 * config.Layers);
        foreach (var (unit, gradient) in direct.Gradients)
            foreach (var other in new[] { through, heard })
                (gradient - other[unit]).abs().max().ToDouble().ShouldBeLessThan(1e-12, unit.ToString());
        (direct.Metric - through.Metric).abs().max().ToDouble().ShouldBeLessThan(1e-12);
        direct.Gradients.Max(g => g.Value.abs().max().ToDouble()).ShouldBeGreaterThan(1e-4);
    }

    [Fact]
    public void Gradients_LinearMetricOfOtherPrompts_SaysSo()
    {
        using var model = TinyModel.Random(TinyModel.Gpt2);
        var prompts = TinyModel.Tokens(TinyModel.Gpt2, 2, 6, seed: 2);
        var direct = Should.Throw<ArgumentException>(() => model.On(prompts).Gradients(Difference, Z));
        direct.Message.ShouldBe(Should.Throw<ArgumentException>(() => model.On(prompts).Measure(Difference)).Message);
    }

    // The same numbers, without the directions.
    private sealed class ThroughLogits(Metric metric) : Metric
    {
        public override string Name => metric.Name;

        public override Tensor PerPrompt(Tensor logits) => metric.PerPrompt(logits);
    }
}
