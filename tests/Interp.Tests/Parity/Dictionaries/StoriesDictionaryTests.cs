namespace Interp.Tests.Parity.Dictionaries;

using System.Diagnostics;
using System.Text.Json;
using Interp.Tests.Support;
using Shouldly;
using Xunit;

/// <summary>A dictionary of a trained model's residual stream, trained and evaluated on stories. Long: runs for the evidence only.</summary>
[Trait("Tier", "parity")]
public sealed class StoriesDictionaryTests
{
    private const int Context = 256;

    [SkippableFact]
    public void TrainDictionary_Stories_RecoversTheLoss()
    {
        Skip.IfNot(Evidence.Full, "long: set INTERP_FULL=1");
        using var model = Models.Load(Repository.Shared("models", "stories260K"));
        var texts = JsonSerializer.Deserialize<string[]>(File.ReadAllText(Repository.Shared("data", "tinystories_1000", "tinystories_1000.json")))!;
        int[][] tokens = [.. texts.Select(text => model.Tokens(text, Bos.Always).Take(Context).ToArray())];
        int[] bos = [tokens[0][0]];
        var config = new DictionaryConfig
        {
            DIn = model.Config.DModel, Width = 1024, Activation = LatentActivation.TopK(16), Input = new HookName(Sites.ResidPost, 2),
        };
        var options = DictionaryTrainingOptions.Like(DictionaryRecipe.Gao2024, config.Activation) with
        {
            Steps = 1500, BatchRows = 1024, LearningRate = 2e-3, WarmUp = 50, Decay = 400, DeadAfter = 200_000,
        };
        var watch = Stopwatch.StartNew();
        var epochs = Enumerable.Repeat(Batches(tokens[..900]), 20).SelectMany(epoch => epoch);
        using var dictionary = model.TrainDictionary(config, epochs, options, new ActivationStreamOptions { Without = [.. bos] });
        var seconds = watch.Elapsed.TotalSeconds;
        var evaluation = model.Evaluate(dictionary, Batches(tokens[900..]), bos);
        var holds = evaluation is { Recovered: >= 0.97, Unexplained: <= 0.06 };
        Evidence.Record("sae-stories", holds,
            $"CE recovered {evaluation.Recovered:F4} (against the mean {evaluation.RecoveredAgainstMean:F4}), FVU {evaluation.Unexplained:F4}, L0 {evaluation.L0:F1}, dead {evaluation.DeadShare:P1}, {options.Steps} steps in {seconds:F0} s");
        holds.ShouldBeTrue(evaluation.ToString());
    }

    private static IEnumerable<RunInput> Batches(int[][] tokens) => tokens.Chunk(10).Select(rows => RunInput.Of(rows));
}
