namespace Interp.Tests.Unit.Text;

using Interp.Tests.Support;
using Shouldly;
using Xunit;

[Trait("Tier", "unit")]
public sealed class VocabularyTokenizerTests
{
    [Fact]
    public void Encode_Characters_WithOrWithoutSpaces()
    {
        var tokenizer = new VocabularyTokenizer(["A", "B", "C"]);
        tokenizer.Ids("BAC").ShouldBe([1, 0, 2]);
        tokenizer.Ids("B A C").ShouldBe([1, 0, 2]);
        tokenizer.Decode([1, 0, 2]).ShouldBe("BAC");
        tokenizer.Encode("B A").Offsets.ShouldBe([new CharSpan(0, 1), new CharSpan(2, 3)]);
    }

    [Fact]
    public void Encode_Words_LongestFirst()
    {
        var tokenizer = new VocabularyTokenizer(["1", "12", "plus", "="], bos: "=");
        tokenizer.Ids("12 plus 1").ShouldBe([3, 1, 2, 0]);
        tokenizer.Ids("12 plus 1", Bos.Never).ShouldBe([1, 2, 0]);
        tokenizer.Ids("= 1", Bos.Always).ShouldBe([3, 0]);
        tokenizer.Decode([1, 2, 0]).ShouldBe("12 plus 1");
        tokenizer.TokenId("plus").ShouldBe(2);
        tokenizer.TokenId("minus").ShouldBeNull();
    }

    [Fact]
    public void Encode_NothingFits_SaysWhere() =>
        Should.Throw<ArgumentException>(() => new VocabularyTokenizer(["A", "B"]).Encode("AxB")).Message.ShouldContain("'x' at index 1");

    [Fact]
    public void Constructor_BadList_SaysWhich()
    {
        Should.Throw<ArgumentException>(() => new VocabularyTokenizer(["A", "A"])).Message.ShouldContain("Token 1, 'A'");
        Should.Throw<ArgumentException>(() => new VocabularyTokenizer(["A", ""])).Message.ShouldContain("Token 1");
        Should.Throw<ArgumentException>(() => new VocabularyTokenizer(["A"], bos: "B")).Message.ShouldContain("'B'");
    }

    [Fact]
    public void Encode_BosAlwaysWithoutBos_Throws() =>
        Should.Throw<ArgumentException>(() => new VocabularyTokenizer(["A"]).Encode("A", Bos.Always)).Message.ShouldContain("no beginning-of-sequence token");

    [SkippableFact]
    public void Load_NanoSortVocabulary_ReadsLetters()
    {
        var tokenizer = Tokenizers.Load(Repository.Shared("models", "nano-sort-gpt2"));
        tokenizer.Ids("CBABBC").ShouldBe([2, 1, 0, 1, 1, 2]);
        tokenizer.Decode([0, 0, 1]).ShouldBe("AAB");
    }
}
