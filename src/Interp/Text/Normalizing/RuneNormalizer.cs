namespace Interp;

using System.Text;

/// <summary>Changes each character by itself: to a string, to nothing, or (null) not at all.</summary>
internal sealed class RuneNormalizer(Func<Rune, string?> change) : Normalizer
{
    public override Piece Normalize(Piece piece)
    {
        AlignedTextBuilder? changed = null;
        var text = piece.Span;
        for (var at = 0; at < text.Length;)
        {
            var replacement = change(Utf8.First(text[at..], out var width));
            if (replacement is not null && changed is null)
            {
                changed = new AlignedTextBuilder(piece.Length);
                changed.Copy(piece, 0, at);
            }
            if (replacement is not null)
                changed!.Append(replacement, piece.Origin(at, at + width));
            else
                changed?.Copy(piece, at, width);
            at += width;
        }
        return changed?.ToPiece() ?? piece;
    }
}
