namespace Interp.Tests.Unit.Text;

using System.Text;
using Interp.Tests.Support;
using Shouldly;
using Xunit;

/// <summary>What holds of any text with tokenizers that lose nothing.</summary>
[Trait("Tier", "unit")]
public sealed class LosslessTests
{
    private static readonly (int Start, int Size)[] Planes = [(0x20, 0x5F), (0xA0, 0x500), (1, 0xFFFE), (0x1F300, 0x400), (0x10000, 0x10000), (1, 0x2FFFE), (0x20, 1), (0xA, 1)];

    [SkippableTheory]
    [InlineData("tokenizers/gpt2")]
    [InlineData("models/stories260K")]
    public void Encode_TenThousandRandomStrings_DecodeToThemselves(string name)
    {
        var tokenizer = Tokenizers.Load(Repository.Shared(name.Split('/')));
        var plain = new EncodeOptions { AddSpecialTokens = false, ParseSpecialTokens = false };
        foreach (var text in RandomTexts(10_000))
        {
            var encoded = tokenizer.Encode(text, plain);
            tokenizer.Decode(encoded.Ids).ShouldBe(text);
            encoded.Offsets[0].Start.ShouldBe(0);
            encoded.Offsets[^1].End.ShouldBe(text.Length);
        }
        Evidence.Record("token-random", true, $"{name}: 10,000 strings decode to themselves");
    }

    [SkippableFact]
    public void Encode_ManyThreads_EqualsOne()
    {
        var tokenizer = Tokenizers.Load(Repository.Shared("tokenizers", "gpt2"));
        var texts = RandomTexts(500).ToArray();
        int[][] expected = [.. texts.Select(text => tokenizer.Ids(text))];
        var shared = Tokenizers.Load(Repository.Shared("tokenizers", "gpt2"));
        Parallel.For(0, 8 * texts.Length, i => shared.Ids(texts[i % texts.Length]).SequenceEqual(expected[i % texts.Length]).ShouldBeTrue());
    }

    private static IEnumerable<string> RandomTexts(int count)
    {
        var random = new Random(2);
        for (var i = 0; i < count; i++)
        {
            var text = new StringBuilder();
            for (var length = random.Next(1, 16); length > 0; length--)
            {
                var (start, size) = Planes[random.Next(Planes.Length)];
                var code = start + random.Next(size);
                text.Append(Rune.IsValid(code) ? new Rune(code).ToString() : "x");
            }
            yield return text.ToString();
        }
    }
}
