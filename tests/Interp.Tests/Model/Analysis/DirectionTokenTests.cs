namespace Interp.Tests.Model.Analysis;

using Interp.Tests.Support;
using Shouldly;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

/// <summary>Directions as tokens, and heads that lead from a token to the next.</summary>
[Trait("Tier", "model")]
public sealed class DirectionTokenTests
{
    [Theory]
    [InlineData("gpt2")]
    [InlineData("llama")]
    public void SingularTokens_OfAHead_AreThoseOfItsProduct(string name)
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Random(name == "gpt2" ? TinyModel.Gpt2 : TinyModel.Llama);
        using var ov = model.OV(1);
        var (_, s, vt) = linalg.svd(ov.Product()[2], fullMatrices: false);
        var (read, written) = model.SingularTokens(1, 2, vectors: 3, count: 4);
        for (var i = 0; i < 3; i++)
            written.Weights[i].ShouldBe(s[i].ToDouble(), 1e-10);
        read.Weights.Values.ToArray().ShouldBe(written.Weights.Values.ToArray());
        var gain = ((Norm)model.FinalNorm).Weights!.Gain;
        var products = GoldenCompare.Doubles((vt[0] * gain).matmul(model.WU));
        var ends = new[] { written.Top[0][0], written.Bottom[0][0] };
        // the sign of a singular vector is free
        Math.Max(Math.Abs(ends[0].Score), Math.Abs(ends[1].Score)).ShouldBe(products.Max(Math.Abs), 1e-10);
        ends.Select(e => e.Token).Order().ShouldBe(new[] { Array.IndexOf(products, products.Max()), Array.IndexOf(products, products.Min()) }.Select(t => $"{t}").Order());
        written.Top[0].Count.ShouldBe(4);
        read.ToString().ShouldStartWith("What L1H2 reads");
    }

    [Fact]
    public void TokensWritten_OfRows_AreTheirProducts()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Random(TinyModel.Gpt2);
        var found = model.TokensWritten(model.WOut(1)[2..4], 3);
        var products = GoldenCompare.Doubles((model.WOut(1)[3] * ((Norm)model.FinalNorm).Weights!.Gain).matmul(model.WU));
        found.Top[1].Select(t => t.Score).ShouldBe(products.OrderDescending().Take(3), 1e-10);
        found.Bottom[1].Select(t => t.Score).ShouldBe(products.Order().Take(3), 1e-10);
        found.Weights[1].ShouldBe(model.WOut(1)[3].norm().ToDouble(), 1e-10);
        var read = model.TokensRead(model.WIn(0).t()[..2], 2);
        read.Top[0][0].Score.ShouldBe(GoldenCompare.Doubles(model.WE.matmul(model.WIn(0)[.., 0])).Max(), 1e-10);
        var (mlpRead, mlpWritten) = model.SingularTokensOfMlp(^1, vectors: 2, count: 3);
        mlpWritten.Weights[0].ShouldBe(linalg.svd(model.WOut(2), fullMatrices: false).S[0].ToDouble(), 1e-10);
        mlpRead.Weights[1].ShouldBe(linalg.svd(model.WIn(2), fullMatrices: false).S[1].ToDouble(), 1e-10);
        Should.Throw<ArgumentException>(() => model.TokensWritten(ones(2, 15, dtype: ScalarType.Float64))).Message.ShouldContain("[2, 15]");
        Should.Throw<ArgumentOutOfRangeException>(() => model.SingularTokens(0, 4)).Message.ShouldContain("No head 4");
        Should.Throw<ArgumentOutOfRangeException>(() => model.SingularTokens(0, 0, vectors: 5));
        using var attention = TinyModel.Random(TinyModel.Gpt2 with { DMlp = 0 });
        Should.Throw<InvalidOperationException>(() => attention.SingularTokensOfMlp(0, 1, 1)).Message.ShouldContain("no MLP");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void SuccessorScores_PlantedHead_IsFoundAlone(bool behindAnMlp)
    {
        using var scope = NewDisposeScope();
        using var model = Counting(behindAnMlp);
        int[] order = [.. Enumerable.Range(3, 9)];
        var scores = model.SuccessorScores(order);
        scores.Shape.ShouldBe([2, 2]);
        scores[1, 1].ShouldBe(1);
        scores[0, 0].ShouldBeLessThan(0.5);
        scores[1, 0].ShouldBeLessThan(0.5);
        model.SuccessorScores([.. order.Reverse()])[1, 1].ShouldBe(0);
        Should.Throw<ArgumentException>(() => model.SuccessorScores([1])).Message.ShouldContain("at least two");
        Should.Throw<ArgumentException>(() => model.SuccessorScores([1, 2, 1])).Message.ShouldContain("each once");
        Should.Throw<ArgumentOutOfRangeException>(() => model.SuccessorScores([1, 99])).Message.ShouldContain("Token 99");
    }

    [Fact]
    public void DirectionTokens_Taken_LeaveNoTensor() => LiveTensors.ShouldStayEqual(() =>
    {
        using var model = TinyModel.Random(TinyModel.Llama);
        model.SingularTokens(0, 1, 2, 2);
        model.SingularTokensOfMlp(0, 2, 2);
        model.SuccessorScores([1, 2, 3]);
    });

    // One-hot tokens; head 1 of layer 1 writes the next token's direction, the other heads write at random.
    private static HookedTransformer Counting(bool behindAnMlp)
    {
        const int vocabulary = 12;
        var config = new TransformerConfig
        {
            ModelName = "counting", Layers = 2, DModel = vocabulary, Heads = 2, DHead = vocabulary, DMlp = behindAnMlp ? vocabulary : 0, DVocab = vocabulary,
            Context = 8, Norm = NormKind.None, Activation = Activation.Relu,
        };
        var model = TinyModel.Random(config);
        using var noGradient = no_grad();
        var identity = eye(vocabulary, dtype: ScalarType.Float64);
        model.WE.copy_(identity);
        model.WU.copy_(identity);
        model.BU.zero_();
        model.WV(1)[1].copy_(identity);
        model.WO(1)[1].copy_(identity.roll(1, 1)); // token i to direction i + 1
        if (behindAnMlp)
        {
            model.WIn(0).copy_(identity);
            model.BIn(0).zero_();
            model.WOut(0).copy_(identity * 2);
            model.BOut(0).zero_();
        }
        return model;
    }
}
