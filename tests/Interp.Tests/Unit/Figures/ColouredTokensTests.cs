namespace Interp.Tests.Unit.Figures;

using System.Text.RegularExpressions;
using Shouldly;
using Xunit;

[Trait("Tier", "unit")]
public sealed class ColouredTokensTests
{
    private static LabelledArray Sample() =>
        new([new Axis("layer", 2), new Axis("pos", ["<s>", " a b", "\n"])], [-2, 0, 2, 1, double.NaN, -1], "effect");

    [Fact]
    public void ColouredTokens_Rows_HaveOneSpanAToken()
    {
        var html = Sample().ColouredTokens().Html;
        Regex.Count(html, "<div class=\"ct\">").ShouldBe(2);
        Regex.Count(html, "<span class=\"[dn]").ShouldBe(6);
        Regex.Match(html, "<span class=\"d32[^<]*</span>").Value.ShouldBe("<span class=\"d32 v\" title=\"pos 1 ·a b&#10;effect 0.0\">·a·b</span>");
        html.ShouldContain(">⏎</span><br>");
    }

    [Fact]
    public void ColouredTokens_Levels_AreCentredAtZero()
    {
        var levels = Regex.Matches(Sample().ColouredTokens().Html, "<span class=\"(\\w+) ").Select(m => m.Groups[1].Value);
        levels.ShouldBe(["d0", "d32", "d64", "d48", "na", "d16"]);
    }

    [Fact]
    public void ColouredTokens_Limit_MustBeAboveZero() => Should.Throw<ArgumentOutOfRangeException>(() => Sample().ColouredTokens(limit: -1));
}
