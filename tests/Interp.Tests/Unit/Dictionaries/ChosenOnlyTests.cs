namespace Interp.Tests.Unit.Dictionaries;

using Interp.Tests.Support;
using Shouldly;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

/// <summary>Steps that multiply only chosen latents give the dense formulation's numbers.</summary>
[Trait("Tier", "unit")]
public sealed class ChosenOnlyTests
{
    private const int Rows = 96;

    public static TheoryData<DictionaryRecipe, string> Cases
    {
        get
        {
            var data = new TheoryData<DictionaryRecipe, string>();
            foreach (var recipe in Enum.GetValues<DictionaryRecipe>())
                foreach (var kind in new[] { "topk", "batchtopk", "matryoshka", "dead" })
                    data.Add(recipe, kind);
            data.Add(DictionaryRecipe.Gao2024, "transcoder");
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Step_EveryRecipe_EqualsTheDenseFormulation(DictionaryRecipe recipe, string kind)
    {
        using var scope = NewDisposeScope();
        var activation = kind is "topk" or "dead" or "transcoder" ? LatentActivation.TopK(5) : LatentActivation.BatchTopK(4.5);
        var config = new DictionaryConfig { DIn = 19, DOut = kind == "transcoder" ? 11 : 19, Width = kind == "dead" ? 400 : 77, Activation = activation, CentreInput = kind != "transcoder" };
        var options = DictionaryTrainingOptions.Like(recipe, activation) with
        {
            Steps = 12, BatchRows = Rows, LearningRate = 1e-3, ThresholdStart = 2, StartAtMedian = false, Nesting = kind == "matryoshka" ? [9, 30] : [],
            DeadAfter = kind != "dead" ? 1_000_000 : recipe == DictionaryRecipe.SaeLens ? 0 : Rows,
        };
        using var dense = SparseDictionary.Initialise(config, 1, recipe);
        using var sparse = SparseDictionary.Initialise(config, 1, recipe);
        using var denseTrainer = new DictionaryTrainer(dense, options with { ChosenOnly = false });
        using var sparseTrainer = new DictionaryTrainer(sparse, options);
        using var generator = new Generator(5, CPU);
        for (var i = 0; i < options.Steps; i++)
        {
            var batch = randn([Rows, 19], dtype: ScalarType.Float32, generator: generator);
            var target = kind == "transcoder" ? randn([Rows, 11], dtype: ScalarType.Float32, generator: generator) : null;
            var (wanted, done) = (denseTrainer.Step(batch, target), sparseTrainer.Step(batch, target));
            done.Loss.ShouldBe(wanted.Loss, 1e-5 * wanted.Loss);
            done.Terms.Keys.ShouldBe(wanted.Terms.Keys);
            (done.L0, done.Dead, done.Rate).ShouldBe((wanted.L0, wanted.Dead, wanted.Rate));
            done.Unexplained.ShouldBe(wanted.Unexplained, 1e-5);
            done.GradientLength.ShouldBe(wanted.GradientLength, 1e-4 * wanted.GradientLength);
            if (kind == "dead" && i > 3)
                done.Terms.Keys.ShouldContain("auxiliary");
        }
        foreach (var ((name, a), (_, b)) in dense.Weights.Named().Zip(sparse.Weights.Named()))
            (a - b).abs().max().ToDouble().ShouldBeLessThan(1e-5, name);
        GoldenCompare.Doubles(sparseTrainer.Silent).ShouldBe(GoldenCompare.Doubles(denseTrainer.Silent));
        (sparse.BatchThreshold ?? 0).ShouldBe(dense.BatchThreshold ?? 0, 1e-5);
    }

    [Fact]
    public void Step_TwiceOnTwoThreads_SameBits()
    {
        using var scope = NewDisposeScope();
        var config = new DictionaryConfig { DIn = 24, Width = 300, Activation = LatentActivation.TopK(6) };
        var options = DictionaryTrainingOptions.Like(DictionaryRecipe.Gao2024, config.Activation) with { Steps = 5, DeadAfter = 64 };
        double[] Trained()
        {
            using var dictionary = SparseDictionary.Initialise(config, 1);
            using var trainer = new DictionaryTrainer(dictionary, options);
            using var generator = new Generator(5, CPU);
            for (var i = 0; i < options.Steps; i++)
                trainer.Step(randn([64, 24], dtype: ScalarType.Float32, generator: generator));
            return [.. GoldenCompare.Doubles(dictionary.Weights.Encoder), .. GoldenCompare.Doubles(dictionary.Weights.Decoder)];
        }
        var threads = get_num_threads();
        set_num_threads(2);
        try
        {
            Trained().SequenceEqual(Trained()).ShouldBeTrue();
        }
        finally
        {
            set_num_threads(threads);
        }
    }

    [Fact]
    public void Step_ChosenOnly_LeavesNoTensors()
    {
        using var dictionary = SparseDictionary.Initialise(new DictionaryConfig { DIn = 8, Width = 20, Activation = LatentActivation.TopK(3) }, 0);
        using var trainer = new DictionaryTrainer(dictionary, new DictionaryTrainingOptions { Steps = 9 });
        using var batch = randn([16, 8], dtype: ScalarType.Float32);
        trainer.Step(batch);
        LiveTensors.ShouldStayEqual(() => trainer.Step(batch));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Step_NanInTheBatch_SaysWhereAndChangesNothing(bool chosenOnly)
    {
        using var scope = NewDisposeScope();
        using var dictionary = SparseDictionary.Initialise(new DictionaryConfig { DIn = 8, Width = 20, Activation = LatentActivation.TopK(3) }, 0);
        using var trainer = new DictionaryTrainer(dictionary, new DictionaryTrainingOptions { Steps = 9, ChosenOnly = chosenOnly });
        var before = GoldenCompare.Doubles(dictionary.Weights.Encoder);
        var batch = randn([16, 8], dtype: ScalarType.Float32);
        batch[3, 2] = float.NaN;
        Should.Throw<ArithmeticException>(() => trainer.Step(batch)).Message.ShouldContain("the first is row 3");
        GoldenCompare.Doubles(dictionary.Weights.Encoder).ShouldBe(before);
        GoldenCompare.Doubles(trainer.Silent).ShouldAllBe(silent => silent == 0);
        trainer.StepsDone.ShouldBe(0);
    }
}
