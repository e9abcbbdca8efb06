namespace Interp.Tests.Unit.Text;

using System.Text.Json;
using Interp.Tests.Support;
using Shouldly;
using Xunit;

[Trait("Tier", "unit")]
public sealed class Stories260KTests
{
    [SkippableFact]
    public void Encode_AllVectors_EqualLlama2C()
    {
        var tokenizer = Tokenizers.Load(Repository.Shared("models", "stories260K"));
        using var vectors = JsonDocument.Parse(File.ReadAllText(Repository.Shared("models", "stories260K", "tokenizer_vectors.json")));
        var all = vectors.RootElement.EnumerateArray()
            .Select(vector => (Text: vector.GetProperty("text").GetString()!, Ids: vector.GetProperty("ids_llama2c_with_bos").Deserialize<int[]>()!)).ToArray();
        var exact = all.Count(vector => tokenizer.Ids(vector.Text).SequenceEqual(vector.Ids));
        Evidence.Record("stories-tokens", exact == 105, $"{exact} of {all.Length} texts");
        Evidence.Record("token-llama2c", exact == 105, $"tokenizer.json: {exact} of {all.Length} texts");
        var count = 0;
        foreach (var (text, expected) in all)
        {
            tokenizer.Ids(text).ShouldBe(expected, $"vector {count}");
            tokenizer.Decode(expected, skipSpecial: true).ShouldBe(text, $"vector {count}");
            count++;
        }
        count.ShouldBe(105);
    }

    [SkippableFact]
    public void Load_Folder_KnowsSpecialTokens()
    {
        var tokenizer = Tokenizers.Load(Repository.Shared("models", "stories260K"));
        tokenizer.VocabularySize.ShouldBe(512);
        tokenizer.BosId.ShouldBe(1);
        tokenizer.EosId.ShouldBe(2);
        tokenizer.PadId.ShouldBeNull();
        tokenizer.AddsBos.ShouldBeTrue();
        tokenizer.IsSpecial(1).ShouldBeTrue();
        tokenizer.IsSpecial(300).ShouldBeFalse();
    }

    [SkippableFact]
    public void Encode_Bos_IsWhatWasAskedAndNeverDouble()
    {
        var tokenizer = Tokenizers.Load(Repository.Shared("models", "stories260K"));
        var plain = tokenizer.Ids("Lily", Bos.Never);
        plain.ShouldNotContain(1);
        tokenizer.Ids("Lily").ShouldBe([1, .. plain]);
        tokenizer.Ids("Lily", Bos.Always).ShouldBe([1, .. plain]);
        tokenizer.Ids("<s>").ShouldBe([1]);
        tokenizer.Ids("<s>Lily", Bos.Always).ShouldBe([1, .. plain]);
        tokenizer.Ids("Lily", new EncodeOptions { AddSpecialTokens = false }).ShouldBe(plain);
    }

    [SkippableFact]
    public void Encode_Sentence_TokensAndOffsetsAreThoseOfTheText()
    {
        var tokenizer = Tokenizers.Load(Repository.Shared("models", "stories260K"));
        var encoded = tokenizer.Encode("Lily went to the park.");
        encoded.Length.ShouldBe(10);
        encoded.Tokens[0].ShouldBe("<s>");
        encoded.Tokens[1].ShouldBe(" Lily");
        encoded.Special[0].ShouldBeTrue();
        encoded.Offsets[0].Length.ShouldBe(0);
        encoded.Offsets[1].ShouldBe(new CharSpan(0, 4));
        string.Concat(encoded.Offsets.Select(span => span.Of(encoded.Text))).ShouldBe(encoded.Text);
        encoded.PositionsOf(new CharSpan(0, 4)).ShouldBe([1]);
    }

    [SkippableFact]
    public void TokenText_Pieces_ReadAsInASentence()
    {
        var tokenizer = Tokenizers.Load(Repository.Shared("models", "stories260K"));
        tokenizer.TokenText(317).ShouldBe(" Lily");
        tokenizer.TokenText(13).ShouldBe("\n");
        tokenizer.TokenText(200).ShouldBe("\uFFFD");
        tokenizer.TokenText(600).ShouldBe("<unused 600>");
        tokenizer.TokenId("▁Lily").ShouldBe(317);
        tokenizer.TokenId(" Lily").ShouldBe(317);
        tokenizer.TokenId(" Nobody").ShouldBeNull();
        tokenizer.SingleToken(" She").ShouldBe(338);
        Should.Throw<ArgumentException>(() => tokenizer.SingleToken(" elephant")).Message.ShouldContain("tokens");
    }
}
