namespace Interp.Tests.Parity.Trained;

using System.Text.Json;
using Interp.Tests.Support;
using Shouldly;
using Xunit;
using static TorchSharp.torch;

/// <summary>A Llama of 260,032 parameters that writes children's stories (karpathy/tinyllamas).</summary>
[Trait("Tier", "parity")]
public sealed class StoriesTests
{
    private const string After = " went to the park.";

    public static TheoryData<string, string> Pairs()
    {
        var data = new TheoryData<string, string>();
        foreach (var pair in new[]
        {
            "Lily/Tim", "Lily/Timmy", "Mia/Max", "Sara/Bob", "Sue/Leo", "Lisa/Spot", "Amy/Max", "Mary/Bob", "Lucy/Jack", "Jane/Jack", "Anna/John", "Emma/John",
        })
            data.Add(pair.Split('/')[0], pair.Split('/')[1]);
        return data;
    }

    [SkippableFact]
    public void Generate_FromBos_WritesThePublishedStory()
    {
        using var model = Load();
        var page = File.ReadAllText(Repository.Shared("models", "stories260K", "upstream_stories260K.md")).ReplaceLineEndings("\n");
        var fence = page.IndexOf("-t 0.0\n", StringComparison.Ordinal) + "-t 0.0\n".Length;
        var story = page[fence..page.IndexOf("\n```", fence, StringComparison.Ordinal)];
        var written = model.On([model.Tokenizer!.BosId!.Value]).Generate(256).Trim();
        Evidence.Record("stories-greedy", written == story, written == story ? $"exact, {story.Length} characters" : "differs");
        written.ShouldBe(story);
    }

    [SkippableFact]
    public void Loss_FirstFortyStories_IsThePublishedOne()
    {
        using var model = Load();
        var texts = JsonSerializer.Deserialize<string[]>(File.ReadAllText(Repository.Shared("data", "tinystories_1000", "tinystories_1000.json")))!;
        var (sum, count) = (0.0, 0);
        foreach (var text in texts.Take(40))
        {
            var tokens = model.Tokens(text, Bos.Always).Take(model.Config.Context).ToArray();
            sum += model.On([tokens]).Loss() * (tokens.Length - 1);
            count += tokens.Length - 1;
        }
        var loss = sum / count;
        Evidence.Record("stories-loss", Math.Abs(loss - 1.3069) <= 0.002, $"{loss:F4} over {count:N0} tokens");
        loss.ShouldBe(1.3069, 0.002);
    }

    [SkippableTheory]
    [MemberData(nameof(Pairs))]
    public void Measure_PronounAfterAName_IsRight(string she, string he)
    {
        using var model = Load();
        var study = model.Contrast(she + After, he + After, " She", " He");
        var (hers, his) = (study.CleanMetric()[0], study.CorruptedMetric()[0]);
        Evidence.Record("stories-pronoun", hers > 0 && his < 0, $"{she} {hers:+0.0;-0.0}, {he} {his:+0.0;-0.0}");
        hers.ShouldBeGreaterThan(0);
        his.ShouldBeLessThan(0);
    }

    [SkippableFact]
    public void Measure_LilyAndTim_AreThreePointOneAndMinusThreePointTwo()
    {
        using var model = Load();
        var study = model.Contrast("Lily" + After, "Tim" + After, " She", " He");
        study.Clean.Length.ShouldBe(10);
        study.CleanMetric()[0].ShouldBe(3.1, 0.1);
        study.CorruptedMetric()[0].ShouldBe(-3.2, 0.1);
    }

    [SkippableFact]
    public void Contrast_PromptsOfUnequalLength_ShowsBothTokenisations()
    {
        using var model = Load();
        var message = Should.Throw<ArgumentException>(() => model.Contrast("Lily" + After, "Ben" + After, " She", " He")).Message;
        message.ShouldContain("10 tokens clean and 11 corrupted");
        message.ShouldContain("clean:");
        message.ShouldContain("corrupted:");
        message.ShouldContain("|");
    }

    private static HookedTransformer Load() => Models.Load(Repository.Shared("models", "stories260K"));
}
