namespace Interp.Tests.Model.Steering;

using Interp.Extending;
using Interp.Tests.Support;
using Shouldly;
using TorchSharp;
using Xunit;
using static Interp.Sites;
using static TorchSharp.torch;

/// <summary>Steering in runs, patching, gradients and generation.</summary>
[Trait("Tier", "model")]
public sealed class SteerTests
{
    private static readonly SteeringVector Vector = new([.. Enumerable.Range(0, 16).Select(i => Math.Sin(i + 1.0))]);
    private static readonly SteeringVector Other = new([.. Enumerable.Range(0, 16).Select(i => Math.Cos(i * 2.0))]);

    public static TheoryData<string> Models => [.. Configs.Keys];

    private static readonly Dictionary<string, TransformerConfig> Configs = new()
    {
        ["gpt2"] = TinyModel.Gpt2, ["llama-gqa"] = TinyModel.Llama, ["parallel"] = TinyModel.Gpt2 with { ParallelBlocks = true },
    };

    [Theory]
    [MemberData(nameof(Models))]
    public void ProjectOut_WhileGenerating_IsOrthogonalThereAndUntouchedElsewhere(string name)
    {
        using var model = TinyModel.Random(Configs[name], seed: 2, ScalarType.Float32);
        var plan = model.On(RunInput.Of([[1, 2, 3, 4], [5, 6, 7]], PaddingSide.Left)).Capture(ResidPost[1]);
        var worst = 0.0;
        foreach (var (places, steered) in new (Indices, Func<int, bool>)[]
        {
            (Position.All, _ => true), (Position.Prompt, p => p < 4), (Position.Generated, p => p >= 4), (Position.GeneratedAt(1..3), p => p is 5 or 6), (2, p => p == 2), (Position.Last, p => p >= 3),
        })
        {
            List<(int Position, bool Same)> before = [];
            Dictionary<int, Tensor> kept = [];
            using var scope = NewDisposeScope();
            // What stands before steering is seen by an edit in front of it, which changes nothing.
            using var generation = plan.Apply(ResidPost[1], x => x)
                .Intervene(ResidPost[1], Interventions.Apply((x, context) =>
                {
                    for (var i = 0; i < x.shape[1]; i++)
                        kept[context.PastLength + i] = x.select(1, i).clone().DetachFromDisposeScope();
                    return x;
                }))
                .ProjectOut(ResidPost[1].At(places), Vector, Other).Generate(new GenerationOptions { Tokens = 5 });
            var after = generation[ResidPost[1]]; // [batch, pos, d_model]
            for (var p = 0; p < after.shape[1]; p++)
            {
                var x = after.select(1, p);
                if (steered(p))
                    worst = Math.Max(worst, Math.Max(Vector.Project(x).abs().max().ToDouble(), Other.Project(x).abs().max().ToDouble()));
                else
                    x.Equals(kept[p]).ShouldBeTrue($"{places}: position {p} is not bit-equal");
            }
            foreach (var tensor in kept.Values)
                tensor.Dispose();
        }
        Evidence.Record("project-out", worst <= 1e-5, $"{name}: component at most {Evidence.Text(worst)}, other positions bit-equal");
        worst.ShouldBeLessThan(1e-5);
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void ProjectOutEverywhere_EveryResidualSite_IsOrthogonal(string name)
    {
        using var model = TinyModel.Random(Configs[name], seed: 2, ScalarType.Float32);
        using var run = model.On([[1, 2, 3, 4]]).ProjectOutEverywhere(Vector).CaptureAll().Run();
        using var scope = NewDisposeScope();
        foreach (var (site, x) in run.Cache)
            if (site.Site == ResidPre || site.Site == ResidMid || site.Site == ResidPost)
                Vector.Project(x).abs().max().ToDouble().ShouldBeLessThan(1e-5, site.ToString());
    }

    [Fact]
    public void Verbs_EachOnRandomActivations_FollowTheirFormula()
    {
        using var scope = NewDisposeScope();
        var x = randn([3, 5, 16], dtype: ScalarType.Float64, generator: new Generator(1));
        var (v, unit) = (Vector.ToTensor(ScalarType.Float64), Vector.Normalised().ToTensor(ScalarType.Float64));
        Tensor Apply(IIntervention intervention) => intervention.Apply(x, new InterventionContext(new HookName(ResidPost, 0), ResidPost[0], 0));
        var along = Vector.Project(x).unsqueeze(-1);
        Near(Apply(Steer.Add(Vector, -2)), x - v * 2);
        Near(Apply(Steer.ProjectOut(Vector)), x - along * unit);
        Near(Vector.Project(Apply(Steer.Clamp(Vector, 3))), full([3, 5], 3.0, dtype: ScalarType.Float64));
        Near(Other.Without(Vector).Project(Apply(Steer.Clamp(Vector, 3))), Other.Without(Vector).Project(x));
        Near(Apply(Steer.Scale(Vector, -1)), x - along * unit * 2);
        Near(Apply(Steer.Scale(Vector, 0)), Apply(Steer.ProjectOut(Vector)));
        var injected = Apply(Steer.Inject(Vector, 4));
        Near(Length(injected), Length(x));
        Near(injected / Length(injected), (x + v * 4) / Length(x + v * 4));
        Near(Apply(Steer.Inject(Vector, 0)), x);
        var turned = Apply(Steer.Rotate(Vector, 0.3));
        Near(Length(turned), Length(x));
        var (cosBefore, cosAfter) = (Vector.Project(x) / Length(x).squeeze(-1), Vector.Project(turned) / Length(turned).squeeze(-1));
        Near(cosAfter.arccos(), (cosBefore.arccos() - 0.3).clamp_min(0));
        Near(Apply(Steer.Rotate(Vector, 10)), Length(x) * unit);
        Near(Apply(Steer.Rotate(Vector, 0)), x);
    }

    [Fact]
    public void Add_AtWindowsAndRoles_EqualsAPlainRunOfTheSameEdit()
    {
        using var model = TinyModel.Random(TinyModel.Llama, seed: 4);
        var input = RunInput.Of([[1, 2, 3, 4, 5], [6, 7, 8, 9, 10]]).WithRoles(System.Collections.Immutable.ImmutableDictionary<string, System.Collections.Immutable.ImmutableArray<System.Collections.Immutable.ImmutableArray<int>>>.Empty.Add("who", [[1, 2], [3]]));
        using var scope = NewDisposeScope();
        var v = Vector.ToTensor(ScalarType.Float64);
        // Rows with spans of different length are steered each at its own places.
        var both = model.On(input).Add(ResidPost[1].At(Position.Role("who")), Vector, 2).Logits();
        Near(both[0], model.On([input.Rows[0]]).Add(ResidPost[1].At(1..3), v, 2).Logits()[0]);
        Near(both[1], model.On([input.Rows[1]]).Add(ResidPost[1].At(3), v, 2).Logits()[0]);
        Near(both, model.On(input).Add(ResidPost[1].At(Position.Role("who")), v, 2).Logits());
        Should.Throw<ArgumentException>(() => model.On(input).Replace(ResidPost[1].At(Position.Role("who")), zeros([2, 2, 16], dtype: ScalarType.Float64)).Logits())
            .Message.ShouldContain("gave [2, 2, 16]");
        Near(model.On(input).Add(Vector.At(new HookName(ResidPre, 2)), 3).Logits(), model.On(input).Add(ResidPre[2], v, 3).Logits());
        var layers = model.On(input).Add(ResidPre[1..3], Vector, 1).Logits();
        Near(layers, model.On(input).Add(ResidPre[1], v).Add(ResidPre[2], v).Logits());
    }

    [Fact]
    public void Steering_InPatchingAndGradients_IsLive()
    {
        using var model = TinyModel.Random(TinyModel.Gpt2, seed: 4);
        var metric = Metric.LogitDifference(1, 2);
        var (clean, corrupted) = (TinyModel.Tokens(model.Config, 2, 5, 1), TinyModel.Tokens(model.Config, 2, 5, 2));
        RunPlan Steered(RunInput input) => model.On(input).Intervene(ResidPost[0].At(2), Steer.Inject(Vector, 2));
        var study = Steered(clean).Contrast(Steered(corrupted), metric);
        var patch = study.Patch(Z.ByHead(), new PatchOptions { Strategy = PatchStrategy.Serial });
        study.Patch(Z.ByHead()).Patched.Values.ToArray().Zip(patch.Patched.Values.ToArray(), (a, b) => Math.Abs(a - b)).Max().ShouldBeLessThan(1e-10);
        using var scope = NewDisposeScope();
        using var source = Steered(clean).Capture(Z).Run();
        var expected = Steered(corrupted).Replace(Z[2].Head(1), source[Z[2]].select(2, 1)).Measure(metric).mean().ToDouble();
        patch.Patched[2, 1].ShouldBe(expected, 1e-10);
        Math.Abs(patch.Patched[2, 1] - model.Contrast(clean, corrupted, metric).Patch(Z.ByHead()).Patched[2, 1]).ShouldBeGreaterThan(1e-6);

        // The gradient through the injection, against finite differences along one direction.
        using var gradients = Steered(clean).Gradients(metric, ResidPre[0]);
        var step = randn([2, 5, 16], dtype: ScalarType.Float64, generator: new Generator(5));
        double At(double h) => Steered(clean).Apply(ResidPre[0], x => x + step * h).Measure(metric).mean().ToDouble();
        (gradients[ResidPre[0]] * step).sum().ToDouble().ShouldBe((At(1e-5) - At(-1e-5)) / 2e-5, 1e-6);
    }

    [Fact]
    public void Directions_OfAModel_AreThoseOfItsActivationsAndWeights()
    {
        using var model = TinyModel.Random(TinyModel.Llama, seed: 4, ScalarType.Float32);
        int[][] hers = [[1, 2, 3], [4, 5, 6, 7], [8, 9]], his = [[10, 11, 12], [13, 14, 15, 16], [17, 18]];
        var (p, n) = (model.On(RunInput.Of(hers)), model.On(RunInput.Of(his)));
        using var scope = NewDisposeScope();
        Tensor Mean(int[][] rows, Func<Tensor, Tensor> pool) => stack(rows.Select(r => pool(model.On([r]).Capture(ResidPost).Run()[ResidPost[1]][0])).ToList(), 0).mean([0L]);
        Same(p.MeanDifference(n, ResidPost.At(Position.Last), batchSize: 2)[1], Mean(hers, x => x[-1]) - Mean(his, x => x[-1]));
        Same(p.MeanDifference(n, ResidPost)[1], Mean(hers, x => x.mean([0L])) - Mean(his, x => x.mean([0L])));
        Same(p.MeanDifference(n, ResidPost[1].At(0))[0], Mean(hers, x => x[0]) - Mean(his, x => x[0]));
        var all = p.PrincipalDifference(n, ResidPre.At(Position.Last));
        all.Select(v => v.Origin).ShouldBe([new HookName(ResidPre, 0), new HookName(ResidPre, 1), new HookName(ResidPre, 2)]);
        all[0].Provenance.Model.ShouldBe("tiny-llama");
        p.MeanDifference(n, Z[1].Head(2))[0].Width.ShouldBe(4);
        Same(model.UnembeddingDirection(3, 4), model.WU.select(1, 3) - model.WU.select(1, 4));
        Same(model.ValueVector(1, 5), model.WOut(1)[5]);
        var probe = new LinearProbe("logistic", ["his", "hers"], [.. Vector.Values], [0.5]);
        var read = probe.ToSteeringVector(new HookName(ResidPost, 1));
        read.ToString().ShouldStartWith("logistic probe at blocks.1.hook_resid_post");
        read.Cosine(Vector).ShouldBe(1, 1e-12);
        Should.Throw<ArgumentOutOfRangeException>(() => probe.ToSteeringVector(output: 1)).Message.ShouldContain("the probe has 1");
        LiveTensors.ShouldStayEqual(() => p.MeanDifference(n, ResidPost));
    }

    [Fact]
    public void Steering_BadInput_SaysWhatToDo()
    {
        using var model = TinyModel.Random(TinyModel.Llama);
        var plan = model.On([[1, 2, 3]]);
        var narrow = new SteeringVector([1, 2, 3]);
        Should.Throw<ArgumentException>(() => plan.Add(ResidPost[1], narrow).Logits()).Message.ShouldContain("3 wide, blocks.1.hook_resid_post is here [1, 3, 16]");
        Should.Throw<ArgumentException>(() => plan.Add(ResidPost[1..9], Vector).Logits()).Message.ShouldContain("3 blocks (0-2)");
        Should.Throw<ArgumentException>(() => plan.Add(ResidPost[0..].AtLayers(new[] { 0, 7 }), Vector).Logits()).Message.ShouldContain("3 blocks (0-2)");
        Should.Throw<ArgumentException>(() => plan.Add(Vector, 2)).Message.ShouldContain("belongs to no activation");
        Should.Throw<ArgumentException>(() => Steer.ProjectOut(Vector, narrow)).Message.ShouldContain("16 and 3 wide");
        Should.Throw<InvalidOperationException>(() => plan.Add(ResidPost[1].At(Position.Generated), Vector).Logits()).Message.ShouldContain("Nothing is generated here");
        Should.Throw<ArgumentException>(() => plan.MeanDifference(plan, Z[1])).Message.ShouldContain("one row for each position");
        Should.Throw<ArgumentOutOfRangeException>(() => model.UnembeddingDirection(29)).Message.ShouldContain("29 tokens (0-28)");
        Should.Throw<ArgumentOutOfRangeException>(() => model.ValueVector(3, 0)).Message.ShouldContain("No layer 3");
        Should.Throw<ArgumentOutOfRangeException>(() => model.ValueVector(0, 24)).Message.ShouldContain("No neuron 24");
        using var zero = zeros([16]);
        Should.Throw<ArgumentException>(() => plan.ProjectOut(ResidPost, zero)).Message.ShouldContain("points nowhere");
        Should.Throw<ArgumentException>(() => plan.MeanDifference(plan, ResidPost)).Message.ShouldContain("points nowhere");
    }

    private static Tensor Length(Tensor x) => x.square().sum(-1, keepdim: true).sqrt();

    private static void Same(SteeringVector vector, Tensor expected)
    {
        using var scope = NewDisposeScope();
        Near(vector.ToTensor(ScalarType.Float64), expected.to(ScalarType.Float64), 1e-6);
    }

    private static void Near(Tensor a, Tensor b, double tolerance = 1e-10)
    {
        using var scope = NewDisposeScope();
        (a - b).abs().max().ToDouble().ShouldBeLessThan(tolerance);
    }
}
