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
        string[] sentences = ["{0} went to the park.", "{0} had a red ball.", "{0} was very happy.", "{0} liked to play outside."];
        RunInput With(string name) => RunInput.Of(sentences.Select(sentence => model.Tokens(string.Format(null, sentence, name))));
        var metric = Metric.LogitDifference(model.SingleToken(" She"), model.SingleToken(" He"));
        var study = new Contrast(model, With("Lily"), With("Tim"), metric);
        var (lily, tim) = (study.CleanMetric().Average(), study.CorruptedMetric().Average());
        lily.ShouldBeGreaterThan(1);
        tim.ShouldBeLessThan(-1);
        using var spliced = model.With(dictionary, errorTerm: true);
        double Out(RunInput prompts, Indices features) => spliced.On(prompts).Zero(dictionary.Feature(features)).Measure(metric).mean().ToDouble();
        // How far a feature's loss moves either name's answer towards the other pronoun.
        double Moved(int feature) => Math.Max(lily - Out(study.Clean, feature), Out(study.Corrupted, feature) - tim);
        int[] top = [.. study.AttributeFeatures(dictionary).Top(6).Select(t => t.Feature)];
        var found = top.MaxBy(Moved);
        // The other features that are active in the same texts, as a yardstick.
        using var seen = spliced.On(study.Corrupted).Capture(dictionary.Features()).WithoutLogits().Run();
        int[] others = [.. GoldenCompare.Doubles(seen[dictionary.Features()].amax([0L, 1L])).Index().Where(a => a.Item > 0 && !top.Contains(a.Index)).Select(a => a.Index)];
        var usual = others.Select(f => Math.Abs(Out(study.Corrupted, f) - tim)).Order().ElementAt(others.Length / 2);
        var (change, all) = (Moved(found), Math.Max(lily - Out(study.Clean, top), Out(study.Corrupted, top) - tim));
        var holds = change >= 0.1 * (lily - tim) && change >= 5 * usual;
        Evidence.Record("sae-gender", holds, string.Create(System.Globalization.CultureInfo.InvariantCulture,
            $"feature {found} taken out moves She - He by {change:F2} of the {lily - tim:F2} between Lily and Tim, the six most attributed ones together by {all:F2}; the median of {others.Length} other active features moves it by {usual:F2}"));
        holds.ShouldBeTrue($"feature {found} moves by {change}, all six by {all}, others by {usual}, of {lily} to {tim}");
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
