namespace Interp.Tests.Unit.Text;

using System.Text;
using System.Text.Json.Nodes;
using Shouldly;
using Xunit;

/// <summary>Damaged and hostile tokenizer files: an error that names the place, never a crash or a hang.</summary>
[Trait("Tier", "unit")]
public sealed class HostileTokenizerTests
{
    [Theory]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":0},"merges":["a b"]}}""", "'b', which is not in the vocabulary")]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":0},"merges":["ab"]}}""", "merges[0]: a merge is two tokens")]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":0},"merges":[["a"]]}}""", "a merge is two tokens, found 1")]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":0,"b":0},"merges":[]}}""", "both have id 0")]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":2000000000},"merges":[]}}""", "2000000000")]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":-1},"merges":[]}}""", "-1")]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":0.5},"merges":[]}}""", "not a whole number")]
    [InlineData("""{"model":{"type":"BPE","vocab":[],"merges":[]}}""", "object was expected, found array")]
    [InlineData("""{"model":{"type":"BPE","merges":[]}}""", "'vocab' is missing")]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":0},"merges":[],"dropout":0.1}}""", "dropout 0.1")]
    [InlineData("""{"model":{"type":"Strange","vocab":{}}}""", "'Strange'")]
    [InlineData("""{"normalizer":{"type":"Strange"},"model":{"type":"BPE","vocab":{"a":0},"merges":[]}}""", "normalizer: normalizer 'Strange'")]
    [InlineData("""{"pre_tokenizer":{"type":"Strange"},"model":{"type":"BPE","vocab":{"a":0},"merges":[]}}""", "'Strange'")]
    [InlineData("""{"decoder":{"type":"Strange"},"model":{"type":"BPE","vocab":{"a":0},"merges":[]}}""", "'Strange'")]
    [InlineData("""{"post_processor":{"type":"Strange"},"model":{"type":"BPE","vocab":{"a":0},"merges":[]}}""", "'Strange'")]
    [InlineData("""{"pre_tokenizer":{"type":"Split","pattern":{"Regex":"("},"behavior":"Isolated"},"model":{"type":"BPE","vocab":{"a":0},"merges":[]}}""", "regular expression")]
    [InlineData("""{"pre_tokenizer":{"type":"Split","pattern":{"Regex":"a"},"behavior":"9"},"model":{"type":"BPE","vocab":{"a":0},"merges":[]}}""", "'9'")]
    [InlineData("""{"added_tokens":[{"id":1,"content":"x"},{"id":1,"content":"y"}],"model":{"type":"BPE","vocab":{"a":0},"merges":[]}}""", "second added token has id 1")]
    [InlineData("""{"added_tokens":[{"id":1,"content":"x"},{"id":2,"content":"x"}],"model":{"type":"BPE","vocab":{"a":0},"merges":[]}}""", "second time")]
    [InlineData("""{"added_tokens":[{"id":1999999999,"content":"x"}],"model":{"type":"BPE","vocab":{"a":0},"merges":[]}}""", "1999999999")]
    [InlineData("""{"model":{"type":"BPE","vocab":{"\ud800":0},"merges":[]}}""", "no valid text")]
    [InlineData("""{"model":{""", "is not JSON")]
    [InlineData("version https://git-lfs.github.com/spec/v1", "Git LFS")]
    [InlineData("[]", "object was expected")]
    public void Load_DamagedFile_NamesFileAndPlace(string json, string expected)
    {
        using var folder = new TokenizerFolder().With("tokenizer.json", json);
        var message = Should.Throw<InvalidDataException>(folder.Load).Message;
        message.ShouldContain(expected);
        message.ShouldContain("tokenizer.json");
    }

    [Fact]
    public void Load_NothingThere_SaysWhatWasSought()
    {
        using var folder = new TokenizerFolder();
        Should.Throw<FileNotFoundException>(folder.Load).Message.ShouldContain("tokenizer.json");
        Should.Throw<FileNotFoundException>(() => Tokenizers.Load(Path.Combine(folder.Path, "no"))).Message.ShouldContain("no file or folder");
    }

    [Theory]
    [InlineData("#version: 0.2\na b\nab\n", "line 3")]
    [InlineData("a b c\n", "line 1")]
    [InlineData("a b</w>\n", "</w>")]
    public void Load_DamagedMerges_NamesTheLine(string merges, string expected)
    {
        using var folder = new TokenizerFolder().With("vocab.json", """{"a":0,"b":1,"ab":2}""").With("merges.txt", merges);
        var message = Should.Throw<InvalidDataException>(folder.Load).Message;
        message.ShouldContain(expected);
        message.ShouldContain("merges.txt");
    }

    [Fact]
    public void Load_ThousandMutatedFiles_LoadOrSayWhy()
    {
        var original = Encoding.UTF8.GetBytes(Sample().ToJsonString());
        var random = new Random(11);
        var refused = 0;
        using var folder = new TokenizerFolder();
        for (var i = 0; i < 1000; i++)
        {
            File.WriteAllBytes(Path.Combine(folder.Path, "tokenizer.json"), Mutated(original, random));
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
        refused.ShouldBeInRange(100, 999);
    }

    [Fact]
    public void Load_ManyTokensOfOneLetter_EncodesLongTextQuickly()
    {
        var tokenizer = LoadSample();
        var text = new string('a', 200_000);
        (tokenizer.Decode(tokenizer.Ids(text), skipSpecial: true) == text).ShouldBeTrue();
    }

    private static JsonObject Sample()
    {
        var json = TokenizerFolder.ByteLevel("a b", "a a", "aa b", "Ġ a", "Ġ ab");
        json["added_tokens"] = new JsonArray(TokenizerFolder.Added(300, "<s>", special: true));
        json["normalizer"] = new JsonObject { ["type"] = "NFC" };
        json["post_processor"] = JsonNode.Parse("""
            {"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"<s>","type_id":0}},{"Sequence":{"id":"A","type_id":0}}],
             "special_tokens":{"<s>":{"id":"<s>","ids":[300],"tokens":["<s>"]}}}
            """);
        return json;
    }

    private static ITokenizer LoadSample()
    {
        using var folder = new TokenizerFolder().With(Sample());
        return folder.Load();
    }

    private static byte[] Mutated(byte[] original, Random random)
    {
        byte[] bytes = [.. original];
        for (var count = random.Next(1, 4); count > 0; count--)
        {
            var at = random.Next(bytes.Length);
            switch (random.Next(4))
            {
                case 0:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes = bytes[..at];
                    break;
                case 2:
                    bytes = [.. bytes[..at], .. bytes[(at + random.Next(bytes.Length - at))..]];
                    break;
                default:
                    bytes = [.. bytes[..at], (byte)"0123456789{}[]\",:-ntf"[random.Next(21)], .. bytes[at..]];
                    break;
            }
            if (bytes.Length == 0)
                return bytes;
        }
        return bytes;
    }
}
