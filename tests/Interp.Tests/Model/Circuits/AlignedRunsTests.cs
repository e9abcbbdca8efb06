namespace Interp.Tests.Model.Circuits;

using Interp.Tests.Support;
using Shouldly;
using TorchSharp;
using Xunit;
using static Interp.Sites;
using static TorchSharp.torch;

/// <summary>Estimates and edges between prompts of different length, aligned by role.</summary>
[Trait("Tier", "model")]
public sealed class AlignedRunsTests
{
    private static readonly VocabularyTokenizer Letters = new("abcdefghijklmnopqrstuvwxyzAB".Select(c => c.ToString()));

    [Fact]
    public void Estimates_AlignedPlaceByPlace_EqualThoseWithoutAlignment()
    {
        using var model = TinyModel.Random(TinyModel.Llama, seed: 3);
        var plain = model.Contrast(TinyModel.Tokens(TinyModel.Llama, 2, 6, seed: 5), TinyModel.Tokens(TinyModel.Llama, 2, 6, seed: 6), Metric.LogitDifference(1, 2));
        foreach (var study in new[] { plain, plain.Noising() })
        {
            var aligned = study with { Alignment = PositionMap.Shift(0) };
            aligned.Attribute(Z.ByHead()).Effect.Values.ToArray().ShouldBe(study.Attribute(Z.ByHead()).Effect.Values.ToArray(), 1e-12);
            foreach (var method in new[] { Method.Eap, Method.EapIg(3), Method.EapIgActivations(2), Method.Exact })
                aligned.Edges(method).Values.Values.ToArray().ShouldBe(study.Edges(method).Values.Values.ToArray(), 1e-12);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void LinearModel_PromptsOfUnequalLength_EstimatesEqualPatchingByRole(bool noising)
    {
        using var model = Linear();
        string[] clean = ["x{name:abc}yz", "{name:ab}y"], corrupted = ["x{name:q}yz", "{name:rst}y"];
        var study = model.On(clean.Select(Prompt.Parse)).Contrast(model.On(corrupted.Select(Prompt.Parse)), Metric.LogitDifference(1, 2));
        study = noising ? study.Noising() : study;

        var (estimate, truth) = (study.Attribute(Z.ByHead()), study.Patch(Z.ByHead()));
        estimate.Effect.Values.ToArray().ShouldBe(truth.Effect.Values.ToArray(), 1e-10);
        truth.Effect.Values.ToArray().Max(Math.Abs).ShouldBeGreaterThan(1e-3);

        // Edges: each side is of one length.
        (clean, corrupted) = (["x{name:abc}yz", "y{name:bca}zz"], ["x{name:q}yz", "y{name:r}zz"]);
        study = model.On(clean.Select(Prompt.Parse)).Contrast(model.On(corrupted.Select(Prompt.Parse)), Metric.LogitDifference(1, 2));
        study = noising ? study.Noising() : study;
        var (eap, exact) = (study.Edges(Method.Eap), study.Edges(Method.Exact));
        eap.Values.Values.ToArray().ShouldBe(exact.Values.Values.ToArray(), 1e-10);
        exact.Values.Values.ToArray().Max(Math.Abs).ShouldBeGreaterThan(1e-3);
        study.Nodes(Method.Eap).Values.Values.ToArray().ShouldBe(study.Nodes(Method.Exact).Values.Values.ToArray(), 1e-10);
    }

    [Fact]
    public void Circuits_PromptsOfUnequalLength_SayWhatTakesThem()
    {
        using var model = Linear();
        var study = model.On([Prompt.Parse("x{name:abc}y")]).Contrast(model.On([Prompt.Parse("x{name:q}y")]), Metric.LogitDifference(1, 2));
        Should.Throw<NotSupportedException>(() => study.Edges(Method.CleanCorrupted)).Message.ShouldContain("position by position");
        Should.Throw<NotSupportedException>(() => study.AttributeWithQkFix(Q.ByHead())).Message.ShouldContain("query-key fix");
    }

    // Even attention, nothing but sums: every estimate is exact.
    private static HookedTransformer Linear()
    {
        var model = TinyModel.Random(TinyModel.Llama with { Norm = NormKind.None, DMlp = 0 }, seed: 4).WithTokenizer(Letters);
        using var noGradient = no_grad();
        var queries = model.Config.Heads * model.Config.DHead;
        foreach (var block in model.Weights.Blocks)
        {
            block.Attention.Qkv.narrow(1, 0, queries).zero_();
            block.Attention.QkvBias!.narrow(0, 0, queries).zero_();
        }
        return model;
    }
}
