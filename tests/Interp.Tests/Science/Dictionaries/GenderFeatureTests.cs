namespace Interp.Tests.Science.Dictionaries;

using System.Text.Json;
using Interp.Tests.Support;
using Shouldly;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

/// <summary>A feature for the gender of the name: found by attribution, and what the pronoun depends on.</summary>
[Trait("Tier", "science")]
public sealed class GenderFeatureTests
{
    [SkippableFact]
    public void ClampFeature_GenderOfTheName_MovesThePronoun()
    {
        using var scope = NewDisposeScope();
        using var model = Models.Load(Repository.Shared("models", "stories260K"));
        var texts = JsonSerializer.Deserialize<string[]>(File.ReadAllText(Repository.Shared("data", "tinystories_1000", "tinystories_1000.json")))!;
        int[][] tokens = [.. texts.Take(Evidence.Full ? 1000 : 400).Select(text => model.Tokens(text, Bos.Always).Take(96).ToArray())];
        int[] bos = [tokens[0][0]];
        using var dictionary = Trained(model, tokens, bos);
        string[] girls = ["Lily", "Lucy", "Mia"], boys = ["Tim", "Tom", "Ben"];
        RunInput Inputs(string[] names) => RunInput.Of(names.Select(name => model.Tokens($"{name} went to the park.")), PaddingSide.Left);
        var metric = Metric.LogitDifference(model.SingleToken(" She"), model.SingleToken(" He"));
        double Measured(RunPlan plan) => plan.Measure(metric).mean().ToDouble();
        var lengths = girls.Zip(boys).Where(p => model.Tokens(p.First).Count == model.Tokens(p.Second).Count).ToArray();
        var study = new Contrast(model, Inputs([.. lengths.Select(p => p.First)]), Inputs([.. lengths.Select(p => p.Second)]), metric);
        var (clean, corrupted) = (study.CleanMetric().Average(), study.CorruptedMetric().Average());
        clean.ShouldBeGreaterThan(1);
        corrupted.ShouldBeLessThan(-1);
        // The feature that carries most of the difference, and what its loss does to either side.
        var attribution = study.AttributeFeatures(dictionary);
        var moved = attribution.Top(4).Select(t => (t.Feature,
            Girls: Measured(model.On(study.Clean).ClampFeature(dictionary, t.Feature, 0)) - clean, Boys: Measured(model.On(study.Corrupted).ClampFeature(dictionary, t.Feature, 0)) - corrupted)).ToArray();
        var strongest = moved.MaxBy(m => Math.Max(Math.Abs(m.Girls), Math.Abs(m.Boys)));
        var change = Math.Abs(strongest.Girls) > Math.Abs(strongest.Boys) ? -strongest.Girls : strongest.Boys; // towards the other pronoun
        // Other features of the same prompts, as a yardstick.
        using var spliced = model.With(dictionary, errorTerm: true);
        using var seen = spliced.On(study.Clean).Capture(dictionary.Features()).WithoutLogits().Run();
        var active = GoldenCompare.Doubles(seen[dictionary.Features()].amax([0L, 1L])).Index().Where(a => a.Item > 0 && moved.All(m => m.Feature != a.Index)).Select(a => a.Index).ToArray();
        var usual = active.Select(f => Math.Abs(Measured(model.On(study.Clean).ClampFeature(dictionary, f, 0)) - clean)).Order().ToArray();
        var median = usual[usual.Length / 2];
        var holds = change >= 0.25 * (clean - corrupted) && change >= 5 * median;
        Evidence.Record("sae-gender", holds, string.Create(null,
            $"feature {strongest.Feature}: taken out moves She - He by {change:F2} of {clean - corrupted:F2} towards the other pronoun; the median of {usual.Length} other active features moves it by {median:F2}"));
        holds.ShouldBeTrue($"{strongest}, median {median}, {clean} / {corrupted}, {attribution}");
    }

    private static SparseDictionary Trained(HookedTransformer model, int[][] tokens, int[] bos)
    {
        var config = new DictionaryConfig { DIn = model.Config.DModel, Width = 384, Activation = LatentActivation.TopK(10), Input = new HookName(Sites.ResidPost, 2) };
        var options = DictionaryTrainingOptions.Like(DictionaryRecipe.Gao2024, config.Activation) with
        {
            Steps = 350, BatchRows = 768, LearningRate = 2e-3, WarmUp = 30, Decay = 100, DeadAfter = 60_000,
        };
        var batches = Enumerable.Repeat(0, 20).SelectMany(_ => tokens.Chunk(20).Select(rows => RunInput.Of(rows)));
        return model.TrainDictionary(config, batches, options, new ActivationStreamOptions { Without = [.. bos], BufferRows = 1 << 15 });
    }
}
