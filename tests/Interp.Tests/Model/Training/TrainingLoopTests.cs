namespace Interp.Tests.Model.Training;

using Shouldly;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

[Trait("Tier", "model")]
public sealed class TrainingLoopTests
{
    [Fact]
    public void Minimise_OneStep_IsAdamWsFormula()
    {
        using var scope = NewDisposeScope();
        var matrix = tensor(new[] { 1.0, -2, 3, 0.5 }, [2, 2]).requires_grad_(true);
        var vector = tensor(new[] { 4.0, 5 }).requires_grad_(true);
        var options = new TrainingOptions { Steps = 1, WarmUp = 0, LearningRate = 0.1, WeightDecay = 0.5, ClipNorm = 0 };
        TrainingLoop.Minimise([matrix, vector], _ => (matrix * matrix).sum() + (vector * 3).sum(), options);

        // After one step the debiased mean is g and the debiased square g², so the parameter moves by rate · sign(g); only the matrix decays.
        var expected = new[] { 1.0, -2, 3, 0.5 }.Select(p => p * (1 - 0.1 * 0.5) - 0.1 * Math.Sign(p)).ToArray();
        Numbers(matrix).ShouldBe(expected, 1e-8);
        Numbers(vector).ShouldBe([3.9, 4.9], 1e-8);
    }

    [Fact]
    public void Minimise_LongGradient_IsClippedToTheLimit()
    {
        using var scope = NewDisposeScope();
        var parameter = zeros(3, dtype: ScalarType.Float64).requires_grad_(true);
        Collector steps = new();
        TrainingLoop.Minimise([parameter], _ => (parameter * tensor(new[] { 30.0, 0, 40 })).sum(), new TrainingOptions { Steps = 1, ClipNorm = 1 }, steps);
        steps.Seen.Single().GradientNorm.ShouldBe(50, 1e-9);
    }

    [Fact]
    public void Minimise_Quadratic_FindsTheMinimum()
    {
        using var scope = NewDisposeScope();
        var parameter = zeros(2, dtype: ScalarType.Float64).requires_grad_(true);
        var goal = tensor(new[] { 1.5, -0.5 });
        TrainingLoop.Minimise([parameter], _ => (parameter - goal).square().sum(), new TrainingOptions { Steps = 400, LearningRate = 0.05, FinalShare = 0 });
        Numbers(parameter).ShouldBe([1.5, -0.5], 1e-3);
    }

    [Fact]
    public void Minimise_LossOfNaN_ThrowsAndNamesTheStep()
    {
        using var scope = NewDisposeScope();
        var parameter = zeros(2).requires_grad_(true);
        Should.Throw<ArithmeticException>(() => TrainingLoop.Minimise([parameter], step => parameter.sum() * (step == 2 ? double.NaN : 1)))
            .Message.ShouldContain("step 2");
    }

    [Fact]
    public void Minimise_ParameterWithoutGradient_Throws()
    {
        using var parameter = zeros(2);
        Should.Throw<ArgumentException>(() => TrainingLoop.Minimise([parameter], _ => parameter.sum())).Message.ShouldContain("requires_grad_");
    }

    private static double[] Numbers(Tensor tensor) => tensor.detach().to(ScalarType.Float64).data<double>().ToArray();

    private sealed class Collector : IProgress<TrainingStep>
    {
        public List<TrainingStep> Seen { get; } = [];

        public void Report(TrainingStep value) => Seen.Add(value);
    }
}
