namespace Interp.Tests.Model.Patching.Subspaces;

using Interp.Tests.Support;
using Shouldly;
using TorchSharp;
using Xunit;
using static Interp.Sites;
using static TorchSharp.torch;

/// <summary>Patching of directions and subspaces, the illusion, alignment search.</summary>
[Trait("Tier", "model")]
public sealed class SubspaceTests
{
    private static readonly double Half = Math.Sqrt(0.5);

    /// <summary>Makelov et al.'s distilled example: the input x writes w1 x = (x, 0, x), the output is w2 h = 2 h2 + h3.</summary>
    [Fact]
    public void Patch_DistilledIllusion_GivesItsNumbersAndIsFlagged()
    {
        using var scope = NewDisposeScope();
        using var model = Distilled();
        var study = Study(model);
        (double[] Direction, double Wanted, bool Illusory)[] cases =
        [
            ([0, 0, 1], -2.3, false), ([1, 0, 0], 0.7, false), ([0, 1, 0], 0.7, false), ([Half, Half, 0], -2.3, true),
        ];
        var worst = Math.Max(Math.Abs(study.CorruptedMetric()[0] - 0.7), Math.Abs(study.CleanMetric()[0] + 2.3));
        var verdicts = new List<IllusionVerdict>();
        foreach (var (numbers, wanted, illusory) in cases)
        {
            var direction = tensor(numbers);
            worst = Math.Max(worst, Math.Abs(study.Patch(ResidPre[1], Subspace.Of(direction)).Patched - wanted));
            var check = study.CheckIllusion(ResidPre[1], direction, model.WU, randoms: 4);
            worst = Math.Max(worst, Math.Abs(check.Whole.Patched - wanted));
            check.IsIllusion.ShouldBe(illusory);
            verdicts.Add(check.Verdict);
        }
        var holds = worst <= 1e-12 && verdicts[3] == IllusionVerdict.Illusion && verdicts[0] == IllusionVerdict.Carried;
        Evidence.Record("subspace-illusion", holds, $"largest difference {Evidence.Text(worst)}; e3 {verdicts[0]}, e1 {verdicts[1]}, e2 {verdicts[2]}, (e1+e2)/sqrt(2) {verdicts[3]}");
        worst.ShouldBeLessThanOrEqualTo(1e-12);
        verdicts.ShouldBe([IllusionVerdict.Carried, IllusionVerdict.NoEffect, IllusionVerdict.NoEffect, IllusionVerdict.Illusion]);
    }

    [Fact]
    public void CheckIllusion_DistilledIllusion_ShowsWhereItComesFrom()
    {
        using var scope = NewDisposeScope();
        using var model = Distilled();
        var check = Study(model).CheckIllusion(ResidPre[1], tensor(new[] { Half, Half, 0 }), model.WU, randoms: 0);
        check.NullShare.ShouldBe(0.5, 1e-12);
        check.RowPart!.Effect.ShouldBe(0, 1e-12);
        check.NullPart!.Effect.ShouldBe(0, 1e-12);
        check.RowSpread.ShouldBe(0, 1e-12); // dormant
        check.NullSpread.ShouldBe(3, 1e-12); // varies, and is read by nobody
        check.ToString().ShouldContain("Illusion");
    }

    [Theory]
    [InlineData("gpt2")]
    [InlineData("llama")]
    public void Patch_SubspaceAndComplement_AreTheWholePatch(string kind)
    {
        using var scope = NewDisposeScope();
        var config = kind == "gpt2" ? TinyModel.Gpt2 : TinyModel.Llama;
        using var model = TinyModel.Random(config);
        var study = model.Contrast(TinyModel.Tokens(config, 3, 6, 1), TinyModel.Tokens(config, 3, 6, 2), Metric.LogitDifference(3, 4));
        var all = Subspace.Coordinates(16, [.. Enumerable.Range(0, 16)]);
        var grid = ResidPre.ByPosition();
        study.Patch(grid, all).Patched.Compare(study.Patch(grid).Patched, resamples: 0).MaxDifference.ShouldBeLessThan(1e-10);
        var some = Subspace.Random(16, 5, seed: 3);
        var serial = study.Patch(grid, new PatchOptions { Strategy = PatchStrategy.Serial, Within = some });
        study.Patch(grid, some).Patched.Compare(serial.Patched, resamples: 0).MaxDifference.ShouldBeLessThan(1e-10);
        // A patch of the subspace and then of its complement is the whole patch.
        using var source = model.On(study.Source).Capture(ResidPre[1]).Run();
        using var both = model.On(study.Base).Patch(ResidPre[1], some, source[ResidPre[1]]).Patch(ResidPre[1], some.Complement(), source[ResidPre[1]]).Logits();
        using var whole = model.On(study.Base).Replace(ResidPre[1], source[ResidPre[1]]).Logits();
        (both - whole).abs().max().ToDouble().ShouldBeLessThan(1e-10);
    }

    [Fact]
    public void Patch_OneUnit_EqualsTheSweepAndHasItsNull()
    {
        using var model = TinyModel.Random(TinyModel.Gpt2);
        var study = model.Contrast(TinyModel.Tokens(TinyModel.Gpt2, 4, 5, 1), TinyModel.Tokens(TinyModel.Gpt2, 4, 5, 2), Metric.LogitDifference(3, 4));
        var subspace = Subspace.Random(4, 2, seed: 9);
        var effect = study.Patch(Z[2].Head(1).At(Position.Last), subspace, randoms: 7);
        var sweep = study.Patch(Z.At(Position.Last).ByHead(), subspace);
        effect.Effect.ShouldBe(sweep.Effect[2, 1], 1e-10);
        effect.Random.Count.ShouldBe(7);
        effect.PValue.ShouldBeInRange(1.0 / 8, 1);
        effect.Normalised.ShouldBe(sweep.Normalised[2, 1], 1e-10);
        effect.Interval.Low.ShouldBeLessThanOrEqualTo(effect.Effect);
        study.Noising().Patch(Z[2].Head(1), subspace, randoms: 0).Base.ShouldBe(study.CleanMetric());
    }

    [Fact]
    public void Remove_Subspace_LeavesTheRestAlone()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Random(TinyModel.Gpt2);
        var subspace = Subspace.Random(16, 3, seed: 1);
        var plan = model.On(TinyModel.Tokens(TinyModel.Gpt2, 2, 4, 1)).Capture(ResidPost[1]);
        using var own = plan.Run();
        using var run = plan.Intervene(ResidPost[1], subspace.Remove()).Run();
        subspace.Project(run[ResidPost[1]]).abs().max().ToDouble().ShouldBeLessThan(1e-12);
        (subspace.Complement().Project(own[ResidPost[1]]) - run[ResidPost[1]]).abs().max().ToDouble().ShouldBeLessThan(1e-12);
    }

    [Fact]
    public void Align_PlantedSubspace_IsRecovered()
    {
        using var scope = NewDisposeScope();
        var (model, planted, pairs) = Planted(count: 1200);
        using var owned = model;
        var (train, heldOut) = pairs.Split();
        var found = train.Align(ResidPost[0].At(Position.Last), size: 1, AlignmentSearch.DefaultOptions with { Steps = 400 }, seed: 2);
        var cosine = found.Cosines(planted)[0];
        var accuracy = heldOut.Evaluate(ResidPost[0].At(Position.Last), found, randoms: 10);
        var holds = cosine >= 0.99 && accuracy.Accuracy >= 0.99 && accuracy.Random.Average() < 0.75;
        Evidence.Record("subspace-das", holds, $"1 of 12 dimensions: cosine {cosine:0.0000}; {heldOut.Count} held-out pairs: accuracy {accuracy.Accuracy:0.000}, unpatched {accuracy.Unpatched:0.000}, ten random directions {accuracy.Random.Average():0.000}");
        cosine.ShouldBeGreaterThanOrEqualTo(0.99);
        accuracy.Accuracy.ShouldBeGreaterThanOrEqualTo(0.99);
        accuracy.Random.Average().ShouldBeLessThan(0.75);
        accuracy.ToString().ShouldContain("random");
    }

    [Fact]
    public void Align_AnyUnit_LeavesNoTensorBehindAndIsTheSameTwice()
    {
        using var model = TinyModel.Random(TinyModel.Llama);
        var bases = TinyModel.Tokens(TinyModel.Llama, 6, 5, 1);
        var pairs = new InterchangeSet(model, bases, TinyModel.Tokens(TinyModel.Llama, 6, 5, 2), [1, 2, 3, 4, 5, 6]);
        var options = AlignmentSearch.DefaultOptions with { Steps = 3 };
        var losses = new List<double>();
        Subspace Once() => pairs.Align(Z[1].Head(2).At(Position.Last), 2, options, batchSize: 4, progress: new Sink(losses));
        var first = Once();
        LiveTensors.ShouldStayEqual(() => Once().Basis(1).ToArray().ShouldBe(first.Basis(1).ToArray()));
        losses.Count.ShouldBe(6);
        LiveTensors.ShouldStayEqual(() => pairs.Evaluate(Z[1].Head(2).At(Position.Last), first, randoms: 2));
    }

    [Fact]
    public void Align_StepByStep_LowersTheLossOfTheWholeModel()
    {
        using var scope = NewDisposeScope();
        var (model, _, pairs) = Planted(count: 64);
        using var owned = model;
        var losses = new List<double>();
        pairs.Align(ResidPost[0].At(Position.Last), 2, AlignmentSearch.DefaultOptions with { Steps = 60 }, progress: new Sink(losses));
        losses[^1].ShouldBeLessThan(losses[0] * 0.5);
    }

    private static HookedTransformer Distilled() =>
        // Two readers, 2 h2 and h3, whose outputs the metric adds up.
        LinearModels.Of(new[,] { { 0.7, 0, 0.7 }, { -2.3, 0, -2.3 } }, new double[,] { { 0, 0 }, { 2, 0 }, { 0, 1 } });

    private static Contrast Study(HookedTransformer model) =>
        model.Contrast(RunInput.Of([[1]]), RunInput.Of([[0]]), Metric.Of("output", logits => logits.sum(-1)));

    // Tokens hold two bits, each on a direction of its own, amid what differs from token to token; the four answers read both bits.
    private static (HookedTransformer Model, Subspace Planted, InterchangeSet Pairs) Planted(int count)
    {
        const int width = 12, tokens = 512;
        var frame = Subspace.Random(width, width, seed: 4);
        var random = new Random(5);
        var embedding = new double[tokens, width];
        for (var t = 0; t < tokens; t++)
            for (var axis = 0; axis < width; axis++)
            {
                var amount = axis == 0 ? Bit(t, 0) : axis == 1 ? Bit(t, 1) : random.NextDouble() * 2 - 1;
                for (var i = 0; i < width; i++)
                    embedding[t, i] += amount * frame.Basis(axis)[i];
            }
        var unembedding = new double[width, 4];
        for (var answer = 0; answer < 4; answer++)
            for (var i = 0; i < width; i++)
                unembedding[i, answer] = Bit(answer, 0) * frame.Basis(0)[i] + Bit(answer, 1) * frame.Basis(1)[i];
        var model = LinearModels.Of(embedding, unembedding);
        var (bases, sources) = (Draw(), Draw());
        int[] answers = [.. bases.Zip(sources, (b, s) => (s & 1) | (b & 2))]; // the first bit from the source, the second the base's own
        using var scope = NewDisposeScope();
        return (model, Subspace.Of(tensor(frame.Basis(0).ToArray())), new InterchangeSet(model, Input(bases), Input(sources), answers));

        int[] Draw() => [.. Enumerable.Range(0, count).Select(_ => random.Next(tokens))];
        static double Bit(int number, int place) => (number >> place & 1) == 1 ? 1 : -1;
        static RunInput Input(int[] last) => RunInput.Of(last.Select(t => new[] { 0, t }));
    }

    private sealed class Sink(List<double> losses) : IProgress<TrainingStep>
    {
        public void Report(TrainingStep value) => losses.Add(value.Loss);
    }
}
