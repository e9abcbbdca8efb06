namespace Interp.Tests.Unit.Figures;

using System.Text.Json;
using System.Text.RegularExpressions;
using Shouldly;
using Xunit;

[Trait("Tier", "unit")]
public sealed class AttentionPatternTests
{
    private static LabelledArray Causal(int heads, int tokens)
    {
        var random = new Random(0);
        var values = new double[heads * tokens * tokens];
        for (var row = 0; row < heads * tokens; row++)
        {
            var weights = Enumerable.Range(0, row % tokens + 1).Select(_ => random.NextDouble()).ToArray();
            for (var k = 0; k < weights.Length; k++)
                values[row * tokens + k] = weights[k] / weights.Sum();
        }

        var labels = Enumerable.Range(0, tokens).Select(i => i % 5 == 0 ? "</script>" : $" token{i}").ToArray();
        return new LabelledArray([new Axis("head", heads), new Axis("query", labels), new Axis("key", labels)], values, "probability");
    }

    private static JsonElement Data(Figure figure) =>
        JsonDocument.Parse(Regex.Match(figure.Html, @"var D=(\{.*?\});var Q", RegexOptions.Singleline).Groups[1].Value).RootElement;

    [Fact]
    public void AttentionPattern_Probabilities_AreKeptToOne255th()
    {
        var pattern = Causal(3, 7);
        var bytes = Data(pattern.AttentionPattern()).GetProperty("data").GetBytesFromBase64();
        bytes.Length.ShouldBe(pattern.Count);
        for (var i = 0; i < bytes.Length; i++)
            (bytes[i] / 255.0).ShouldBe(pattern.Values[i], 0.5 / 255 + 1e-12);
    }

    [Fact]
    public void AttentionPattern_HostileTokens_StayInTheirStrings()
    {
        var figure = Causal(2, 6).AttentionPattern("</h2><script>");
        Regex.Count(figure.Html, "</script").ShouldBe(1);
        Regex.Count(figure.Html, "<script").ShouldBe(1);
        Data(figure).GetProperty("queries")[0].GetString().ShouldBe("</script>");
        Data(figure).GetProperty("keys")[1].GetString().ShouldBe("·token1");
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(0, 4)]
    [InlineData(2, 0)]
    public void AttentionPattern_AlmostNothing_StillDraws(int heads, int tokens) =>
        Causal(heads, tokens).AttentionPattern().Html.Length.ShouldBeInRange(1000, 25 * 1024);

    [Fact]
    public void AttentionPattern_OneHead_HasNoHeadButtons()
    {
        Regex.Count(Causal(1, 4)["head", 0].AttentionPattern().Html, "<button").ShouldBe(0);
        Regex.Count(Causal(3, 4).AttentionPattern().Html, "<button").ShouldBe(3);
    }

    [Fact]
    public void AttentionPattern_Scores_SaysWhereAndWhatElse()
    {
        var scores = Causal(2, 3).Map(v => 4 * v - 2);
        Should.Throw<ArgumentException>(() => scores.AttentionPattern()).Message.ShouldContain("Draw scores as a Heatmap");
        Should.Throw<ArgumentException>(() => Causal(2, 3)["head", 0]["query", 0].AttentionPattern()).Message.ShouldContain("[key 3]");
    }

    [Fact]
    public void AttentionPattern_DifferentData_HasAnotherIdentity()
    {
        string Id(LabelledArray pattern) => Regex.Match(pattern.AttentionPattern().Html, "id=\"(ifig-[0-9a-f]+)\"").Groups[1].Value;
        Id(Causal(2, 4)).ShouldBe(Id(Causal(2, 4)));
        Id(Causal(2, 4)).ShouldNotBe(Id(Causal(2, 4).Map(v => v / 2)));
    }
}
