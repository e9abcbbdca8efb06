namespace Interp.Tests.Science.Lenses;

using System.Text.Json;
using Interp.Tests.Support;
using Shouldly;
using Xunit;
using static Interp.Sites;

/// <summary>A tuned lens of a trained story model, on stories it was not trained on.</summary>
[Trait("Tier", "science")]
public sealed class StoriesTunedLensTests
{
    [SkippableFact]
    public void TrainTunedLens_OnStories_LowersTheKlAtEveryLayerOnOthers()
    {
        using var model = Models.Load(Repository.Shared("models", "stories260K"));
        var stories = JsonSerializer.Deserialize<string[]>(File.ReadAllText(Repository.Shared("data", "tinystories_1000", "tinystories_1000.json")))!;
        RunInput Batch(int i) => RunInput.Of(stories.Skip(i * 8).Take(8).Select(s => (int[])[.. model.Tokens(s).Take(64)]));

        using var lens = model.TrainTunedLens(Batch, new TunedLensOptions { Steps = Interp.Evidence.Full ? 100 : 40 });
        var held = lens.Evaluate(model, [Batch(110), Batch(111), Batch(112), Batch(113)]);

        using var zero = TunedLens.Zero(model);
        using var run = model.On(Batch(120)).Capture(ResidPre, ResidPost).Run();
        using var untrained = run.TunedLens(zero);
        using var logit = run.LogitLens();
        var equal = untrained.Logits.Equals(logit.Logits);
        int[] layers = [.. Enumerable.Range(0, model.Config.Layers)];
        var lower = layers.All(l => held.Kl[1, l] < held.Kl[0, l]);
        string Of(int lens) => string.Join(' ', layers.Select(l => held.Kl[lens, l].ToString("F3", System.Globalization.CultureInfo.InvariantCulture)));
        Interp.Evidence.Record("tuned-lens", equal && lower, $"zero-initialised bit-equal; held-out KL by layer {Of(0)} (logit lens), {Of(1)} (tuned), {held.Tokens} tokens");
        equal.ShouldBeTrue();
        lower.ShouldBeTrue(held.ToString());
    }
}
