namespace Interp.Tests.Science.Attribution;

using Interp.Tests.Support;
using Shouldly;
using Xunit;
using static Interp.Sites;

/// <summary>On a trained language model attribution points where patching does.</summary>
[Trait("Tier", "science")]
public sealed class EstimateTests
{
    [SkippableFact]
    public void Attribute_PronounOfStories260K_AgreesWithPatching()
    {
        using var model = Models.Load(Repository.Shared("models", "stories260K"));
        var study = model.Contrast("Lily went to the park.", "Tim went to the park.", " She", " He");
        foreach (var grid in new[] { Z.ByHead(), V.ByHead(), Q.ByHead(), Pattern.ByHead(), ResidPre.ByPosition(), AttnOut.ByPosition() })
        {
            var (truth, guess) = (study.Patch(grid), study.Attribute(grid));
            truth.Compare(guess).Pearson.ShouldBeGreaterThan(0.95, grid.ToString());
            guess.Top(3).Select(Place).ShouldContain(Place(truth.Top(1)[0]), grid.ToString());
        }
    }

    [SkippableFact]
    public void AttributeWithQkFix_PronounsOfStories260K_IsAtLeastAsCloseAsAttribution()
    {
        using var model = Models.Load(Repository.Shared("models", "stories260K"));
        string[] girls = ["Mia", "Sara", "Sue", "Lisa", "Amy", "Mary"], boys = ["Max", "Bob", "Leo", "Spot", "Max", "Bob"];
        var study = model.Contrast(
            girls.Select(n => $"{n} went to the park."), boys.Select(n => $"{n} went to the park."),
            Metric.LogitDifference(model.SingleToken(" She"), model.SingleToken(" He")));
        foreach (var site in new[] { Q, K })
        {
            var grid = site.ByHead().ByPosition();
            var truth = study.Patch(grid).Effect;
            double Error(AttributionResult guess) => truth.Values.ToArray().Zip(guess.Effect.Values.ToArray(), (t, g) => Math.Abs(t - g)).Average();
            var (plain, star) = (Error(study.Attribute(grid)), Error(study.AttributeWithQkFix(grid)));
            Evidence.Record("atp-saturated", star <= plain, $"stories260K, {site}: mean error {Evidence.Text(plain)} plain, {Evidence.Text(star)} with the fix");
            star.ShouldBeLessThanOrEqualTo(plain);
        }
    }

    private static string Place(LabelledValue value) => string.Join('.', value.Labels);
}
