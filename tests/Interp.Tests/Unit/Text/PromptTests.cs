namespace Interp.Tests.Unit.Text;

using Shouldly;
using Xunit;

[Trait("Tier", "unit")]
public sealed class PromptTests
{
    private static readonly VocabularyTokenizer Letters = new("abcdefghijklmnopqrstuvwxyzJM ".Select(c => c.ToString()));

    [Fact]
    public void Parse_MarkedText_KeepsTextAndSpans()
    {
        var prompt = Prompt.Parse("When {IO:Mary} and {S1:John} {{went}}");
        prompt.Text.ShouldBe("When Mary and John {went}");
        prompt.Spans["IO"].Of(prompt.Text).ShouldBe("Mary");
        prompt.Spans["S1"].Of(prompt.Text).ShouldBe("John");
        Prompt plain = "{IO:Mary}";
        plain.Text.ShouldBe("{IO:Mary}");
        plain.Spans.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("a {IO:b", "not of the form")]
    [InlineData("a {b} c", "not of the form")]
    [InlineData("a {:b} c", "not of the form")]
    [InlineData("a {IO:} c", "not of the form")]
    [InlineData("a } c", "closes nothing")]
    [InlineData("{S:a} {S:b}", "S1, S2")]
    public void Parse_BadMark_SaysWhat(string marked, string expected) =>
        Should.Throw<FormatException>(() => Prompt.Parse(marked)).Message.ShouldContain(expected);

    [Fact]
    public void Tokenize_Roles_AreAtTheirTokens()
    {
        var prompt = Prompt.Parse("ab {IO:Mary} c").Tokenize(Letters);
        prompt.Positions("IO").ShouldBe([3, 4, 5, 6]);
        prompt.Last("IO").ShouldBe(6);
        Should.Throw<KeyNotFoundException>(() => prompt.Positions("S")).Message.ShouldContain("Roles: IO");
    }

    [Fact]
    public void PositionsShared_RolesThatMoved_ShowsBoth()
    {
        var clean = Prompt.Parse("a {S:b}").Tokenize(Letters);
        clean.PositionsShared("S", Prompt.Parse("c {S:d}").Tokenize(Letters)).ShouldBe([2]);
        Should.Throw<ArgumentException>(() => clean.PositionsShared("S", Prompt.Parse("cc {S:d}").Tokenize(Letters))).Message.ShouldContain("at positions 2");
    }

    [Fact]
    public void RequireSameLength_Unequal_ShowsBothTokenizations()
    {
        var (clean, corrupted) = (Letters.Encode("John"), Letters.Encode("Mary a"));
        Letters.Encode("John").RequireSameLength(Letters.Encode("Mary"));
        var message = Should.Throw<ArgumentException>(() => clean.RequireSameLength(corrupted)).Message;
        message.ShouldContain("4 and 6 tokens");
        message.ShouldContain("J|o|h|n");
        message.ShouldContain("M|a|r|y| |a");
        message.ShouldContain("position 0");
    }

    [Fact]
    public void Constructor_SpanOutsideTheText_Throws() =>
        Should.Throw<ArgumentException>(() => new Prompt("abc", new Dictionary<string, CharSpan> { ["S"] = new(1, 4) })).Message.ShouldContain("'S'");
}
