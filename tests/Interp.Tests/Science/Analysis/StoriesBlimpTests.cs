namespace Interp.Tests.Science.Analysis;

using Interp.Tests.Support;
using Shouldly;
using Xunit;

/// <summary>What a story model knows of grammar.</summary>
[Trait("Tier", "science")]
public sealed class StoriesBlimpTests
{
    [SkippableTheory]
    [InlineData("principle_A_case_1", 60)]
    [InlineData("irregular_past_participle_verbs", 58)]
    [InlineData("anaphor_gender_agreement", 43)]
    public void MinimalPairs_FirstSixty_GiveThePublishedAccuracy(string file, int right)
    {
        using var model = Models.Load(Repository.Shared("models", "stories260K"));
        var result = model.MinimalPairs(MinimalPair.ReadJsonLines(Repository.Shared("data", "blimp", $"{file}.jsonl"), 60));
        var ours = (int)Math.Round(result.Accuracy * 60);
        Interp.Evidence.Record("stories-blimp", ours == right, $"{file}: {ours} of 60, {result.Accuracy:F3}");
        ours.ShouldBe(right, result.ToString());
    }
}
