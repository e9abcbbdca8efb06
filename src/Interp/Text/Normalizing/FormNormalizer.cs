namespace Interp;

using System.Text;

/// <summary>Unicode normalization forms: NFD and NFKD decompose, NFC and NFKC compose again. A cluster of base and marks stays one origin.</summary>
internal sealed class FormNormalizer(bool compose, bool compatibility) : Normalizer
{
    // Up to here nothing composes (first combining mark) and, below, nothing decomposes.
    private const char FirstMark = '\u0300', FirstDecomposed = '\u00A0';

    public override Piece Normalize(Piece piece)
    {
        var text = piece.Span;
        var first = compose && !compatibility ? FirstMark : FirstDecomposed;
        if (!text.ContainsAnyExceptInRange('\0', (char)(first - 1)))
            return piece;
        var tables = UnicodeForms.Instance;
        var changed = new AlignedTextBuilder(piece.Length);
        var isChanged = false;
        var codes = new List<int>();
        for (var at = 0; at < text.Length;)
        {
            var end = ClusterEnd(text, at, tables);
            if (end - at == 1 && text[at] < first)
                changed.Copy(piece, at, 1);
            else
                isChanged |= Cluster(piece, at, end, codes, changed, tables);
            at = end;
        }
        return isChanged ? changed.ToPiece() : piece;
    }

    private int ClusterEnd(ReadOnlySpan<char> text, int at, UnicodeForms tables)
    {
        var end = at + Utf8.Width(text[at..]);
        while (end < text.Length && !tables.IsBoundary(Utf8.First(text[end..], out var width).Value, compatibility))
            end += width;
        return end;
    }

    private bool Cluster(Piece piece, int at, int end, List<int> codes, AlignedTextBuilder changed, UnicodeForms tables)
    {
        codes.Clear();
        var text = piece.Span[at..end];
        for (var i = 0; i < text.Length;)
        {
            tables.Decompose(Utf8.First(text[i..], out var width).Value, compatibility, codes);
            i += width;
        }
        tables.Order(codes);
        if (compose)
            tables.Compose(codes);
        var result = new StringBuilder(codes.Count);
        foreach (var code in codes)
            result.Append(new Rune(code).ToString());
        var normalized = result.ToString();
        if (text.SequenceEqual(normalized))
        {
            changed.Copy(piece, at, end - at);
            return false;
        }
        changed.Append(normalized, piece.Origin(at, end));
        return true;
    }
}
