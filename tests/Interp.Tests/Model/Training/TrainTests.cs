namespace Interp.Tests.Model.Training;

using Interp.Tests.Support;
using Shouldly;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

[Trait("Tier", "model")]
public sealed class TrainTests
{
    private static readonly TrainingOptions Short = new() { Steps = 60, WarmUp = 5, LearningRate = 1e-2 };

    [Fact]
    public void Train_OneSequence_IsLearnedAndTheStartStaysAsItWas()
    {
        using var start = TinyModel.Gpt2.Initialise(seed: 1);
        using var before = start.Weights.Embedding.clone();
        var tokens = TinyModel.Tokens(TinyModel.Gpt2, 2, 8, seed: 5);
        var untrained = start.On(tokens).Loss();
        using var trained = start.Train(_ => tokens, Short);
        trained.On(tokens).Loss().ShouldBeLessThan(untrained / 10);
        start.On(tokens).Loss().ShouldBe(untrained);
        start.Weights.Embedding.Equals(before).ShouldBeTrue();
        trained.Weights.Tensors().ShouldAllBe(t => !t.Tensor.requires_grad);
    }

    [Fact]
    public void Train_SameSeeds_GivesTheSameBits()
    {
        using var first = Trained();
        using var second = Trained();
        foreach (var (one, other) in first.Weights.Tensors().Zip(second.Weights.Tensors()))
            one.Tensor.Equals(other.Tensor).ShouldBeTrue(one.Name);
    }

    [Fact]
    public void Train_Cancelled_LeavesNothingBehind()
    {
        using var start = TinyModel.Gpt2.Initialise(seed: 1);
        var tokens = TinyModel.Tokens(TinyModel.Gpt2, 2, 8, seed: 5);
        using var source = new CancellationTokenSource();
        LiveTensors.ShouldStayEqual(() => Should.Throw<OperationCanceledException>(() => start.Train(step =>
        {
            if (step == 2)
                source.Cancel();
            return tokens;
        }, Short, cancellation: source.Token)));
    }

    [Fact]
    public void Train_HalfPrecision_ThrowsWithTheWayOut()
    {
        using var model = TinyModel.Gpt2.Initialise(seed: 1, dtype: ScalarType.BFloat16);
        Should.Throw<ArgumentException>(() => model.Train(_ => TinyModel.Tokens(TinyModel.Gpt2, 1, 4, 0))).Message.ShouldContain("Float32");
    }

    [Fact]
    public void Initialise_LargeMatrix_HasTheStatedSpread()
    {
        using var model = (TinyModel.Gpt2 with { DModel = 64, DHead = 16, DMlp = 512 }).Initialise(seed: 0);
        using var spread = model.Weights.Blocks[0].Mlp!.In.std();
        spread.ToDouble().ShouldBe(1 / 8.0, 0.01);
    }

    private static HookedTransformer Trained()
    {
        using var start = TinyModel.Gpt2.Initialise(seed: 2);
        return start.Train(step => TinyModel.Tokens(TinyModel.Gpt2, 4, 8, step), Short with { Steps = 10 });
    }

}
