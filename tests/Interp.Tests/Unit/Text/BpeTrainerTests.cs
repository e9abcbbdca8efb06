namespace Interp.Tests.Unit.Text;

using System.Text.Json;
using Shouldly;
using Xunit;

/// <summary>Learning a vocabulary of byte pairs.</summary>
[Trait("Tier", "unit")]
public sealed class BpeTrainerTests
{
    [Fact]
    public void Train_ByHand_MergesTheMostFrequentPairFirst()
    {
        // Pieces " hug" 10, " pug" 5, " pun" 12, " bun" 4, " hugs" 5: u-g 20, then Ġ-p 17, then u-n 16, then Ġp-un 12 against Ġ-h and h-ug 15.
        var text = string.Join(' ', Enumerable.Repeat("hug", 10).Concat(Enumerable.Repeat("pug", 5)).Concat(Enumerable.Repeat("pun", 12))
            .Concat(Enumerable.Repeat("bun", 4)).Concat(Enumerable.Repeat("hugs", 5)));

        Merges(new BpeTrainer { VocabularySize = 257 + 5 }.Train([text])).ShouldBe(["u g", "Ġ p", "u n", "h ug", "Ġ hug"]);
    }

    [Fact]
    public void Train_EquallyFrequentPairs_LowerIdsFirst() =>
        Merges(new BpeTrainer { VocabularySize = 257 + 2, LeadingSpace = false }.Train(["cd", "ab", "cd", "ab"])).ShouldBe(["a b", "c d"]);

    [Fact]
    public void Train_OverlappingRun_MergesLeftmostFirst()
    {
        var tokenizer = Tokenizers.Parse(new BpeTrainer { VocabularySize = 258, LeadingSpace = false }.Train(["aaa", "aaa"]));
        tokenizer.Tokens("aaa", Bos.Never).ShouldBe(["aa", "a"]);
    }

    [Fact]
    public void Train_NothingFrequentLeft_StopsEarly() =>
        Tokenizers.Parse(new BpeTrainer { VocabularySize = 1000 }.Train(["ab"])).VocabularySize.ShouldBe(257);

    [Fact]
    public void Parse_WhatWasLearned_DecodesToTheText()
    {
        var tokenizer = Tokenizers.Parse(new BpeTrainer { VocabularySize = 300 }.Train(["The war lasted from 1732 to 1745.", "The kings ruled."]));
        foreach (var text in new[] { "The war of 1732", "Ünïcode «quotes» 你好 👋", "two  spaces\nand a line", "" })
            tokenizer.Decode(tokenizer.Ids(text), skipSpecial: true).ShouldBe(text);
        tokenizer.Ids("The")[0].ShouldBe(tokenizer.BosId!.Value);
        tokenizer.AddsBos.ShouldBeTrue();
    }

    [Fact]
    public void Train_VocabularyTooSmall_SaysHowManyItNeeds() =>
        Should.Throw<ArgumentException>(() => new BpeTrainer { VocabularySize = 100 }.Train(["a"])).Message.ShouldContain("at least 257");

    private static string[] Merges(string json)
    {
        using var document = JsonDocument.Parse(json);
        return [.. document.RootElement.GetProperty("model").GetProperty("merges").EnumerateArray().Select(m => $"{m[0].GetString()} {m[1].GetString()}")];
    }
}
