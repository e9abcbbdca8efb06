namespace Interp.Tests.Parity.Probing;

using Interp.Tests.Support;
using Shouldly;
using Xunit;
using static Interp.Sites;

/// <summary>The gender of a name in a small story model, read from names that no probe was fitted to.</summary>
[Trait("Tier", "parity")]
public sealed class StoriesProbingTests
{
    private static readonly string[] Her = ["Lily", "Mia", "Sara", "Sue", "Lisa", "Amy", "Mary", "Lucy", "Jane", "Anna", "Emma"];
    private static readonly string[] His = ["Tim", "Max", "Bob", "Leo", "Timmy", "Sam", "Jack", "John", "Ben", "Tom", "Spot"];
    private static readonly string[] After = [" went to the park.", " was very happy.", " saw a big dog.", " had a red ball."];

    [SkippableFact]
    public void Logistic_ByLayer_ReadsTheGenderOfUnseenNames()
    {
        using var model = Models.Load(Repository.Shared("models", "stories260K"));
        string[] names = [.. Her, .. His];
        var plan = model.On(names.SelectMany(name => After.Select(rest => Prompt.Parse($"{{name:{name}}}{rest}"))));
        string[] labels = [.. names.SelectMany(name => After.Select(_ => Her.Contains(name) ? "girl" : "boy"))];
        int[] whose = [.. names.SelectMany((_, i) => After.Select(_ => i))];
        var name = plan.Probe(ResidPost.At(Position.Role("name")), labels).Pool(Pooling.Last).Group(whose).Logistic();
        var stop = plan.Probe(ResidPost.At(Position.Last), labels).Group(whose).Shuffles(6).Logistic();

        var (controls, random) = (stop.Fits.Average(f => f.Evaluation.Shuffled), stop.Fits.Average(f => f.Evaluation.RandomFeatures));
        var holds = name.Scores[2] > 0.95 && stop.Scores[^1] > 0.95 && stop.Scores[0] < 0.75 && controls is > 0.3 and < 0.7 && random is > 0.3 and < 0.7;
        Evidence.Record("stories-gender-probe", holds,
            $"22 names, each scored by probes that never saw it; AUROC by layer at the name {Row(name)}, at the full stop {Row(stop)}; shuffled labels {controls:F2}, random features {random:F2}");
        name.Scores[2].ShouldBeGreaterThan(0.95);
        stop.Scores[^1].ShouldBeGreaterThan(0.95);
        stop.Scores[0].ShouldBeLessThan(0.75); // the full stop itself says nothing
        controls.ShouldBeInRange(0.3, 0.7);
        random.ShouldBeInRange(0.3, 0.7);
        stop[^1].Probe.Classes.ShouldBe(["boy", "girl"]);
    }

    private static string Row(ProbeResult result) => string.Join(" ", result.Scores.Values.ToArray().Select(v => $"{v:F2}"));
}
