namespace Interp.Tests.Unit.Text;

using System.Text;
using Shouldly;
using Xunit;

[Trait("Tier", "unit")]
public sealed class SplitterTests
{
    private static readonly string[] Crumbs =
    [
        " ", " ", " ", "\n", "\r", "\t", "\u00A0", "\u3000", "'", "'s", "'S", "'\u017F", "'re", "'Ve", "'lL", "'d", "a", "Z", "é", "ß", "中", "𝐀", "𝐁", "1", "2", "½", "٣", "𝟏", "Ⅻ",
        ".", ",", "!", "-", "🦙", "\u200D", "\u0301", "_", "ſ", "<", "ក",
    ];

    public static TheoryData<string, string> Patterns => new()
    {
        { "gpt2", Gpt2Splitter.Pattern },
        { "llama3", Cl100kSplitter.Llama3Pattern.Replace("'s|", "'[s\u017F]|", StringComparison.Ordinal) },
        { "qwen2", Cl100kSplitter.Qwen2Pattern.Replace("'s|", "'[s\u017F]|", StringComparison.Ordinal) },
    };

    [Theory]
    [MemberData(nameof(Patterns))]
    public void Split_RandomText_EqualsRegularExpression(string name, string pattern)
    {
        PreTokenizer splitter = name switch
        {
            "gpt2" => new Gpt2Splitter(),
            "llama3" => new Cl100kSplitter(mostDigits: 3),
            _ => new Cl100kSplitter(mostDigits: 1),
        };
        var expected = new SplitPreTokenizer(new RegexPattern(pattern, "test"), SplitBehavior.Isolated, invert: false);
        var random = new Random(7);
        for (var i = 0; i < 6_000; i++)
        {
            var text = RandomText(random);
            Split(splitter, text).ShouldBe(Split(expected, text), $"'{text}'");
        }
    }

    [Fact]
    public void Split_LettersBeyondTheBasicPlane_AreLetters()
    {
        Split(new Gpt2Splitter(), "𝐀𝐁c 𝟏2").ShouldBe(["𝐀𝐁c", " 𝟏2"]);
        Split(new Gpt2Splitter(), "We've  seen\n\n it's 12½!").ShouldBe(["We", "'ve", " ", " seen", "\n\n", " it", "'s", " 12½", "!"]);
    }

    [Fact]
    public void Split_EachBehavior_AsNamed()
    {
        string[] With(SplitBehavior behavior) => Split(new SplitPreTokenizer(new LiteralPattern("-"), behavior, invert: false), "the-final--countdown");
        With(SplitBehavior.Removed).ShouldBe(["the", "final", "countdown"]);
        With(SplitBehavior.Isolated).ShouldBe(["the", "-", "final", "-", "-", "countdown"]);
        With(SplitBehavior.MergedWithPrevious).ShouldBe(["the-", "final-", "-", "countdown"]);
        With(SplitBehavior.MergedWithNext).ShouldBe(["the", "-final", "-", "-countdown"]);
        With(SplitBehavior.Contiguous).ShouldBe(["the", "-", "final", "--", "countdown"]);
    }

    [Fact]
    public void Split_Inverted_KeepsTheMatches()
    {
        Split(new SplitPreTokenizer(new RegexPattern(@"\p{L}+", "test"), SplitBehavior.Removed, invert: true), "ab 12 cd").ShouldBe(["ab", "cd"]);
    }

    [Fact]
    public void Split_Metaspace_MarksSpacesAndTheFront()
    {
        Split(new MetaspacePreTokenizer('▁', MetaspacePrepend.Always, split: true), "Hey  friend").ShouldBe(["▁Hey", "▁", "▁friend"]);
        Split(new MetaspacePreTokenizer('▁', MetaspacePrepend.Never, split: true), "Hey friend").ShouldBe(["Hey", "▁friend"]);
        Split(new MetaspacePreTokenizer('▁', MetaspacePrepend.First, split: false), "Hey friend").ShouldBe(["▁Hey▁friend"]);
    }

    [Fact]
    public void Split_Whitespace_WordsAndSigns()
    {
        Split(new WhitespacePreTokenizer(), "How are_you doing?!  fine").ShouldBe(["How", "are_you", "doing", "?!", "fine"]);
        Split(new FixedLengthPreTokenizer(2), "a🦙bcd").ShouldBe(["a🦙", "bc", "d"]);
    }

    private static string RandomText(Random random)
    {
        var text = new StringBuilder();
        for (var length = random.Next(1, 14); length > 0; length--)
            text.Append(Crumbs[random.Next(Crumbs.Length)]);
        return text.ToString();
    }

    private static string[] Split(PreTokenizer splitter, string text)
    {
        var pieces = new List<Piece>();
        splitter.Split(Piece.Of(text), pieces);
        return [.. pieces.Select(piece => piece.Span.ToString())];
    }
}
