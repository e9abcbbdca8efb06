namespace Interp.Tests.Model.Training;

using Interp.Native;
using Interp.Tests.Support;
using Shouldly;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

/// <summary>Training whose weights do not hang on the order in which a machine adds.</summary>
[Trait("Tier", "model")]
public sealed class MachineIndependentTests
{
    // Of the weights after ten steps: first written down with kernel Zen, AVX2, one thread.
    private const string Bits = "2e1714da4dd8be48";

    // Of InductionOrganism.Config's weights drawn machine-independently at seed 0.
    private const string StartBits = "67007318297d9c0b";
    private static readonly TrainingOptions Options = new() { Steps = 10, WarmUp = 2, LearningRate = 3e-3, MachineIndependent = true };

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Train_AnyMachine_GivesTheseBits(int threads)
    {
        var before = get_num_threads();
        set_num_threads(threads);
        try
        {
            var bits = Trained(Options, 1);
            Evidence.Record("machine-independent", bits == Bits, $"{TorchRuntime.Blas}, {threads} thread{(threads == 1 ? "" : "s")}, {Environment.GetEnvironmentVariable("ATEN_CPU_CAPABILITY") ?? "widest"} vectors: weights {bits}");
            bits.ShouldBe(Bits);
        }
        finally
        {
            set_num_threads(before);
        }
    }

    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.Float64)]
    public void Initialise_MachineIndependent_GivesTheseBits(ScalarType dtype)
    {
        using var model = InductionOrganism.Config.Initialise(0, InductionTask.Tokenizer, dtype, machineIndependent: true);
        WeightBits.Of(model).ShouldBe(StartBits);
        using var other = InductionOrganism.Config.Initialise(1, InductionTask.Tokenizer, dtype, machineIndependent: true);
        WeightBits.Of(other).ShouldNotBe(StartBits);
    }

    [Fact]
    public void Initialise_MachineIndependent_HasTheSpreadOfNormalDraws()
    {
        using var scope = NewDisposeScope();
        var config = InductionOrganism.Config with { DModel = 1024, DHead = 128, Layers = 1 };
        using var model = config.Initialise(0, machineIndependent: true);
        using var normal = config.Initialise(0);
        foreach (var (drawn, other) in model.Weights.Tensors().Zip(normal.Weights.Tensors()).Where(pair => pair.First.Tensor.numel() > 1_000_000))
        {
            var (ours, theirs) = (drawn.Tensor.to(ScalarType.Float64), other.Tensor.to(ScalarType.Float64));
            ours.std().ToDouble().ShouldBe(theirs.std().ToDouble(), 0.005 * theirs.std().ToDouble(), drawn.Name);
            ours.mean().ToDouble().ShouldBe(0, 0.005 * theirs.std().ToDouble(), drawn.Name);
            // Twelve uniform draws: kurtosis 2.9, a normal one's is 3.
            (ours.pow(4).mean() / ours.square().mean().square()).ToDouble().ShouldBe(2.9, 0.03, drawn.Name);
        }
    }

    [Fact]
    public void Train_LossOffByItsLastBits_GivesTheSameWeightsAndOtherwiseOthers()
    {
        const double LastBits = 1 + 8 * 2.220446049250313e-16;
        Trained(Options, LastBits).ShouldBe(Bits);
        var plain = Options with { MachineIndependent = false };
        Trained(plain, LastBits).ShouldNotBe(Trained(plain, 1));
    }

    [Fact]
    public void Train_RoundedGradients_LearnAsWell()
    {
        using var start = InductionOrganism.Config.Initialise(0, InductionTask.Tokenizer, ScalarType.Float64);
        double[] Losses(bool independent)
        {
            Collected steps = new();
            using var trained = start.Train(Batch, Options with { Steps = 80, WarmUp = 20, MachineIndependent = independent }, steps);
            return [.. steps.Losses];
        }
        var (rounded, plain) = (Losses(true), Losses(false));
        plain[^1].ShouldBeLessThan(plain[0] - 0.2);
        rounded[^1].ShouldBe(plain[^1], 1e-3 * plain[^1]);
    }

    [Fact]
    public void Minimise_GradientOfRoundingErrorsAlone_MovesNothing()
    {
        using var scope = NewDisposeScope();
        double Moved(bool independent)
        {
            var (one, other) = (ones(4, dtype: ScalarType.Float64).requires_grad_(true), ones(4, dtype: ScalarType.Float64).requires_grad_(true));
            TrainingLoop.Minimise([one, other], _ => (one + 1e-15 * other).sum(), new TrainingOptions { Steps = 3, WarmUp = 0, MachineIndependent = independent });
            (1 - one).abs().min().ToDouble().ShouldBeGreaterThan(1e-4);
            return (1 - other).abs().max().ToDouble();
        }
        Moved(true).ShouldBe(0);
        Moved(false).ShouldBeGreaterThan(0);
    }

    [Fact]
    public void Train_Float32_SaysWhatItWants()
    {
        using var model = Models.Load("induction-2l");
        Should.Throw<ArgumentException>(() => model.Train(Batch, Options)).Message.ShouldContain("wants float64 parameters, and one is Float32");
    }

    // From weights that are the same everywhere: those of the assembly.
    private static string Trained(TrainingOptions options, double scale)
    {
        using var start = Models.Load("induction-2l", new LoadOptions { DType = ScalarType.Float64 });
        using var trained = start.Train(Batch, (_, input, logits) => Interp.Losses.Mean(logits, input) * scale, options);
        return WeightBits.Of(trained);
    }

    private static RunInput Batch(int step) => InductionOrganism.Task.Sequences(8, seed: step).Input;

    private sealed class Collected : IProgress<TrainingStep>
    {
        public List<double> Losses { get; } = [];

        public void Report(TrainingStep value) => Losses.Add(value.Loss);
    }
}
