namespace Interp.Tests.Unit.Text;

using System.Text.Json;
using Interp.Tests.Support;
using Shouldly;
using Xunit;

[Trait("Tier", "unit")]
public sealed class SentencePieceTests
{
    [SkippableFact]
    public void Encode_Tok512AllVectors_EqualSentencePiece()
    {
        var tokenizer = Tokenizers.Load(Repository.Shared("tokenizers", "tok512", "tokenizer.model"));
        using var vectors = JsonDocument.Parse(File.ReadAllText(Repository.Shared("tokenizers", "tok512", "tokenizer_vectors.json")));
        var all = vectors.RootElement.EnumerateArray().ToArray();
        var exact = all.Count(vector => tokenizer.Ids(vector.GetProperty("text").GetString()!).SequenceEqual(vector.GetProperty("ids_sentencepiece_with_bos").Deserialize<int[]>()!));
        Evidence.Record("token-llama2c", exact == 105, $"tokenizer.model: {exact} of {all.Length} texts");
        var count = 0;
        foreach (var vector in all)
        {
            int[] expected = [.. vector.GetProperty("ids_sentencepiece_with_bos").EnumerateArray().Select(id => id.GetInt32())];
            tokenizer.Ids(vector.GetProperty("text").GetString()!).ShouldBe(expected, $"vector {count}");
            count++;
        }
        count.ShouldBe(105);
    }

    [SkippableFact]
    public void Load_Llama2Model_KnowsSpecialTokensAndDamagedPieces()
    {
        var tokenizer = Tokenizers.Load(Repository.Shared("tokenizers", "llama2-spm", "tokenizer.model"));
        (tokenizer.VocabularySize, tokenizer.BosId, tokenizer.EosId, tokenizer.PadId, tokenizer.AddsBos).ShouldBe((32000, 1, 2, null, true));
        tokenizer.Ids("a\u00A0")[^1].ShouldBe(30081);
        tokenizer.Ids("Hello <s>").ShouldContain(1);
        var text = "Hello  world\n\n  naïve 🦙 你好 \u00A0\u00A0";
        tokenizer.Decode(tokenizer.Ids(text), skipSpecial: true).ShouldBe(text);
    }

    [SkippableFact]
    public void Load_Llama2DamagedTokenizerJson_NamesTheMergeAndTheOtherFile()
    {
        var path = Repository.Shared("tokenizers", "llama2-spm", "tokenizer.json");
        var message = Should.Throw<InvalidDataException>(() => Tokenizers.Load(path)).Message;
        message.ShouldContain("model.merges[");
        message.ShouldContain("tokenizer.model");
    }

    [SkippableTheory]
    [InlineData("The quick brown fox jumps over the lazy dog.")]
    [InlineData("translate English to German: The house is wonderful.")]
    public void Encode_T5NormalText_ComesBack(string text)
    {
        var tokenizer = Tokenizers.Load(Repository.Shared("tokenizers", "t5-small"));
        var ids = tokenizer.Ids(text);
        Evidence.Record("token-normal-form", tokenizer.Decode(ids, skipSpecial: true) == text, $"t5-small: {ids.Length} tokens");
        ids[^1].ShouldBe(1);
        ids.ShouldNotContain(2);
        tokenizer.Decode(ids, skipSpecial: true).ShouldBe(text);
    }

    [SkippableFact]
    public void Encode_T5KnownSentence_EqualsPublishedIds()
    {
        // The ids that Hugging Face's T5 documentation prints for this sentence.
        var tokenizer = Tokenizers.Load(Repository.Shared("tokenizers", "t5-small"));
        tokenizer.Ids("translate English to German: The house is wonderful.").ShouldBe([13959, 1566, 12, 2968, 10, 37, 629, 19, 1627, 5, 1]);
        tokenizer.Ids("ﬁne “quotes”").ShouldBe(tokenizer.Ids("fine “quotes”"));
    }

    [SkippableFact]
    public void Encode_Bert_WordPieces()
    {
        var tokenizer = Tokenizers.Load(Repository.Shared("tokenizers", "bert"));
        var encoded = tokenizer.Encode("Héllo, embeddings 中!");
        encoded.Tokens.ShouldBe(["[CLS]", "hello", ",", "em", "##bed", "##ding", "##s", "[UNK]", "!", "[SEP]"]);
        encoded.Offsets[1].ShouldBe(new CharSpan(0, 5));
        var back = tokenizer.Decode(tokenizer.Ids("this is a text in normal form."), skipSpecial: true);
        Evidence.Record("token-normal-form", back == "this is a text in normal form.", "bert: a sentence comes back");
        back.ShouldBe("this is a text in normal form.");
    }

    [SkippableFact]
    public void Load_ModelCutShort_SaysSo()
    {
        var bytes = File.ReadAllBytes(Repository.Shared("tokenizers", "tok512", "tokenizer.model"));
        using var folder = new TokenizerFolder();
        var path = Path.Combine(folder.Path, "tokenizer.model");
        foreach (var length in new[] { 0, 1, 100, bytes.Length / 2, bytes.Length - 3 })
        {
            File.WriteAllBytes(path, bytes[..length]);
            Should.Throw<InvalidDataException>(folder.Load).Message.ShouldContain("SentencePiece model");
        }
    }

    [SkippableFact]
    public void Load_FiveHundredMutatedModels_LoadOrSayWhy()
    {
        var original = File.ReadAllBytes(Repository.Shared("tokenizers", "tok512", "tokenizer.model"));
        var random = new Random(5);
        var refused = 0;
        using var folder = new TokenizerFolder();
        for (var i = 0; i < 500; i++)
        {
            byte[] bytes = [.. original];
            for (var count = random.Next(1, 6); count > 0; count--)
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            File.WriteAllBytes(Path.Combine(folder.Path, "tokenizer.model"), i % 3 == 0 ? bytes[..random.Next(bytes.Length)] : bytes);
            try
            {
                var tokenizer = folder.Load();
                tokenizer.Decode(tokenizer.Ids("Hello  wörld <s> 12345 ab aab")).ShouldNotBeNull();
            }
            catch (InvalidDataException)
            {
                refused++;
            }
        }
        refused.ShouldBeInRange(100, 499);
    }
}
