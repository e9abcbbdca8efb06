namespace Interp.Tests.Unit.Dictionaries;

using Interp.Tests.Support;
using Shouldly;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

/// <summary>The gradients of every loss, for every kind of dictionary, are the losses' finite differences.</summary>
/// <remarks>
/// A perturbation of 1e-6 changes no choice of latents at these seeds. Where a part of the loss is a straight-through estimate its gradient is
/// not its slope: there the penalty is switched off and the closed forms are compared elsewhere (SaeProbeTests), as are the auxiliary losses,
/// whose residual is a constant to the gradient.
/// </remarks>
[Trait("Tier", "unit")]
public sealed class LossGradientTests
{
    private const int Rows = 12;
    private const double Move = 1e-6;

    public static TheoryData<DictionaryRecipe, string> Cases
    {
        get
        {
            var data = new TheoryData<DictionaryRecipe, string>();
            foreach (var recipe in new[] { DictionaryRecipe.SaeLens, DictionaryRecipe.DictionaryLearning })
                foreach (var kind in new[] { "relu", "gated", "jumprelu" })
                    data.Add(recipe, kind);
            foreach (var recipe in Enum.GetValues<DictionaryRecipe>())
                foreach (var kind in new[] { "topk", "batchtopk", "matryoshka" })
                    data.Add(recipe, kind);
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Step_EveryLoss_GradientIsItsSlope(DictionaryRecipe recipe, string kind)
    {
        using var scope = NewDisposeScope();
        var activation = kind switch
        {
            "relu" => LatentActivation.Relu,
            "gated" => LatentActivation.Gated,
            "jumprelu" => LatentActivation.JumpRelu(1e-9),
            "topk" => LatentActivation.TopK(3),
            _ => LatentActivation.BatchTopK(2.5),
        };
        var config = new DictionaryConfig { DIn = 5, Width = 14, Activation = activation };
        var options = DictionaryTrainingOptions.Like(recipe, activation) with
        {
            Steps = 10, Sparsity = kind == "jumprelu" ? 0 : 0.3, StartAtMedian = false, ClipNorm = 0, Decoder = DecoderRule.Free,
            Nesting = kind == "matryoshka" ? [4, 9] : [], DeadAfter = 1000,
        };
        using var dictionary = Moved(config, recipe);
        using var generator = new Generator(9, CPU);
        var batch = randn([Rows, 5], dtype: ScalarType.Float64, generator: generator);
        var (loss, gradients) = At(dictionary, options, batch);
        loss.ShouldBeGreaterThan(0);
        var worst = 0.0;
        foreach (var (i, (name, tensor)) in dictionary.Weights.Named().Index())
        {
            // The decoder that reads the gate is a constant to dictionary_learning's gradient, though not to its loss.
            if (kind == "gated" && recipe == DictionaryRecipe.DictionaryLearning && name is ("W_dec" or "b_dec"))
                continue;
            for (var place = 0; place < tensor.numel(); place += name.StartsWith('W') ? 7 : 1)
            {
                double Loss(double by)
                {
                    using var view = tensor.view(-1).narrow(0, place, 1);
                    view.add_(by);
                    var value = At(dictionary, options, batch).Loss;
                    view.add_(-by);
                    return value;
                }
                var slope = (Loss(Move) - Loss(-Move)) / (2 * Move);
                worst = Math.Max(worst, Math.Abs(slope - gradients[i][place]) / Math.Max(1, Math.Abs(slope)));
            }
        }
        Evidence.Record("sae-gradients", worst <= 1e-6, $"{recipe} {kind}: at most {worst:E2}");
        worst.ShouldBeLessThan(1e-6);
    }

    // Away from the special values that training starts from.
    private static SparseDictionary Moved(DictionaryConfig config, DictionaryRecipe recipe)
    {
        var dictionary = SparseDictionary.Initialise(config, 2, recipe, ScalarType.Float64);
        using var generator = new Generator(4, CPU);
        foreach (var (_, tensor) in dictionary.Weights.Named())
        {
            using var scope = NewDisposeScope();
            tensor.add_(randn(tensor.shape, dtype: ScalarType.Float64, generator: generator) * 0.2);
        }
        return dictionary;
    }

    // A step with a copy, told of the raw gradients.
    private static (double Loss, double[][] Gradients) At(SparseDictionary dictionary, DictionaryTrainingOptions options, Tensor batch)
    {
        double[][] gradients = [];
        using var copy = dictionary.To();
        using var trainer = new DictionaryTrainer(copy, options)
        {
            Observer = (_, stage, raw) => gradients = stage == "raw" ? [.. raw.Select(g => g is null ? [] : GoldenCompare.Doubles(g))] : gradients,
        };
        var done = trainer.Step(batch);
        return (done.Loss, gradients);
    }
}
