namespace Interp.Tests.Model.Circuits;

using Interp.Native;
using Interp.Tests.Support;
using Shouldly;
using Xunit;

/// <summary>Edge scores under a budget of memory: same numbers, peak within it, and a clear refusal below one prompt.</summary>
[Trait("Tier", "model")]
public sealed class EdgeBudgetTests
{
    private static readonly TransformerConfig Middle = TinyModel.Gpt2 with { ModelName = "middle", Layers = 4, DModel = 64, Heads = 8, DHead = 8, DMlp = 256, Context = 32 };

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Edges_SmallBudgets_GiveTheSameScoresWithinThem(bool llama)
    {
        using var model = TinyModel.Random(llama ? Middle with { KeyValueHeads = 2, Norm = NormKind.Rms, Positions = PositionKind.Rotary, GatedMlp = true, Activation = Activation.Silu } : Middle);
        var study = model.Contrast(
            TinyModel.Tokens(model.Config, 8, 24, seed: 1), TinyModel.Tokens(model.Config, 8, 24, seed: 2),
            Metric.LogitDifference([.. Enumerable.Range(0, 8)], [.. Enumerable.Range(8, 8)]));
        var whole = study.Edges(Method.Eap);
        var (least, _) = Least(study);
        foreach (var method in new[] { Method.Eap, Method.EapIg(2) })
            foreach (var factor in new[] { 1.0, 2.5, 9 })
            {
                var budget = (long)(least * factor);
                var (scores, peak) = Peak(() => study.Edges(method, new EdgeOptions { MemoryBudget = budget }));
                Evidence.Record("circuit-budget", peak <= budget, $"{(llama ? "llama" : "gpt2")}, {method}: peak {peak:N0} of {budget:N0} bytes");
                peak.ShouldBeLessThanOrEqualTo(budget);
                if (method == Method.Eap)
                    (scores.Values - whole.Values).Values.ToArray().Max(Math.Abs).ShouldBeLessThan(1e-10);
                scores.PerPrompt(1, 30).Length.ShouldBe(8);
            }
    }

    [Fact]
    public void Edges_MetricsWithAnswersOfEachPrompt_AreTakenApartWithThem()
    {
        using var scope = TorchSharp.torch.NewDisposeScope();
        using var model = TinyModel.Random(TinyModel.Gpt2);
        var (clean, corrupted) = (TinyModel.Tokens(model.Config, 3, 6, seed: 1), TinyModel.Tokens(model.Config, 3, 6, seed: 2));
        var reference = model.On(clean).LogitsAt(Position.Last).Logits().squeeze(1).log_softmax(-1);
        foreach (var metric in new[] { Metric.NegativeLogProbability([3, 4, 5]), Metric.KlFrom(reference), Metric.LogitDifference([3, 4, 5], [6, 7, 8]) })
        {
            var study = model.Contrast(clean, corrupted, metric);
            var parts = study.Edges(Method.Eap, new EdgeOptions { MemoryBudget = Least(study).Bytes });
            (parts.Values - study.Edges(Method.Eap).Values).Values.ToArray().Max(Math.Abs).ShouldBeLessThan(1e-10, metric.Name);
        }
    }

    [Fact]
    public void Edges_BudgetBelowOneItem_SaysWhatIsNeeded()
    {
        using var model = TinyModel.Random(TinyModel.Gpt2);
        var study = InvariantTests.Study(model);
        var (least, message) = Least(study);
        message.ShouldContain("EdgeOptions.MemoryBudget");
        study.Edges(Method.Eap, new EdgeOptions { MemoryBudget = least }).Values.Count.ShouldBeGreaterThan(0);
        Should.Throw<ArgumentException>(() => study.Edges(Method.Eap, new EdgeOptions { MemoryBudget = least - 1 }));
        Should.Throw<ArgumentException>(() => study.Edges(Method.Exact, new EdgeOptions { MemoryBudget = 1000 })).Message.ShouldContain("One edge over 2 prompts");
        var edited = model.On(study.Clean).Scale(Sites.MlpOut[0], 0.5).Contrast(model.On(study.Corrupted), study.Metric);
        Should.Throw<NotSupportedException>(() => edited.Edges(Method.Eap, new EdgeOptions { MemoryBudget = least })).Message.ShouldContain("all prompts at once");
    }

    // What the refusal says one prompt needs.
    private static (long Bytes, string Message) Least(Contrast study)
    {
        var message = Should.Throw<ArgumentException>(() => study.Edges(Method.Eap, new EdgeOptions { MemoryBudget = 1 })).Message;
        var number = message.Split("about ")[1].Split(" bytes")[0];
        return (long.Parse(number, System.Globalization.NumberStyles.AllowThousands, System.Globalization.CultureInfo.CurrentCulture), message);
    }

    private static (EdgeScores Scores, long Peak) Peak(Func<EdgeScores> run)
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        var before = TorchRuntime.CpuLiveBytes;
        TorchRuntime.ResetPeak();
        var scores = run();
        return (scores, TorchRuntime.CpuPeakBytes - before);
    }
}
