namespace Interp.Tests.Model.Steering;

using Interp.Extending;
using Interp.Tests.Support;
using Shouldly;
using TorchSharp;
using Xunit;
using static Interp.Sites;
using static TorchSharp.torch;

/// <summary>Scaling vectors of heads: hooked, trained with the model frozen, folded into the weights.</summary>
[Trait("Tier", "model")]
public sealed class HeadScalingTests
{
    private static readonly Metric Difference = Metric.LogitDifference(3, 4);

    public static TheoryData<string> Models => [.. Configs.Keys];

    private static readonly Dictionary<string, TransformerConfig> Configs = new()
    {
        ["gpt2"] = TinyModel.Gpt2, ["llama-gqa"] = TinyModel.Llama, ["parallel"] = TinyModel.Gpt2 with { ParallelBlocks = true },
        ["post-norms"] = TinyModel.Llama with { PostNorms = true }, ["alibi"] = TinyModel.Gpt2 with { Positions = PositionKind.Alibi },
        ["window"] = TinyModel.Llama with { Windows = [3, 0, 2] }, ["multi-query"] = TinyModel.Llama with { KeyValueHeads = 1 },
    };

    [Theory]
    [MemberData(nameof(Models))]
    public void Fold_ATrainedScaling_IsTheHookedModel(string name)
    {
        using var model = TinyModel.Random(Configs[name], seed: 2, ScalarType.Float32);
        var plan = model.On(TinyModel.Tokens(model.Config, 3, 6, seed: 1));
        using var before = plan.Logits();
        var trained = plan.TrainHeadScaling([Z[1].Head(new[] { 0, 3 }), Z[2].Head(2)], Difference, options: new TrainingOptions { Steps = 25, LearningRate = 0.05, WarmUp = 2 });
        using var folded = model.Fold(trained);

        using var scope = NewDisposeScope();
        var (plain, hooked) = (plan.Measure(Difference).mean().ToDouble(), plan.ScaleHeads(trained).Measure(Difference).mean().ToDouble());
        var worst = (folded.On(plan.Input).Logits() - plan.ScaleHeads(trained).Logits()).abs().max().ToDouble();
        Evidence.Record("scaling-vector", worst <= 1e-5 && hooked < plain, $"{name}: at most {Evidence.Text(worst)}; trained from {plain:F2} to {hooked:F2}");
        worst.ShouldBeLessThan(1e-5);
        hooked.ShouldBeLessThan(plain - 0.1);
        trained.Heads.ShouldBe([(1, 0), (1, 3), (2, 2)]);
        plan.Logits().Equals(before).ShouldBeTrue("the model itself has changed");
        folded.Weights.Blocks[0].Attention.Output.Equals(model.Weights.Blocks[0].Attention.Output).ShouldBeTrue();
    }

    [Fact]
    public void ScaleHeads_Fixed_TouchesThoseHeadsAlone()
    {
        using var model = TinyModel.Random(TinyModel.Llama, seed: 2, ScalarType.Float32);
        var scaling = HeadScaling.Of(model, [Z[1].Head(2)], 0.5).With(1, 2, [0.5, 2, -1, 0]);
        var plan = model.On([[1, 2, 3, 4]]);
        using var plain = plan.Capture(Z).Run();
        using var scaled = plan.ScaleHeads(scaling).Capture(Z).Run();
        using var scope = NewDisposeScope();
        for (var head = 0; head < 4; head++)
        {
            var (was, now) = (plain[Z[1]].select(2, head), scaled[Z[1]].select(2, head));
            now.Equals(head == 2 ? was * tensor(new[] { 0.5f, 2, -1, 0 }) : was).ShouldBeTrue($"head {head}");
        }
        using var ones = plan.ScaleHeads(HeadScaling.Of(model, [Z])).Logits();
        ones.Equals(plain.Logits).ShouldBeTrue();
        // Folded into a chain of models: generation follows.
        using var folded = model.Fold(scaling);
        folded.On([[1, 2, 3]]).GenerateTokens(6).ShouldBe(model.On([[1, 2, 3]]).ScaleHeads(scaling).GenerateTokens(6));
    }

    [Fact]
    public void TrainHeadScaling_OwnLoss_AndWhatItLeavesBehind()
    {
        using var model = TinyModel.Random(TinyModel.Gpt2, seed: 3, ScalarType.Float32);
        var plan = model.On([[1, 2, 3, 4], [5, 6, 7, 8]]).LogitsAt(Position.Last);
        var options = new TrainingOptions { Steps = 15, LearningRate = 0.1, WarmUp = 0 };
        HeadScaling Train() => plan.TrainHeadScaling([Z[0].Head(1)], logits => -logits.log_softmax(-1).select(-1, 7).mean(), options);
        var first = Train();
        first[0, 1].ShouldBe(Train()[0, 1]);
        var metric = Metric.NegativeLogProbability([7]);
        using var scope = NewDisposeScope();
        plan.ScaleHeads(first).Measure(metric).mean().ToDouble().ShouldBeLessThan(plan.Measure(metric).mean().ToDouble());
        var up = plan.TrainHeadScaling([Z[0].Head(1)], metric, maximise: true, options);
        plan.ScaleHeads(up).Measure(metric).mean().ToDouble().ShouldBeGreaterThan(plan.Measure(metric).mean().ToDouble());
        LiveTensors.ShouldStayEqual(() => Train());
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "s.safetensors");
        first.Save(path);
        var read = HeadScaling.Load(path);
        read[0, 1].ShouldBe(first[0, 1]);
        read.ToString().ShouldBe("scaling of heads 0.1");
    }

    [Fact]
    public void HeadScaling_BadInput_SaysWhatToDo()
    {
        using var model = TinyModel.Random(TinyModel.Llama);
        Should.Throw<ArgumentException>(() => HeadScaling.Of(model, [Q[1].Head(0)])).Message.ShouldContain("no set of heads");
        Should.Throw<ArgumentException>(() => HeadScaling.Of(model, [Z[1].Head(0).At(1)])).Message.ShouldContain("no set of heads");
        Should.Throw<ArgumentException>(() => HeadScaling.Of(model, [])).Message.ShouldContain("no head to scale");
        Should.Throw<ArgumentException>(() => HeadScaling.Of(model, [Z[3]])).Message.ShouldContain("3 blocks (0-2)");
        Should.Throw<ArgumentOutOfRangeException>(() => HeadScaling.Of(model, [Z[1].Head(4)])).Message.ShouldContain("No head 4");
        var scaling = HeadScaling.Of(model, [Z[1].Head(0)]);
        Should.Throw<ArgumentException>(() => scaling.With(1, 0, [double.NaN])).Message.ShouldContain("NaN");
        Should.Throw<ArgumentException>(() => model.On([[1]]).ScaleHeads(scaling.With(1, 0, [1]))).Message.ShouldContain("a vector of 1");
        Should.Throw<KeyNotFoundException>(() => scaling[2, 2]).Message.ShouldContain("Scaled are: 1.0");
        using var other = model.WithAttention(1, inner => new Wrapped(inner));
        Should.Throw<NotSupportedException>(() => other.Fold(scaling)).Message.ShouldContain("Wrapped");
        using var half = model.To(ScalarType.BFloat16);
        Should.Throw<ArgumentException>(() => half.On([[1, 2]]).TrainHeadScaling([Z[1].Head(0)], Difference)).Message.ShouldContain("train in float32");
    }

    private sealed class Wrapped(IAttention inner) : IAttention
    {
        public IEnumerable<Site> Sites => inner.Sites;

        public Tensor Forward(ForwardContext run, int layer, Tensor query, Tensor key, Tensor value) => inner.Forward(run, layer, query, key, value);
    }
}
