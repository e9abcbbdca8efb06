namespace Interp.Tests.Model.Dictionaries;

using Interp.Tests.Support;
using Shouldly;
using TorchSharp;
using Xunit;
using static Interp.Sites;
using static TorchSharp.torch;

/// <summary>Dictionaries inside a model: with the error term nothing changes, and features are units like any other.</summary>
[Trait("Tier", "model")]
public sealed class DictionarySpliceTests
{
    private static readonly HookName At = new(ResidPost, 1);
    private static readonly DictionarySites Added = new(ResidPost);

    [Theory]
    [InlineData("hook_resid_post")]
    [InlineData("attn.hook_z")]
    [InlineData("hook_mlp_out")]
    [InlineData("mlp.hook_post")]
    public void With_ErrorTerm_LogitsUnchanged(string leaf)
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Random(TinyModel.Gpt2, dtype: ScalarType.Float32);
        var name = HookName.Parse($"blocks.1.{leaf}");
        using var dictionary = Dictionary(leaf == "mlp.hook_post" ? 24 : 16, name, ScalarType.Float32);
        using var spliced = model.With(dictionary, errorTerm: true);
        using var without = model.With(dictionary);
        var tokens = TinyModel.Tokens(TinyModel.Gpt2, 2, 7, 3);
        var clean = GoldenCompare.Doubles(model.On(tokens).Logits());
        var difference = Largest(clean, GoldenCompare.Doubles(spliced.On(tokens).Logits()));
        Evidence.Record("sae-splice", difference <= 1e-5, $"{leaf}: {Evidence.Text(difference)}");
        difference.ShouldBeLessThanOrEqualTo(1e-5);
        Largest(clean, GoldenCompare.Doubles(without.On(tokens).Logits())).ShouldBeGreaterThan(1e-3);
    }

    [Fact]
    public void With_WithoutErrorTerm_EqualsReplacingTheActivation()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Random(TinyModel.Gpt2);
        using var dictionary = Dictionary(16, At);
        using var spliced = model.With(dictionary);
        var tokens = TinyModel.Tokens(TinyModel.Gpt2, 2, 7, 3);
        var replaced = model.On(tokens).Apply(At, x => dictionary.Reconstruct(x)).Logits();
        Largest(GoldenCompare.Doubles(replaced), GoldenCompare.Doubles(spliced.On(tokens).Logits())).ShouldBeLessThan(1e-12);
    }

    [Fact]
    public void Capture_Features_EqualsEncoding()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Random(TinyModel.Gpt2);
        using var dictionary = Dictionary(16, At);
        using var spliced = model.With(dictionary, errorTerm: true);
        var tokens = TinyModel.Tokens(TinyModel.Gpt2, 2, 7, 3);
        using var run = spliced.On(tokens).Capture(At, Added.Acts[1], Added.Error[1], Added.Reconstruction[1]).WithoutLogits().Run();
        var x = run[At];
        Largest(GoldenCompare.Doubles(run[Added.Acts[1]]), GoldenCompare.Doubles(dictionary.Encode(x))).ShouldBe(0);
        Largest(GoldenCompare.Doubles(run[Added.Error[1]] + run[Added.Reconstruction[1]]), GoldenCompare.Doubles(x)).ShouldBeLessThan(1e-12);
        run.Cache["blocks.1.hook_resid_post.hook_sae_acts_post"].shape.ShouldBe([2, 7, 40]);
    }

    [Fact]
    public void Zero_OneFeature_EqualsRemovingItsDirection()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Random(TinyModel.Gpt2);
        using var dictionary = Dictionary(16, At);
        using var spliced = model.With(dictionary, errorTerm: true);
        var tokens = TinyModel.Tokens(TinyModel.Gpt2, 2, 7, 3);
        using var run = model.On(tokens).Capture(At).Run();
        var acts = dictionary.Encode(run[At]);
        var feature = (int)acts.sum([0L, 1L]).argmax().ToInt64();
        var removed = model.On(tokens).Apply(At, x => x - dictionary.Encode(x).narrow(-1, feature, 1) * dictionary.Weights.Decoder[feature]).Logits();
        var ablated = spliced.On(tokens).Zero(Added.Acts[1].Neuron(feature)).Logits();
        Largest(GoldenCompare.Doubles(removed), GoldenCompare.Doubles(ablated)).ShouldBeLessThan(1e-12);
        Largest(GoldenCompare.Doubles(run.Logits), GoldenCompare.Doubles(ablated)).ShouldBeGreaterThan(1e-6);
    }

    [Fact]
    public void Gradients_Features_EqualFiniteDifferences()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Random(TinyModel.Gpt2);
        using var dictionary = Dictionary(16, At);
        using var spliced = model.With(dictionary, errorTerm: true);
        var tokens = TinyModel.Tokens(TinyModel.Gpt2, 1, 6, 3);
        using var gradients = spliced.On(tokens).LossGradients(Added.Acts[1]);
        var gradient = gradients.Gradients[new HookName(Added.Acts, 1)];
        using var run = spliced.On(tokens).Capture(Added.Acts[1]).Run();
        var feature = (int)run[Added.Acts[1]].sum([0L, 1L]).argmax().ToInt64();
        double Loss(double step) => spliced.On(tokens).Apply(Added.Acts[1].At(3).Neuron(feature), x => x + step).Loss();
        var measured = (Loss(1e-5) - Loss(-1e-5)) / 2e-5;
        gradient[0, 3, feature].ToDouble().ShouldBe(measured, 1e-7);
    }

    [Fact]
    public void Patch_ByFeature_EqualsHandMadeRuns()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Random(TinyModel.Gpt2);
        using var dictionary = Dictionary(16, At);
        using var spliced = model.With(dictionary, errorTerm: true);
        var (clean, corrupted) = (TinyModel.Tokens(TinyModel.Gpt2, 1, 6, 3), TinyModel.Tokens(TinyModel.Gpt2, 1, 6, 4));
        var metric = Metric.LogitDifference(1, 2);
        var result = spliced.Contrast(clean, corrupted, metric).Patch(Added.Acts[1].ByNeuron());
        result.Patched.Values.Length.ShouldBe(40);
        using var run = spliced.On(clean).Capture(Added.Acts[1]).Run();
        var feature = (int)run[Added.Acts[1]].sum([0L, 1L]).argmax().ToInt64();
        var byHand = spliced.On(corrupted).Replace(Added.Acts[1].Neuron(feature), run[Added.Acts[1]].select(2, feature)).Measure(metric).mean().ToDouble();
        result.Patched.Values.ToArray()[feature].ShouldBe(byHand, 1e-10);
        spliced.On(clean).Capture(Added.Acts[1]).CaptureBytes().ShouldBe(6 * 40 * 8);
    }

    [Fact]
    public void With_Transcoder_StandsForTheMlp()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Random(TinyModel.Gpt2);
        var (reads, writes) = (new HookName(MlpInput, 1), new HookName(MlpOutRaw, 1));
        using var transcoder = SparseDictionary.Initialise(
            new DictionaryConfig { DIn = 16, Width = 40, Activation = LatentActivation.TopK(5), CentreInput = false, Input = reads, Output = writes }, 1,
            DictionaryRecipe.Gao2024, ScalarType.Float64);
        using var exact = model.With(transcoder, errorTerm: true);
        using var replaced = model.With(transcoder);
        var tokens = TinyModel.Tokens(TinyModel.Gpt2, 2, 7, 3);
        var clean = GoldenCompare.Doubles(model.On(tokens).Logits());
        Largest(clean, GoldenCompare.Doubles(exact.On(tokens).Logits())).ShouldBeLessThan(1e-12);
        using var run = model.On(tokens).Capture(reads).Run();
        var expected = model.On(tokens).Replace(writes, transcoder.Reconstruct(run[reads])).Logits();
        Largest(GoldenCompare.Doubles(expected), GoldenCompare.Doubles(replaced.On(tokens).Logits())).ShouldBeLessThan(1e-12);
        var features = new DictionarySites(MlpOutRaw);
        using var captured = replaced.On(tokens).Capture(features.Acts[1]).WithoutLogits().Run();
        Largest(GoldenCompare.Doubles(captured[features.Acts[1]]), GoldenCompare.Doubles(transcoder.Encode(run[reads]))).ShouldBe(0);
    }

    [Fact]
    public void With_WrongWidthOrSite_SaysSo()
    {
        using var model = TinyModel.Random(TinyModel.Gpt2);
        using var wide = Dictionary(24, At);
        Should.Throw<ArgumentException>(() => model.With(wide)).Message.ShouldContain("16 wide, the dictionary reads 24");
        using var far = Dictionary(16, new HookName(ResidPost, 9));
        Should.Throw<ArgumentException>(() => model.With(far)).Message.ShouldContain("3 blocks");
        using var nowhere = SparseDictionary.Initialise(new DictionaryConfig { DIn = 16, Width = 40, Activation = LatentActivation.Relu }, 0);
        Should.Throw<ArgumentException>(() => model.With(nowhere)).Message.ShouldContain("hook point");
        using var fitting = Dictionary(16, At);
        using var once = model.With(fitting);
        Should.Throw<ArgumentException>(() => once.With(fitting)).Message.ShouldContain("already");
    }

    private static SparseDictionary Dictionary(int dIn, HookName at, ScalarType dtype = ScalarType.Float64) => SparseDictionary.Initialise(
        new DictionaryConfig { DIn = dIn, Width = 40, Activation = LatentActivation.TopK(5), Input = at }, 1, DictionaryRecipe.DictionaryLearning, dtype);

    private static double Largest(double[] a, double[] b) => a.Zip(b, (x, y) => Math.Abs(x - y)).Max();
}
