namespace Interp.Tests.Model.Dictionaries;

using Interp.Tests.Support;
using Shouldly;
using TorchSharp;
using Xunit;
using static Interp.Sites;
using static TorchSharp.torch;
using Unit = Interp.Unit;

/// <summary>Features as units: attribution that adds up, clamping while text is generated, sources, logits.</summary>
[Trait("Tier", "model")]
public sealed class FeatureUseTests
{
    public static TheoryData<string, string> Places
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var model in new[] { "gpt2", "llama", "parallel" })
                foreach (var site in new[] { "hook_resid_post", "attn.hook_z", "hook_mlp_out", "mlp.hook_post", "transcoder" })
                    data.Add(model, site);
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Places))]
    public void AttributeFeatures_FeaturesAndError_SumToTheActivationsAttribution(string shape, string site)
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Random(Shape(shape));
        using var dictionary = Dictionary(site);
        var study = new Contrast(model, TinyModel.Tokens(TinyModel.Gpt2, 2, 6, 3), TinyModel.Tokens(TinyModel.Gpt2, 2, 6, 4), Metric.LogitDifference(1, 2));
        var result = study.AttributeFeatures(dictionary);
        var whole = study.Attribute(((Unit)dictionary.Config.Output!.Value).ByLayer()).Effect.Sum();
        var difference = Math.Abs(result.Features.Effect.Sum() + result.Error.Effect.Sum() - whole);
        Evidence.Record("sae-attribution", difference <= 1e-10, $"{shape} {site}: {Evidence.Text(difference)}");
        difference.ShouldBeLessThan(1e-10);
        result.Site.Effect.Sum().ShouldBe(whole, 1e-10);
        Math.Abs(whole).ShouldBeGreaterThan(1e-6);
        Math.Abs(result.Features.Effect.Sum()).ShouldBeGreaterThan(1e-8);
        result.Features.Effect.Count.ShouldBe(40);
        result.Top(3).Select(t => Math.Abs(t.Effect)).ShouldBeInOrder(SortDirection.Descending);
        result.Figure().Html.ShouldContain($"feature {result.Top(1)[0].Feature}");
    }

    [Theory]
    [MemberData(nameof(Places))]
    public void Patch_WholeOutputBehindTheDictionary_EqualsPatchingTheActivation(string shape, string site)
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Random(Shape(shape));
        using var dictionary = Dictionary(site);
        using var spliced = model.With(dictionary, errorTerm: true);
        var (clean, corrupted) = (TinyModel.Tokens(TinyModel.Gpt2, 1, 6, 3), TinyModel.Tokens(TinyModel.Gpt2, 1, 6, 4));
        var metric = Metric.LogitDifference(1, 2);
        var plain = new Contrast(model, clean, corrupted, metric).Patch(((Unit)dictionary.Config.Output!.Value).ByPosition());
        var behind = new Contrast(spliced, clean, corrupted, metric).Patch(((Unit)dictionary.AddedSites().Output[1]).ByPosition());
        behind.Patched.Values.ToArray().Zip(plain.Patched.Values.ToArray(), (a, b) => Math.Abs(a - b)).Max().ShouldBeLessThan(1e-10);
    }

    [Fact]
    public void Attribute_LastLayerFeatures_EqualsPatchingWhereTheModelIsLinearBehind()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Random(TinyModel.Gpt2 with { Norm = NormKind.None });
        using var dictionary = Dictionary("hook_resid_post", layer: 2);
        using var spliced = model.With(dictionary, errorTerm: true);
        var study = new Contrast(spliced, TinyModel.Tokens(TinyModel.Gpt2, 1, 6, 3), TinyModel.Tokens(TinyModel.Gpt2, 1, 6, 4), Metric.LogitDifference(1, 2));
        foreach (var grid in new[] { dictionary.Features().ByNeuron(), dictionary.ErrorNode().ByPosition(), dictionary.ErrorNode().ByLayer() })
        {
            var (guess, truth) = (study.Attribute(grid), study.Patch(grid));
            truth.Effect.Values.ToArray().Zip(guess.Effect.Values.ToArray(), (a, b) => Math.Abs(a - b)).Max().ShouldBeLessThan(1e-10);
        }
    }

    [Theory]
    [InlineData("gpt2", "hook_resid_post")]
    [InlineData("llama", "attn.hook_z")]
    [InlineData("parallel", "hook_mlp_out")]
    public void ClampAndSteer_PlainModel_EqualEditsOfTheSplicedOne(string shape, string site)
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Random(Shape(shape));
        using var dictionary = Dictionary(site);
        using var spliced = model.With(dictionary, errorTerm: true);
        var tokens = TinyModel.Tokens(TinyModel.Gpt2, 2, 6, 3);
        void Same(RunPlan one, RunPlan other) =>
            Largest(GoldenCompare.Doubles(one.Logits()), GoldenCompare.Doubles(other.Logits())).ShouldBeLessThan(1e-10);
        Same(model.On(tokens).ClampFeature(dictionary, 7, 2.5), spliced.On(tokens).Apply(dictionary.Feature(7), x => full_like(x, 2.5)));
        Same(model.On(tokens).ClampFeature(dictionary, 7, 0), spliced.On(tokens).Zero(dictionary.Feature(7)));
        Same(model.On(tokens).SteerFeature(dictionary, 7, -1.5), spliced.On(tokens).Apply(dictionary.Feature(7), x => x - 1.5));
        Same(model.On(tokens).SteerFeature(dictionary, 7, 3, ^1), spliced.On(tokens).Apply(dictionary.Feature(7).At(^1), x => x + 3));
        var direction = dictionary.Direction(7).view(site == "attn.hook_z" ? [4, 4] : [16]);
        Same(model.On(tokens).SteerFeature(dictionary, 7, 4), model.On(tokens).Add(dictionary.Config.Input!.Value, direction, 4));
        Largest(GoldenCompare.Doubles(model.On(tokens).Logits()), GoldenCompare.Doubles(model.On(tokens).ClampFeature(dictionary, 7, 2.5).Logits())).ShouldBeGreaterThan(1e-4);
    }

    [Theory]
    [InlineData("gpt2")]
    [InlineData("llama")]
    public void GenerateTokens_ClampedFeatures_WithCacheEqualsWithout(string shape)
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Random(Shape(shape));
        using var dictionary = Dictionary("hook_resid_post");
        using var exact = model.With(dictionary, errorTerm: true);
        using var replaced = model.With(dictionary);
        foreach (var plan in (Func<RunInput, RunPlan>[])
            [
                input => model.On(input).ClampFeature(dictionary, 7, 6), input => exact.On(input).Apply(dictionary.Feature(7), x => full_like(x, 6)),
                input => replaced.On(input).Apply(dictionary.Feature(7), x => x + 4),
            ])
        {
            int[] prompt = [3, 1, 4, 1, 5];
            var cached = plan(RunInput.Of([prompt])).GenerateTokens(8)[0];
            List<int> text = [.. prompt];
            for (var i = 0; i < 8; i++)
                text.Add((int)plan(RunInput.Of([text])).Logits()[0, -1].argmax().ToInt64());
            cached.ShouldBe(text[5..]);
        }
        model.On([3, 1, 4, 1, 5]).ClampFeature(dictionary, 7, 6).GenerateTokens(8)[0].ShouldBe(exact.On([3, 1, 4, 1, 5]).Apply(dictionary.Feature(7), x => full_like(x, 6)).GenerateTokens(8)[0]);
    }

    [Theory]
    [InlineData("gpt2", false)]
    [InlineData("llama", false)]
    [InlineData("llama", true)]
    public void FeatureSources_SharesAndConstant_SumToThePreactivation(string shape, bool rescaled)
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Random(Shape(shape));
        using var dictionary = Dictionary("attn.hook_z", rescaled: rescaled);
        using var spliced = model.With(dictionary, errorTerm: true);
        var input = RunInput.Of([[1, 2, 3, 4, 5], [6, 7, 8]], PaddingSide.Left);
        using var run = spliced.On(input).Capture(Pattern[1], V[1], dictionary.AddedSites().Pre[1]).Run();
        foreach (var (prompt, position) in new[] { (0, 4), (0, 2), (1, 2), (1, 0) })
        {
            var sources = run.FeatureSources(dictionary, [7, 3, 39], position, prompt);
            sources.Contributions.Shape.ShouldBe([3, 4, position + 1]);
            var expected = GoldenCompare.Doubles(run[dictionary.AddedSites().Pre[1]][prompt, position + (prompt == 1 ? 2 : 0)]);
            sources.PreActivations.Values.ToArray().Zip([expected[7], expected[3], expected[39]], (a, b) => Math.Abs(a - b)).Max().ShouldBeLessThan(1e-10);
        }
        run.FeatureSources(dictionary, [7], ^1).Figure().Html.ShouldContain("share of the pre-activation");
        using var elsewhere = Dictionary("hook_resid_post");
        Should.Throw<ArgumentException>(() => run.FeatureSources(elsewhere, [7], ^1)).Message.ShouldContain("hook_z");
    }

    [Theory]
    [InlineData("hook_resid_post")]
    [InlineData("attn.hook_z")]
    [InlineData("mlp.hook_post")]
    [InlineData("hook_mlp_out")]
    public void LogitWeights_LastLayerWithoutNorm_IsWhatOneMoreOfTheFeatureAdds(string site)
    {
        using var scope = NewDisposeScope();
        // Parallel blocks: nothing stands between the last attention and the logits either.
        using var model = TinyModel.Random(TinyModel.Gpt2 with { Norm = NormKind.None, ParallelBlocks = true });
        using var dictionary = Dictionary(site, layer: 2);
        var tokens = TinyModel.Tokens(TinyModel.Gpt2, 1, 6, 3);
        var change = model.On(tokens).SteerFeature(dictionary, 7, 1).Logits() - model.On(tokens).Logits(); // [1, pos, d_vocab]
        var weights = dictionary.LogitWeights(model, [3, 7]); // [2, d_vocab]
        Largest(GoldenCompare.Doubles(change[0, 2]), GoldenCompare.Doubles(weights[1])).ShouldBeLessThan(1e-10);
    }

    [Fact]
    public void LogitWeights_FinalNorm_EqualsTheNormWithItsScaleFixed()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Random(TinyModel.Gpt2);
        using var dictionary = Dictionary("hook_resid_post");
        var expected = ((Norm)model.FinalNorm).ApplyScale(dictionary.Weights.Decoder, ones([1], dtype: ScalarType.Float64), gain: true).matmul(model.Weights.Unembedding);
        Largest(GoldenCompare.Doubles(dictionary.LogitWeights(model)), GoldenCompare.Doubles(expected)).ShouldBeLessThan(1e-12);
    }

    [Fact]
    public void Use_WithoutPlaceOrFeature_SaysSo()
    {
        using var model = TinyModel.Random(TinyModel.Gpt2);
        using var dictionary = Dictionary("hook_resid_post");
        using var transcoder = Dictionary("transcoder");
        using var nowhere = SparseDictionary.Initialise(new DictionaryConfig { DIn = 16, Width = 40, Activation = LatentActivation.Relu }, 0);
        Should.Throw<ArgumentOutOfRangeException>(() => dictionary.Feature(40)).Message.ShouldContain("40");
        Should.Throw<ArgumentOutOfRangeException>(() => dictionary.Direction(40)).Message.ShouldContain("0 to 39");
        Should.Throw<ArgumentException>(() => nowhere.Features()).Message.ShouldContain("hook point");
        var plan = model.On([1, 2, 3]);
        Should.Throw<ArgumentException>(() => plan.ClampFeature(transcoder, 3, 1)).Message.ShouldContain("transcoder");
        var study = new Contrast(plan, plan.Zero(ResidPost[0]), Metric.LogitDifference(1, 2));
        Should.Throw<ArgumentException>(() => study.AttributeFeatures(dictionary)).Message.ShouldContain("edits");
        using var post = TinyModel.Random(TinyModel.Gpt2 with { PostNorms = true });
        using var inner = Dictionary("attn.hook_z");
        Should.Throw<NotSupportedException>(() => inner.LogitWeights(post)).Message.ShouldContain("no fixed direction");
    }

    private static TransformerConfig Shape(string name) => name switch
    {
        "gpt2" => TinyModel.Gpt2,
        "llama" => TinyModel.Llama,
        _ => TinyModel.Gpt2 with { ModelName = "tiny-parallel", ParallelBlocks = true, Positions = PositionKind.Rotary },
    };

    private static SparseDictionary Dictionary(string site, int layer = 1, bool rescaled = false)
    {
        var transcoder = site == "transcoder";
        var config = new DictionaryConfig
        {
            DIn = site == "mlp.hook_post" ? 24 : 16, Width = 40, Activation = LatentActivation.TopK(5), CentreInput = !transcoder, RescaleByDecoderNorm = rescaled,
            Input = transcoder ? new HookName(MlpInput, layer) : HookName.Parse($"blocks.{layer}.{site}"), Output = transcoder ? new HookName(MlpOutRaw, layer) : null,
        };
        var dictionary = SparseDictionary.Initialise(config, 1, DictionaryRecipe.DictionaryLearning, ScalarType.Float64);
        using var noGradient = no_grad();
        if (rescaled)
            dictionary.Weights.Decoder.mul_(2);
        dictionary.Weights.DecoderBias.fill_(0.25);
        dictionary.Weights.EncoderBias.fill_(0.125);
        return dictionary;
    }

    private static double Largest(double[] a, double[] b) => a.Zip(b, (x, y) => Math.Abs(x - y)).Max();
}
