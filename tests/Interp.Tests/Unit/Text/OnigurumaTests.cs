namespace Interp.Tests.Unit.Text;

using Shouldly;
using Xunit;

[Trait("Tier", "unit")]
public sealed class OnigurumaTests
{
    [Theory]
    [InlineData(@"a?+b", @"(?>a?)b")]
    [InlineData(@"[^\r\n\p{L}]?+\p{L}++", @"(?>[^\r\n\p{L}]?)(?>\p{L}+)")]
    [InlineData(@"(ab)*+c", @"(?>(ab)*)c")]
    [InlineData(@"\p{N}{1,3}+", @"(?:\p{N}{1,3})+")]
    [InlineData(@"a+?b{2}?", @"a+?b{2}?")]
    [InlineData(@"(?i:'s|'t)|x", @"(?i:'s|'t)|x")]
    [InlineData(@"\x{41}[\x{4E00}-\x{9FA5}]", @"\u0041[\u4E00-\u9FA5]")]
    [InlineData(@"\(?a", @"\(?a")]
    public void Translate_Pattern_IsDotNets(string ruby, string expected) => Oniguruma.Translate(ruby).ShouldBe(expected);

    [Theory]
    [InlineData("a\\")]
    [InlineData("[ab")]
    [InlineData("a)")]
    [InlineData("[[:nothing:]]")]
    [InlineData("(a")]
    public void RegexPattern_Damaged_SaysWhere(string pattern) =>
        Should.Throw<InvalidDataException>(() => new RegexPattern(pattern, "file.json")).Message.ShouldContain("file.json");

    [Fact]
    public void Matches_BeyondTheBasicPlane_AreWholeCharacters()
    {
        var matches = new RegexPattern(@"\p{Lu}+|\p{Han}+|[^\p{L}]+", "test").Matches(Piece.Of("𝐀B𠀀中🦙"));
        matches.ShouldBe([new CharSpan(0, 3), new CharSpan(3, 6), new CharSpan(6, 8)]);
    }

    [Fact]
    public void Matches_PossessiveQuantifier_GivesNothingBack()
    {
        new RegexPattern(@"a++a", "test").Matches(Piece.Of("aaa")).ShouldBeEmpty();
        new RegexPattern(@"\d{1,3}+", "test").Matches(Piece.Of("12345")).ShouldBe([new CharSpan(0, 5)]);
    }
}
