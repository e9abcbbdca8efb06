namespace Interp.Tests.Unit.Text;

using System.Security.Cryptography;
using System.Text;
using Shouldly;
using Xunit;

/// <summary>Normalization forms against Python's unicodedata; the digests are made by unicode-forms.py beside this file.</summary>
[Trait("Tier", "unit")]
public sealed class UnicodeFormsTests
{
    private static readonly int[] Bases =
    [
        0x41, 0x61, 0x65, 0x20, 0xC5, 0xE9, 0x1E0A, 0x1EA5, 0x3B1, 0x1F80, 0x915, 0x9C7, 0x1100, 0x1161, 0x11A8, 0xAC00, 0xAC01, 0xFB01, 0x2126, 0x1D15E, 0x1F600,
    ];

    private static readonly int[] Marks =
    [
        0x300, 0x301, 0x307, 0x308, 0x30A, 0x323, 0x327, 0x328, 0x345, 0x93C, 0x9BE, 0x9D7, 0x1161, 0x11A8, 0x1D165, 0x344, 0xF73,
    ];

    [Theory]
    [InlineData("NFC", "7c9f5a40b88d5afa", "2923b8fd976c27f7")]
    [InlineData("NFD", "c0ccdbbe7a46c6c1", "0fe444ab83cd0845")]
    [InlineData("NFKC", "05d458d0865ee879", "f81b39424702c0f8")]
    [InlineData("NFKD", "8971f451bcbd3239", "50b5708a58e7f9c4")]
    public void Normalize_EveryCodePointAndRandomStrings_EqualsPython(string form, string everyCodePoint, string randomStrings)
    {
        Digest(CodePoints(), form).ShouldBe(everyCodePoint);
        Digest(RandomStrings(), form).ShouldBe(randomStrings);
    }

    [Fact]
    public void Normalize_DecomposedLetter_KeepsItsOrigin()
    {
        var piece = new FormNormalizer(compose: true, compatibility: false).Normalize(Piece.Of("cafe\u0301s"));
        piece.Span.ToString().ShouldBe("caf\u00E9s");
        piece.Origin(3, 4).ShouldBe(new CharSpan(3, 5));
        piece.Origin(4, 5).ShouldBe(new CharSpan(5, 6));
    }

    [Fact]
    public void Normalize_NothingToDo_IsTheSamePiece()
    {
        var piece = Piece.Of("plain Ă text");
        new FormNormalizer(compose: true, compatibility: false).Normalize(piece).Source.ShouldBeSameAs(piece.Source);
    }

    private static IEnumerable<string> CodePoints() =>
        Enumerable.Range(0, 0x30000).Concat(Enumerable.Range(0xE0000, 0x200)).Where(Rune.IsValid).Select(code => new Rune(code).ToString());

    private static IEnumerable<string> RandomStrings()
    {
        var state = 12345L;
        for (var i = 0; i < 20000; i++)
        {
            var text = new StringBuilder();
            for (var j = 0; j < 8; j++)
            {
                state = ((state * 1103515245) + 12345) % (1L << 31);
                var source = (state >> 16 & 1) == 1 ? Bases : Marks;
                text.Append(new Rune(source[(state >> 17) % source.Length]).ToString());
            }
            yield return text.ToString();
        }
    }

    private static string Digest(IEnumerable<string> texts, string form)
    {
        var normalizer = new FormNormalizer(form is "NFC" or "NFKC", form is "NFKC" or "NFKD");
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var text in texts)
            hash.AppendData(Encoding.UTF8.GetBytes(normalizer.Normalize(text) + "\n"));
        return Convert.ToHexStringLower(hash.GetHashAndReset())[..16];
    }
}
