namespace Interp.Tests.Unit.Text;

using System.Text.Json.Nodes;
using Shouldly;
using Xunit;

/// <summary>tokenizer.json files made up for the purpose.</summary>
[Trait("Tier", "unit")]
public sealed class TokenizerJsonTests
{
    [Fact]
    public void Encode_MergesAsPairs_EqualMergesAsText()
    {
        var json = TokenizerFolder.ByteLevel("a b", "ab c", "Ġ ab");
        Load(json).Ids("abc ab").ShouldBe([257, 258]);
        json["model"]!["merges"] = JsonNode.Parse("""[["a","b"],["ab","c"],["Ġ","ab"]]""");
        Load(json).Ids("abc ab").ShouldBe([257, 258]);
    }

    [Fact]
    public void Encode_IgnoreMerges_TakesTheWholePiece()
    {
        var json = TokenizerFolder.ByteLevel("a b");
        json["model"]!["vocab"]!["abcd"] = 300;
        Load(json).Ids("abcd").ShouldBe([256, 'c', 'd']);
        json["model"]!["ignore_merges"] = true;
        Load(json).Ids("abcd").ShouldBe([300]);
    }

    [Fact]
    public void Encode_AddedTokenFlags_AsNamed()
    {
        var json = TokenizerFolder.ByteLevel();
        json["added_tokens"] = new JsonArray(
            TokenizerFolder.Added(300, "<mask>", special: true, lstrip: true),
            TokenizerFolder.Added(301, "<sep>", special: true, rstrip: true),
            TokenizerFolder.Added(302, "word", singleWord: true),
            TokenizerFolder.Added(303, "<sep><sep>"));
        var tokenizer = Load(json);
        tokenizer.Encode("a  <mask> b").Offsets[1].ShouldBe(new CharSpan(1, 9));
        tokenizer.Ids("a  <mask>b").ShouldBe([tokenizer.TokenId("a")!.Value, 300, tokenizer.TokenId("b")!.Value]);
        tokenizer.Ids("a<sep>  b").ShouldBe([tokenizer.TokenId("a")!.Value, 301, tokenizer.TokenId("b")!.Value]);
        tokenizer.Ids("word").ShouldBe([302]);
        tokenizer.Ids("words").ShouldNotContain(302);
        tokenizer.Ids("<sep><sep>").ShouldBe([303]);
        tokenizer.Encode("<mask>word").Ids.ShouldBe([300, 302], "what stands before the word is no word character");
    }

    [Fact]
    public void Encode_NormalizedAddedToken_IsSoughtInNormalizedText()
    {
        var json = TokenizerFolder.ByteLevel();
        json["normalizer"] = new JsonObject { ["type"] = "Lowercase" };
        json["added_tokens"] = new JsonArray(TokenizerFolder.Added(300, "Hello", normalized: true), TokenizerFolder.Added(301, "Bye"));
        var tokenizer = Load(json);
        tokenizer.Ids("HELLO").ShouldBe([300]);
        tokenizer.Ids("Bye").ShouldBe([301]);
        tokenizer.Ids("BYE").Length.ShouldBe(3);
    }

    [Fact]
    public void Encode_Template_SurroundsTheText()
    {
        var json = TokenizerFolder.ByteLevel();
        json["added_tokens"] = new JsonArray(TokenizerFolder.Added(300, "<|begin_of_text|>", special: true), TokenizerFolder.Added(301, "<|end_of_text|>", special: true));
        json["post_processor"] = JsonNode.Parse("""
            {"type":"Sequence","processors":[{"type":"ByteLevel"},{"type":"TemplateProcessing","single":[
              {"SpecialToken":{"id":"B","type_id":0}},{"Sequence":{"id":"A","type_id":0}},{"SpecialToken":{"id":"E","type_id":0}}],
              "special_tokens":{"B":{"id":"B","ids":[300],"tokens":["B"]},"E":{"id":"E","ids":[301],"tokens":["E"]}}}]}
            """);
        var tokenizer = Load(json);
        tokenizer.AddsBos.ShouldBeTrue();
        var a = tokenizer.TokenId("a")!.Value;
        var encoded = tokenizer.Encode("a");
        encoded.Ids.ShouldBe([300, a, 301]);
        encoded.Special.ShouldBe([true, false, true]);
        encoded.Offsets.ShouldBe([new(0, 0), new(0, 1), new(1, 1)]);
        tokenizer.Ids("a", Bos.Never).ShouldBe([a, 301]);
        tokenizer.Ids("a", new EncodeOptions { AddSpecialTokens = false }).ShouldBe([a]);
        tokenizer.Ids("a", new EncodeOptions { AddSpecialTokens = false, Bos = Bos.Always }).ShouldBe([300, a]);
        tokenizer.Ids("<|begin_of_text|>a").ShouldBe([300, a, 301]);
        tokenizer.Decode([300, a, 301], skipSpecial: true).ShouldBe("a");
        tokenizer.Decode([300, a, 301]).ShouldBe("<|begin_of_text|>a<|end_of_text|>");
    }

    [Fact]
    public void Load_Config_DecidesAboutTheBeginning()
    {
        var json = TokenizerFolder.ByteLevel();
        json["added_tokens"] = new JsonArray(TokenizerFolder.Added(300, "<s>", special: true), TokenizerFolder.Added(301, "[X]", special: true));
        using var folder = new TokenizerFolder().With(json);
        folder.Load().AddsBos.ShouldBeFalse();
        folder.Load().BosId.ShouldBe(300);
        var other = folder.With("tokenizer_config.json", """{"bos_token":{"content":"[X]"},"pad_token":"<s>","eos_token":null,"add_bos_token":true}""").Load();
        (other.BosId, other.EosId, other.PadId, other.AddsBos).ShouldBe((301, null, 300, true));
        other.Ids("").ShouldBe([301]);
    }

    [Fact]
    public void Load_ConfigAddsTokens_TheyAreRead()
    {
        using var folder = new TokenizerFolder().With(TokenizerFolder.ByteLevel())
            .With("tokenizer_config.json", """{"added_tokens_decoder":{"400":{"content":"<|im_start|>","special":true}},"bos_token":"<|im_start|>"}""");
        var tokenizer = folder.Load();
        (tokenizer.BosId, tokenizer.VocabularySize).ShouldBe((400, 401));
        tokenizer.Ids("<|im_start|>a").ShouldBe([400, tokenizer.TokenId("a")!.Value]);
        folder.With("tokenizer_config.json", """{"added_tokens_decoder":{"-4":{"content":"x"}}}""");
        Should.Throw<InvalidDataException>(folder.Load).Message.ShouldContain("'-4' is not an id");
    }

    [Theory]
    [InlineData(Cl100kSplitter.Llama3Pattern, new[] { "It", "'S", " Über", "123", "4", "!\n\n", "  ", " x" })]
    [InlineData(Cl100kSplitter.Qwen2Pattern, new[] { "It", "'S", " Über", "1", "2", "3", "4", "!\n\n", "  ", " x" })]
    public void Encode_SplitThenBytes_AsLlama3AndQwen2(string pattern, string[] pieces)
    {
        var json = TokenizerFolder.ByteLevel();
        var vocabulary = json["model"]!["vocab"]!.AsObject();
        foreach (var piece in pieces)
            vocabulary.TryAdd(ByteAlphabet.Spell(piece), vocabulary.Count);
        json["model"]!["ignore_merges"] = true;
        json["normalizer"] = new JsonObject { ["type"] = "NFC" };
        json["pre_tokenizer"] = new JsonObject
        {
            ["type"] = "Sequence",
            ["pretokenizers"] = new JsonArray(
                new JsonObject { ["type"] = "Split", ["pattern"] = new JsonObject { ["Regex"] = pattern }, ["behavior"] = "Isolated", ["invert"] = false },
                new JsonObject { ["type"] = "ByteLevel", ["add_prefix_space"] = false, ["trim_offsets"] = true, ["use_regex"] = false }),
        };
        var text = "It'S U\u0308ber1234!\n\n   x";
        Load(json).Encode(text).Tokens.ShouldBe(pieces);
        Load(json).Encode(text).Offsets[2].Of(text).ShouldBe(" U\u0308ber");
    }

    [Fact]
    public void Encode_ByteFallback_UnknownAndFused()
    {
        var json = JsonNode.Parse("""
            {"added_tokens":[{"id":0,"content":"<unk>","special":true}],
             "decoder":{"type":"Sequence","decoders":[{"type":"ByteFallback"},{"type":"Fuse"}]},
             "model":{"type":"BPE","unk_token":"<unk>","fuse_unk":true,"byte_fallback":true,"merges":["a b"],
              "vocab":{"<unk>":0,"a":1,"b":2,"ab":3,"<0xC3>":4,"<0xA9>":5}}}
            """)!;
        var tokenizer = Load(json);
        tokenizer.Ids("abé").ShouldBe([3, 4, 5]);
        tokenizer.Decode([3, 4, 5]).ShouldBe("abé");
        tokenizer.Decode([4, 3]).ShouldBe("\uFFFDab");
        tokenizer.Encode("aéb").Offsets.ShouldBe([new(0, 1), new(1, 2), new(1, 2), new(2, 3)]);
        tokenizer.Ids("xyab").ShouldBe([0, 3]);
        json["model"]!["fuse_unk"] = false;
        Load(json).Ids("xyab").ShouldBe([0, 0, 3]);
    }

    [Fact]
    public void Encode_WordSuffix_MarksTheEndsOfWords()
    {
        var tokenizer = Load(JsonNode.Parse("""
            {"normalizer":{"type":"Lowercase"},"pre_tokenizer":{"type":"WhitespaceSplit"},"decoder":{"type":"BPEDecoder","suffix":"</w>"},
             "model":{"type":"BPE","end_of_word_suffix":"</w>","merges":["a b</w>"],"vocab":{"a":0,"b":1,"a</w>":2,"b</w>":3,"ab</w>":4}}}
            """)!);
        tokenizer.Ids("AB a ba").ShouldBe([4, 2, 1, 2]);
        tokenizer.Decode([4, 2, 1, 2]).ShouldBe("ab a ba");
    }

    [Fact]
    public void Encode_LongPiece_EqualsThatOfScanning()
    {
        var tokenizer = Load(TokenizerFolder.ByteLevel("a a", "aa aa", "a b", "b b", "bb a"));
        var random = new Random(3);
        for (var i = 0; i < 200; i++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(90, 400)).Select(_ => random.Next(2) == 0 ? 'a' : 'b'));
            tokenizer.Ids(text).ShouldBe(Naive(text, [("a", "a"), ("aa", "aa"), ("a", "b"), ("b", "b"), ("bb", "a")]).Select(token => tokenizer.TokenId(token)!.Value));
        }
    }

    [Fact]
    public void Encode_LoneSurrogate_IsReplacementCharacter()
    {
        var tokenizer = Load(TokenizerFolder.ByteLevel());
        tokenizer.Decode(tokenizer.Ids("a\uD800b")).ShouldBe("a\uFFFDb");
    }

    private static ITokenizer Load(JsonNode json)
    {
        using var folder = new TokenizerFolder().With(json);
        return folder.Load();
    }

    /// <summary>Byte-pair encoding in its plainest form: the best pair, leftmost, one merge at a time.</summary>
    private static List<string> Naive(string text, (string Left, string Right)[] merges)
    {
        var tokens = text.Select(c => c.ToString()).ToList();
        while (true)
        {
            var best = merges.Select((merge, rank) => (rank, at: Enumerable.Range(0, tokens.Count - 1).FirstOrDefault(i => (tokens[i], tokens[i + 1]) == merge, -1)))
                .FirstOrDefault(each => each.at >= 0, (rank: -1, at: -1));
            if (best.at < 0)
                return tokens;
            tokens[best.at] += tokens[best.at + 1];
            tokens.RemoveAt(best.at + 1);
        }
    }
}
