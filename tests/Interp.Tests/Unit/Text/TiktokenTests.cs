namespace Interp.Tests.Unit.Text;

using System.Text;
using Interp.Tests.Support;
using Shouldly;
using Xunit;

/// <summary>GPT-2's vocabulary written in tiktoken's format must read as GPT-2's own files do.</summary>
[Trait("Tier", "unit")]
public sealed class TiktokenTests
{
    [SkippableFact]
    public void Encode_Gpt2Ranks_EqualGpt2Files()
    {
        var expected = Tokenizers.Load(Repository.Shared("tokenizers", "gpt2"));
        using var folder = new TokenizerFolder().With("r50k_base.tiktoken", Ranks());
        var tokenizer = Tokenizers.Load(Path.Combine(folder.Path, "r50k_base.tiktoken"));
        (tokenizer.VocabularySize, tokenizer.BosId, tokenizer.EosId, tokenizer.AddsBos).ShouldBe((50257, 50256, 50256, false));
        foreach (var text in File.ReadAllText(Repository.Shared("tokenizers", "llama-cpp-vocab", "ggml-vocab-gpt-2.gguf.inp")).Split("\n__ggml_vocab_test__\n"))
        {
            tokenizer.Ids(text).ShouldBe(expected.Ids(text));
            tokenizer.Decode(tokenizer.Ids(text)).ShouldBe(text);
        }
    }

    [Theory]
    [InlineData("IQ== 0\n", "known vocabularies")]
    [InlineData("IQ== 0\n!! 1\n", "line 2")]
    [InlineData("IQ==\n", "line 1")]
    public void Load_DamagedOrUnknown_SaysWhat(string content, string expected)
    {
        using var folder = new TokenizerFolder().With("x.tiktoken", content).With("tokenizer.model", content);
        Should.Throw<InvalidDataException>(() => Tokenizers.Load(Path.Combine(folder.Path, "x.tiktoken"))).Message.ShouldContain(expected);
        Should.Throw<InvalidDataException>(folder.Load).Message.ShouldContain(expected);
    }

    /// <summary>The ids of vocab.json are the ranks of r50k_base.</summary>
    private static string Ranks()
    {
        var lines = new StringBuilder();
        using var json = System.Text.Json.JsonDocument.Parse(File.ReadAllText(Repository.Shared("tokenizers", "gpt2", "vocab.json")));
        foreach (var token in json.RootElement.EnumerateObject().Where(token => token.Value.GetInt32() < 50256))
            lines.Append(Convert.ToBase64String(ByteAlphabet.BytesOf(token.Name))).Append(' ').Append(token.Value.GetInt32()).Append('\n');
        return lines.ToString();
    }
}
