namespace Interp.Tests.Unit.Text;

using Interp.Tests.Support;
using Shouldly;
using Xunit;

/// <summary>The expectations of latitudegames/GPT-3-Encoder, Encoder.test.js, for GPT-2's vocab.json and merges.txt.</summary>
[Trait("Tier", "unit")]
public sealed class Gpt2EncoderVectorTests
{
    [SkippableTheory]
    [InlineData("", new int[0])]
    [InlineData(" ", new[] { 220 })]
    [InlineData("\t", new[] { 197 })]
    [InlineData("This is some text", new[] { 1212, 318, 617, 2420 })]
    [InlineData("indivisible", new[] { 521, 452, 12843 })]
    [InlineData("hello 👋 world 🌍", new[] { 31373, 50169, 233, 995, 12520, 234, 235 })]
    [InlineData("toString constructor hasOwnProperty valueOf", new[] { 1462, 10100, 23772, 468, 23858, 21746, 1988, 5189 })]
    public void Encode_Text_EqualsReferenceAndDecodesBack(string text, int[] expected)
    {
        var tokenizer = Gpt2();
        tokenizer.Ids(text).ShouldBe(expected);
        tokenizer.Decode(expected).ShouldBe(text);
    }

    [SkippableFact]
    public void Load_Gpt2Files_KnowsSpecialTokens()
    {
        var tokenizer = Gpt2();
        tokenizer.VocabularySize.ShouldBe(50257);
        tokenizer.BosId.ShouldBe(50256);
        tokenizer.EosId.ShouldBe(50256);
        tokenizer.AddsBos.ShouldBeFalse();
        tokenizer.Ids("hello", Bos.Always).ShouldBe([50256, 31373]);
        tokenizer.Ids("<|endoftext|>hello", Bos.Always).ShouldBe([50256, 31373]);
        tokenizer.Ids("<|endoftext|>", new EncodeOptions { ParseSpecialTokens = false }).Length.ShouldBeGreaterThan(1);
        tokenizer.Decode([50256, 31373], skipSpecial: true).ShouldBe("hello");
        tokenizer.SingleToken(" Mary").ShouldBe(tokenizer.TokenId("ĠMary")!.Value);
        tokenizer.TokenText(233).ShouldBe("\uFFFD");
    }

    private static ITokenizer Gpt2() => Tokenizers.Load(Repository.Shared("tokenizers", "gpt2"));
}
