namespace Interp;

using System.Buffers;
using System.Globalization;
using System.Text;

/// <summary>
/// Applies a precompiled character map. SentencePiece looks, at each place, for the longest key; Hugging Face's tokenizer.json for the
/// shortest key at the beginning of each grapheme of at most 5 bytes, then of each character. Both are here, because both are somebody's truth.
/// </summary>
internal sealed class CharacterMapNormalizer(CharacterMap map, bool byGrapheme) : Normalizer
{
    private readonly SearchValues<char> plain =
        SearchValues.Create([.. Enumerable.Range(0, 128).Where(c => map.IsPlain((byte)c)).Select(c => (char)c)]);

    public override Piece Normalize(Piece piece)
    {
        if (!piece.Span.ContainsAnyExcept(plain))
            return piece;
        var changed = new AlignedTextBuilder(piece.Length);
        if (byGrapheme)
            Graphemes(piece, changed);
        else
            Longest(piece, changed);
        return changed.ToPiece();
    }

    private void Longest(Piece piece, AlignedTextBuilder changed)
    {
        var utf8 = Encoding.UTF8.GetBytes(piece.Span.ToString());
        for (var (at, b) = (0, 0); at < piece.Length;)
        {
            var mapped = map.Find(utf8.AsSpan(b), longest: true, out var bytes);
            var end = at;
            var endByte = b;
            do
            {
                var rune = Utf8.First(piece.Span[end..], out var width);
                end += width;
                endByte += rune.Utf8SequenceLength;
            }
            while (endByte - b < bytes);
            if (mapped is null)
                changed.Copy(piece, at, end - at);
            else
                changed.Append(mapped, piece.Origin(at, end));
            (at, b) = (end, endByte);
        }
    }

    private void Graphemes(Piece piece, AlignedTextBuilder changed)
    {
        for (var at = 0; at < piece.Length;)
        {
            at += CopyPlain(piece, at, changed);
            if (at == piece.Length)
                break;
            var length = StringInfo.GetNextTextElementLength(piece.Span[at..]);
            if (Map(piece.Span.Slice(at, length)) is { } mapped)
                changed.Append(mapped, piece.Origin(at, at + length));
            else
                Characters(piece, at, at + length, changed);
            at += length;
        }
    }

    /// <summary>Copies plain characters, but not the last of a run: what follows may join with it. Returns how many.</summary>
    private int CopyPlain(Piece piece, int at, AlignedTextBuilder changed)
    {
        var end = piece.Span[at..].IndexOfAnyExcept(plain);
        var length = end < 0 ? piece.Length - at : Math.Max(0, end - 1);
        changed.Copy(piece, at, length);
        return length;
    }

    private void Characters(Piece piece, int at, int end, AlignedTextBuilder changed)
    {
        while (at < end)
        {
            var width = Utf8.Width(piece.Span[at..]);
            if (Map(piece.Span.Slice(at, width)) is { } mapped)
                changed.Append(mapped, piece.Origin(at, at + width));
            else
                changed.Copy(piece, at, width);
            at += width;
        }
    }

    private string? Map(ReadOnlySpan<char> text)
    {
        Span<byte> utf8 = stackalloc byte[16];
        return text.Length <= 5 && Encoding.UTF8.TryGetBytes(text, utf8, out var bytes) && bytes < 6 ? map.Find(utf8[..bytes], longest: false, out _) : null;
    }
}
