namespace Interp.Tests.Unit.Dictionaries;

using Interp.Native;
using Interp.Tests.Support;
using Shouldly;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

/// <summary>A batch taken in parts gives the whole batch's numbers, and holds a bounded amount of memory.</summary>
[Trait("Tier", "unit")]
public sealed class BatchPartsTests
{
    private const int Rows = 43;
    private const int Width = 60;

    public static TheoryData<DictionaryRecipe, string> Cases
    {
        get
        {
            var data = new TheoryData<DictionaryRecipe, string>();
            foreach (var recipe in new[] { DictionaryRecipe.SaeLens, DictionaryRecipe.DictionaryLearning })
                foreach (var kind in new[] { "relu", "gated", "jumprelu", "jumprelu tanh" })
                    data.Add(recipe, kind);
            foreach (var recipe in Enum.GetValues<DictionaryRecipe>())
                foreach (var kind in new[] { "topk", "batchtopk", "matryoshka", "transcoder" })
                    data.Add(recipe, kind);
            data.Add(DictionaryRecipe.Sparsify, "topk multi");
            return data;
        }
    }

    public static TheoryData<DictionaryRecipe, string> Large => new()
    {
        { DictionaryRecipe.SaeLens, "relu" }, { DictionaryRecipe.SaeLens, "gated" }, { DictionaryRecipe.SaeLens, "jumprelu" }, { DictionaryRecipe.SaeLens, "topk" },
        { DictionaryRecipe.SaeLens, "batchtopk" }, { DictionaryRecipe.SaeLens, "matryoshka" }, { DictionaryRecipe.DictionaryLearning, "jumprelu" },
        { DictionaryRecipe.Sparsify, "topk multi" },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Step_InParts_EqualsTheWholeBatch(DictionaryRecipe recipe, string kind)
    {
        using var scope = NewDisposeScope();
        var (config, options) = Case(recipe, kind);
        using var first = SparseDictionary.Initialise(config, 1, recipe, ScalarType.Float64);
        using var second = SparseDictionary.Initialise(config, 1, recipe, ScalarType.Float64);
        using var whole = new DictionaryTrainer(first, options) { WholeUpTo = long.MaxValue };
        using var parted = new DictionaryTrainer(second, options) { WholeUpTo = 0 };
        using var generator = new Generator(5, CPU);
        var terms = new HashSet<string>();
        for (var i = 0; i < options.Steps; i++)
        {
            var batch = randn([Rows, config.DIn], dtype: ScalarType.Float64, generator: generator);
            var target = kind == "transcoder" ? randn([Rows, config.DOut], dtype: ScalarType.Float64, generator: generator) : null;
            var (wanted, done) = (whole.Step(batch, target), parted.Step(batch, target));
            done.Terms.Keys.ShouldBe(wanted.Terms.Keys);
            terms.UnionWith(done.Terms.Keys);
            foreach (var (name, value) in wanted.Terms)
                done.Terms[name].ShouldBe(value, 1e-10 * Math.Max(1, Math.Abs(value)), name);
            (done.L0, done.Dead, done.Rate, done.Sparsity).ShouldBe((wanted.L0, wanted.Dead, wanted.Rate, wanted.Sparsity));
            done.Unexplained.ShouldBe(wanted.Unexplained, 1e-10);
            done.GradientLength.ShouldBe(wanted.GradientLength, 1e-10 * wanted.GradientLength);
        }
        foreach (var ((name, a), (_, b)) in first.Weights.Named().Zip(second.Weights.Named()))
            (a - b).abs().max().ToDouble().ShouldBeLessThan(1e-9, name);
        GoldenCompare.Doubles(parted.Silent).ShouldBe(GoldenCompare.Doubles(whole.Silent));
        (second.BatchThreshold ?? 0).ShouldBe(first.BatchThreshold ?? 0, 1e-7);
        if (config.Activation.FixesSparsity)
            terms.ShouldContain("auxiliary");
    }

    [Fact]
    public void Step_EqualLatentsAtTheLimit_AsManyAreChosen()
    {
        using var scope = NewDisposeScope();
        var config = new DictionaryConfig { DIn = 6, Width = Width, Activation = LatentActivation.BatchTopK(4) };
        using var dictionary = SparseDictionary.Initialise(config, 1, dtype: ScalarType.Float64);
        using var trainer = new DictionaryTrainer(dictionary, new DictionaryTrainingOptions { Steps = 3 }) { WholeUpTo = 0 };
        // Every row is the same, so that each value stands there as often as there are rows.
        var batch = randn([1, 6], dtype: ScalarType.Float64).expand(Rows, 6).contiguous();
        trainer.Step(batch * 1.0).L0.ShouldBe(4);
        var odd = SparseDictionary.Initialise(config with { Activation = LatentActivation.BatchTopK(3.5) }, 1, dtype: ScalarType.Float64);
        using var oddTrainer = new DictionaryTrainer(odd, new DictionaryTrainingOptions { Steps = 3 }) { WholeUpTo = 0 };
        oddTrainer.Step(batch * 1.0).L0.ShouldBe((long)(3.5 * Rows) / (double)Rows);
        odd.Dispose();
    }

    [Fact]
    public void Step_OwnRule_TakesTheBatchWhole()
    {
        using var scope = NewDisposeScope();
        using var dictionary = SparseDictionary.Initialise(new DictionaryConfig { DIn = 6, Width = Width, Activation = new CountedLatents() }, 1);
        using var trainer = new DictionaryTrainer(dictionary, new DictionaryTrainingOptions { Steps = 3 }) { WholeUpTo = 0 };
        CountedLatents.Calls = 0;
        trainer.Step(randn([Rows, 6]));
        CountedLatents.Calls.ShouldBe(1);
    }

    [Fact]
    public void Step_NotFiniteInAPart_LeavesNoGradientsAndNoTensors()
    {
        using var scope = NewDisposeScope();
        using var dictionary = SparseDictionary.Initialise(new DictionaryConfig { DIn = 6, Width = Width, Activation = LatentActivation.Relu }, 1);
        using var trainer = new DictionaryTrainer(dictionary, new DictionaryTrainingOptions { Steps = 9 }) { WholeUpTo = 0 };
        var batch = randn([Rows, 6]);
        trainer.Step(batch);
        var before = GoldenCompare.Doubles(dictionary.Weights.Encoder);
        var large = batch.clone();
        large[Rows - 1] = full([6], 1e30f);
        LiveTensors.ShouldStayEqual(() => Should.Throw<ArithmeticException>(() => trainer.Step(large)));
        GoldenCompare.Doubles(dictionary.Weights.Encoder).ShouldBe(before);
        dictionary.Weights.Encoder.grad.ShouldBeNull();
        LiveTensors.ShouldStayEqual(() => trainer.Step(batch));
    }

    [Theory]
    [MemberData(nameof(Large))]
    public void Step_LargeBatch_HoldsLittleBeyondWeightsMomentsGradientsAndTwoTensors(DictionaryRecipe recipe, string kind)
    {
        const int dIn = 256, width = 8192, rows = 680;
        using var scope = NewDisposeScope();
        var (config, options) = Case(recipe, kind);
        config = config with { DIn = dIn, DOut = dIn, Width = width, RescaleByDecoderNorm = config.Activation.FixesSparsity };
        options = options with { Nesting = kind == "matryoshka" ? [512, 2048] : [], ClipNorm = 1, ChosenOnly = false, DeadAfter = 0 };
        using var batch = randn([rows, dIn], dtype: ScalarType.Float32);
        GC.Collect();
        GC.WaitForPendingFinalizers();
        var live = TorchRuntime.CpuLiveBytes - batch.numel() * 4;
        TorchRuntime.ResetPeak();
        using var dictionary = SparseDictionary.Initialise(config, 1);
        using var trainer = new DictionaryTrainer(dictionary, options);
        for (var i = 0; i < 2; i++)
            trainer.Step(batch); // in the second, latents are dead
        var wanted = 4 * dictionary.Weights.Named().Sum(w => w.Tensor.numel() * 4) + batch.numel() * 4 + 2L * rows * width * 4;
        var ratio = (TorchRuntime.CpuPeakBytes - live) / (double)wanted;
        Evidence.Record("sae-memory", ratio <= 1.2, $"{recipe} {kind}, dense, d {dIn}, width {width}, batch {rows}: {ratio:f3} times ({(TorchRuntime.CpuPeakBytes - live) / 1e6:n0} MB)");
        ratio.ShouldBeLessThan(1.2);
    }

    private static (DictionaryConfig Config, DictionaryTrainingOptions Options) Case(DictionaryRecipe recipe, string kind)
    {
        var activation = kind.Split(' ')[0] switch
        {
            "relu" => LatentActivation.Relu,
            "gated" => LatentActivation.Gated,
            "jumprelu" => LatentActivation.JumpRelu(),
            "topk" or "transcoder" => LatentActivation.TopK(4),
            _ => LatentActivation.BatchTopK(3.5),
        };
        var config = new DictionaryConfig
        {
            DIn = 7, DOut = kind == "transcoder" ? 5 : 7, Width = Width, Activation = activation, CentreInput = kind != "transcoder",
            RescaleByDecoderNorm = recipe == DictionaryRecipe.SaeLens && activation.FixesSparsity,
        };
        return (config, DictionaryTrainingOptions.Like(recipe, activation) with
        {
            Steps = 8, LearningRate = 1e-3, Sparsity = 0.3, ThresholdStart = 2, Nesting = kind == "matryoshka" ? [9, 30] : [], MultiTopK = kind == "topk multi",
            JumpPenalty = kind == "jumprelu" ? JumpPenalty.Step : JumpPenalty.Tanh, PreActivationPenalty = kind.StartsWith("jumprelu") && recipe == DictionaryRecipe.SaeLens ? 0.01 : 0,
            DeadAfter = recipe == DictionaryRecipe.SaeLens ? 1 : Rows,
        });
    }

    private sealed record CountedLatents : LatentActivation
    {
        public static int Calls { get; set; }

        public override string Name => "counted";

        public override bool FixesSparsity => false;

        public override IReadOnlyList<string> OwnWeights => [];

        public override double InitialValue(string weight) => 0;

        public override DictionaryLatents Apply(LatentInput input)
        {
            Calls++;
            return new(input.Pre, input.Pre.relu());
        }

        public override Tensor Rescaled(string weight, Tensor value, Tensor factor) => value;
    }
}
