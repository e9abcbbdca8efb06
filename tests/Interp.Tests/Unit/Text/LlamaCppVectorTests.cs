namespace Interp.Tests.Unit.Text;

using System.Globalization;
using Interp.Tests.Support;
using Shouldly;
using Xunit;

/// <summary>llama.cpp's tokenizer vectors: 47 texts with the ids of three vocabularies.</summary>
[Trait("Tier", "unit")]
public sealed class LlamaCppVectorTests
{
    private static readonly EncodeOptions Plain = new() { AddSpecialTokens = false, ParseSpecialTokens = false };

    [SkippableTheory]
    [InlineData("gpt-2", "gpt2")]
    [InlineData("mpt", "neox")]
    [InlineData("llama-spm", "llama2-spm/tokenizer.model")]
    public void Encode_AllVectors_Exact(string vectors, string tokenizerName)
    {
        var tokenizer = Tokenizers.Load(Repository.Shared(["tokenizers", .. tokenizerName.Split('/')]));
        var all = Vectors(vectors).ToArray();
        var exact = all.Count(vector => tokenizer.Ids(vector.Text, Plain).SequenceEqual(vector.Ids));
        Evidence.Record("token-vectors", exact == 47, $"{tokenizerName}: {exact} of {all.Length} texts");
        if (!tokenizerName.Contains('/'))
            Evidence.Record("tokenizer-vectors", exact == 47, $"{tokenizerName}: {exact} of {all.Length} texts");
        var count = 0;
        foreach (var (text, expected) in all)
        {
            tokenizer.Ids(text, Plain).ShouldBe(expected, $"text {count}: '{text}'");
            tokenizer.Decode(expected).ShouldBe(text);
            count++;
        }
        count.ShouldBe(47);
    }

    [SkippableTheory]
    [InlineData("gpt-2", "gpt2")]
    [InlineData("mpt", "neox")]
    public void Encode_AllVectors_OffsetsCoverTheText(string vectors, string tokenizerName)
    {
        var tokenizer = Tokenizers.Load(Repository.Shared(["tokenizers", .. tokenizerName.Split('/')]));
        foreach (var (text, _) in Vectors(vectors))
        {
            var encoded = tokenizer.Encode(text, Plain);
            var reached = 0;
            for (var i = 0; i < encoded.Length; i++)
            {
                var span = encoded.Offsets[i];
                span.Start.ShouldBeLessThanOrEqualTo(reached);
                span.Length.ShouldBeGreaterThan(0);
                if (!encoded.Tokens[i].Contains('\uFFFD'))
                    span.Of(text).ShouldBe(encoded.Tokens[i]);
                reached = Math.Max(reached, span.End);
            }
            reached.ShouldBe(text.Length);
        }
    }

    private static IEnumerable<(string Text, int[] Ids)> Vectors(string name)
    {
        var texts = File.ReadAllText(Repository.Shared("tokenizers", "llama-cpp-vocab", $"ggml-vocab-{name}.gguf.inp"))
            .Split("\n__ggml_vocab_test__\n");
        // The last text, after the last separator, is empty, and so is its line.
        var ids = File.ReadAllText(Repository.Shared("tokenizers", "llama-cpp-vocab", $"ggml-vocab-{name}.gguf.out")).Split('\n');
        ids.Length.ShouldBe(texts.Length);
        return texts.Zip(ids, (text, line) => (text,
            line.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(id => int.Parse(id, CultureInfo.InvariantCulture)).ToArray()));
    }
}
