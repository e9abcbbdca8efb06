namespace Interp.Tests.Science.Tasks;

using System.Globalization;
using Shouldly;
using TorchSharp;
using Xunit;
using static Interp.Sites;
using static TorchSharp.torch;

/// <summary>What the generator drew can be read from tinyworld, found by a dictionary, and turned.</summary>
[Trait("Tier", "science")]
public sealed class TinyWorldReadOutTests : IDisposable
{
    private readonly HookedTransformer model = Models.Load("tinyworld");

    public void Dispose() => model.Dispose();

    [Theory]
    [InlineData("pronoun", "gender", true)]
    [InlineData("subject-verb agreement", "number", false)]
    [InlineData("sentiment", "sentiment", false)]
    public void Probe_LatentsAtTheLastToken_AreRecoveredAndControlsAreNot(string behaviour, string latent, bool grouped)
    {
        var prompts = World.Behaviour(behaviour).Prompts(model.Tokenizer!, Evidence.Full ? 400 : 160, seed: 21);
        var plan = model.On(prompts.Clean).Probe(ResidPost.At(Position.Last), prompts.Latents[latent].ToArray());
        if (grouped)
        {
            // Whole names are held out, so that no name can be learned by heart.
            var names = prompts.Latents["name"].Distinct().ToList();
            plan = plan.Group(prompts.Latents["name"].Select(names.IndexOf));
        }
        var best = plan.Logistic().Best.Evaluation;
        var holds = best.Score >= 0.95 && best.Shuffled < 0.7 && best.RandomFeatures < 0.7;
        Evidence.Record("organism-probes", holds, string.Create(CultureInfo.InvariantCulture,
            $"{latent} ({behaviour}): AUROC {best.Score:f3} {best.Interval}; shuffled labels {best.Shuffled:f2}, random features {best.RandomFeatures:f2}{(grouped ? "; names held out" : "")}"));
        best.Score.ShouldBeGreaterThanOrEqualTo(0.95);
        best.Shuffled.ShouldBeLessThan(0.7);
        best.RandomFeatures.ShouldBeLessThan(0.7);
    }

    [Fact]
    public void Steer_GenderOfSeenNames_TurnsThePronounOfOthers()
    {
        var (women, men) = ByGender(World.Pronoun.Prompts(model.Tokenizer!, 120, seed: 3, template: 0));
        var others = ByGender(World.Pronoun.Prompts(model.Tokenizer!, 80, seed: 4, WorldSplit.HeldOutWords, template: 0));
        var metric = Metric.LogitDifference(model.SingleToken(" she"), model.SingleToken(" he"));
        var gender = model.On(women).MeanDifference(model.On(men), ResidPost[0].At(1))[0]; // at the name
        foreach (var (name, prompts, strength) in new[] { ("men", others.Men, 0.75), ("women", others.Women, -0.75) })
        {
            var response = model.On(prompts).DoseResponse(gender, metric, [0, strength], new DoseResponseOptions { At = ResidPost[0].At(1), Controls = 20 });
            var (plain, turned) = (response.Curve[0], response.Curve[1]);
            double[] random = [.. Enumerable.Range(0, 20).Select(i => response.Controls[i, 1])];
            var nearest = random.MaxBy(value => Math.Abs(value - plain));
            var holds = Math.Sign(turned) == -Math.Sign(plain) && random.All(value => Math.Sign(value) == Math.Sign(plain));
            Evidence.Record("organism-steering", holds, string.Create(CultureInfo.InvariantCulture,
                $"{name} not fitted: she - he {plain:f2} to {turned:f2} at strength {strength}; the furthest of 20 random directions goes to {nearest:f2}"));
            Math.Sign(turned).ShouldBe(-Math.Sign(plain));
            random.ShouldAllBe(value => Math.Sign(value) == Math.Sign(plain));
        }
    }

    [Fact]
    public void Dictionary_OfTheResidualStream_HasLatentsForGenderAndNumber()
    {
        using var untrained = TinyWorld.Config(model.Config.DVocab).Initialise(seed: 5, model.Tokenizer);
        using var dictionary = Trained(model);
        using var control = Trained(untrained);
        var missed = new List<string>();
        foreach (var (behaviour, latent, positive) in new[] { ("pronoun", "gender", "female"), ("subject-verb agreement", "number", "plural") })
        {
            var prompts = World.Behaviour(behaviour).Prompts(model.Tokenizer!, 300, seed: 31);
            bool[] is_ = [.. prompts.Latents[latent].Select(v => v == positive)];
            var (own, random) = (BestLatent(model, dictionary, prompts.Clean, is_), BestLatent(untrained, control, prompts.Clean, is_));
            var holds = own >= 0.9 && own > random + 0.1;
            var figure = string.Create(CultureInfo.InvariantCulture, $"{latent} ({behaviour}): best latent's AUROC {own:f3} on held-out prompts, {random:f3} on random weights");
            Evidence.Record("organism-sae", holds, figure);
            if (!holds)
                missed.Add(figure);
        }
        missed.ShouldBeEmpty();
    }

    // Chosen on one half of the prompts, measured on the other.
    private static double BestLatent(HookedTransformer model, SparseDictionary dictionary, RunInput prompts, bool[] positive)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var run = model.On(prompts).Capture(ResidPost[3].At(Position.Last)).WithoutLogits().Run();
        var latents = dictionary.Encode(run[ResidPost[3]].reshape(prompts.Batch, -1)).cpu(); // [prompt, latent]
        var half = prompts.Batch / 2;
        var (first, second) = (latents.narrow(0, 0, half), latents.narrow(0, half, half));
        var scores = Enumerable.Range(0, (int)latents.shape[1]).Select(i => (Latent: i, Score: Auroc(first, i, positive[..half])));
        var best = scores.MaxBy(s => Math.Abs(s.Score - 0.5));
        var held = Auroc(second, best.Latent, positive[half..]);
        return best.Score < 0.5 ? 1 - held : held;
    }

    private static double Auroc(Tensor latents, int latent, bool[] positive) =>
        ProbeMetrics.Auroc([.. latents.select(1, latent).to(ScalarType.Float64).contiguous().data<double>()], positive);

    private static SparseDictionary Trained(HookedTransformer model)
    {
        var config = new DictionaryConfig { DIn = model.Config.DModel, Width = 512, Activation = LatentActivation.TopK(12), Input = new HookName(ResidPost, 3) };
        var options = DictionaryTrainingOptions.Like(DictionaryRecipe.Gao2024, config.Activation) with
        {
            Steps = Evidence.Full ? 1500 : 300, BatchRows = 1024, LearningRate = 2e-3, WarmUp = 30, Decay = 100,
        };
        var batches = Enumerable.Range(0, 10_000).Select(step => TinyWorld.Batch(model.Tokenizer!, seed: 77, step));
        return model.TrainDictionary(config, batches, options, new ActivationStreamOptions { Without = [model.Tokenizer!.BosId!.Value], BufferRows = 1 << 15 });
    }

    private static (RunInput Women, RunInput Men) ByGender(TaskPrompts prompts)
    {
        RunInput Of(string gender) => RunInput.Of(prompts.Clean.Rows.Where((_, i) => prompts.Latents["gender"][i] == gender).Select(r => (IReadOnlyList<int>)r));
        return (Of("female"), Of("male"));
    }
}
