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

    private static string Place(LabelledValue value) => string.Join('.', value.Labels);
}
