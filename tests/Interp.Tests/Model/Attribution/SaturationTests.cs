namespace Interp.Tests.Model.Attribution;

using Interp.Extending;
using Interp.Tests.Model.Circuits;
using Interp.Tests.Support;
using Shouldly;
using TorchSharp;
using Xunit;
using static Interp.Sites;
using static TorchSharp.torch;

/// <summary>Where the plain estimate fails and AtP* does not: saturated attention, and paths that cancel.</summary>
[Trait("Tier", "model")]
public sealed class SaturationTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void QkFix_SaturatedAttentionOfOneLayer_IsExactWherePlainAttributionIsNot(bool queries)
    {
        using var model = Saturated(TinyModel.Gpt2 with { Layers = 1, DMlp = 0, Norm = NormKind.None });
        foreach (var study in new[] { InvariantTests.Study(model), InvariantTests.Study(model).Noising() })
        {
            var grid = (queries ? Q : K).ByHead().ByPosition();
            var (truth, plain, star) = (study.Patch(grid).Effect, study.Attribute(grid).Effect, study.AttributeWithQkFix(grid).Effect);
            var (error, fixedError) = (Error(truth, plain), Error(truth, star));
            Evidence.Record("atp-saturated", fixedError <= error, $"{(queries ? "queries" : "keys")} of one layer, {study.Direction}: mean error {Evidence.Text(error)} plain, {Evidence.Text(fixedError)} with the fix");
            fixedError.ShouldBeLessThan(1e-12);
            error.ShouldBeGreaterThan(0.05);
        }
    }

    [Theory]
    [MemberData(nameof(InvariantTests.Shapes), MemberType = typeof(InvariantTests))]
    public void QkFix_SaturatedAttentionBeforeNormAndMlp_IsAtLeastAsClose(string shape)
    {
        using var model = Saturated(InvariantTests.Config(shape) with { Layers = 1 });
        var study = InvariantTests.Study(model);
        foreach (var site in new[] { Q, K })
        {
            var grid = site.ByHead().ByPosition();
            var truth = study.Patch(grid).Effect;
            var (error, fixedError) = (Error(truth, study.Attribute(grid).Effect), Error(truth, study.AttributeWithQkFix(grid).Effect));
            Evidence.Record("atp-saturated", fixedError <= error, $"{shape}, {site}: mean error {Evidence.Text(error)} plain, {Evidence.Text(fixedError)} with the fix");
            fixedError.ShouldBeLessThanOrEqualTo(error);
        }
    }

    [Fact]
    public void GradDrop_PathsThatCancelAtTheBase_IsNotBlind()
    {
        using var model = Cancelling();
        var study = model.Contrast(RunInput.Of([[1]]), RunInput.Of([[0]]), Metric.LogitDifference(0, 1));
        var truth = study.Patch(Z.ByHead());
        truth.Effect[0, 0].ShouldBe(1.5, 1e-12); // 2 directly, -2 + 1.5 through the MLP
        study.Attribute([Z.ByHead(), MlpOut.ByPosition()])[0].Effect[0, 0].ShouldBe(0, 1e-12);
        var drop = study.AttributeWithGradDrop(Z.ByHead());
        drop.Score[0, 0].ShouldBe(2, 1e-12); // layer 1 dropped: the direct path alone
        drop.Estimates[0, 0, 0].ShouldBe(0, 1e-12); // its own layer dropped
        drop.PerPrompt(1, 0)[0].ShouldBe(2, 1e-12);
        drop.ToString().ShouldContain("2 layers dropped");
    }

    [Fact]
    public void GradDrop_QueriesAndKeys_CombineWithTheFix()
    {
        using var model = Saturated(TinyModel.Gpt2);
        var study = InvariantTests.Study(model);
        var (star, plain) = (study.AttributeWithGradDrop(Q.ByHead()), study.AttributeWithGradDrop(Q.ByHead(), qkFix: false));
        star.Score.Provenance.Method!.ShouldContain("query-key fix");
        star.Score.Values.ToArray().ShouldNotBe(plain.Score.Values.ToArray());
        var last = study.AttributeWithQkFix(Q[2].ByHead()).Effect;
        for (var head = 0; head < 4; head++) // what stands behind the last layer's queries is that layer alone
            star.Estimates[0, 2, head].ShouldBe(star.Estimates[1, 2, head], 1e-12);
        star.Estimates[2, 2, 1].ShouldBe(0, 1e-12);
        study.Patch(Q.ByHead()).Compare(star).Count.ShouldBe(12);
        last.Count.ShouldBe(4);
    }

    private static double Error(LabelledArray truth, LabelledArray guess) => truth.Values.ToArray().Zip(guess.Values.ToArray(), (t, g) => Math.Abs(t - g)).Average();

    // Queries thirty times as long: softmax takes one key for all.
    private static HookedTransformer Saturated(TransformerConfig config)
    {
        var model = TinyModel.Random(config);
        using var noGradient = no_grad();
        foreach (var block in model.Weights.Blocks)
            block.Attention.Qkv.narrow(1, 0, config.Heads * config.DHead).mul_(30);
        return model;
    }

    // One position. Layer 0's head moves dimension 0 to 1; layer 1's MLP writes -relu(x) + relu(x - 1.5) to 1; the tokens are 1 and 3.
    private static HookedTransformer Cancelling()
    {
        using var scope = NewDisposeScope();
        var config = new TransformerConfig
        {
            ModelName = "cancelling", Layers = 2, DModel = 2, Heads = 1, DHead = 2, DMlp = 2, DVocab = 2, Context = 1, Norm = NormKind.None,
            Activation = Activation.Relu, Positions = PositionKind.Learned,
        };
        Tensor Of(params double[] values) => tensor(values, [2, 2]);
        BlockWeights Block(Tensor value, Tensor into, Tensor outOf, Tensor? bias) => new()
        {
            Attention = AttentionWeights.FromHeads(zeros(1, 2, 2, dtype: ScalarType.Float64), zeros(1, 2, 2, dtype: ScalarType.Float64), value.unsqueeze(0), Of(0, 1, 0, 0).unsqueeze(0)),
            Mlp = new MlpWeights { In = into, InBias = bias, Out = outOf },
        };
        var weights = new TransformerWeights
        {
            Embedding = Of(1, 0, 3, 0), Positions = zeros(1, 2, dtype: ScalarType.Float64), Unembedding = Of(0, 0, 1, 0),
            Blocks = [Block(Of(1, 0, 0, 0), Of(0, 0, 0, 0), Of(0, 0, 0, 0), null), Block(Of(0, 0, 0, 0), Of(0, 0, 1, 1), Of(0, -1, 0, 1), tensor(new[] { 0, -1.5 }))],
        };
        return HookedTransformer.Create(config, weights.Map(t => t.clone().DetachFromDisposeScope()));
    }
}
