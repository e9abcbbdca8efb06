namespace Interp;

using System.Collections.Immutable;
using System.Runtime.InteropServices;

/// <summary>Tokens in the making: growing arrays of ids, ranges of the original text and special marks.</summary>
internal sealed class TokenBuffer(int capacity)
{
    private int[] ids = new int[capacity];
    private CharSpan[] offsets = new CharSpan[capacity];
    private bool[] special = new bool[capacity];

    public int Count { get; private set; }

    public int FirstId => Count > 0 ? ids[0] : -1;

    public void Add(int id, CharSpan offset, bool isSpecial = false)
    {
        Reserve(1);
        ids[Count] = id;
        offsets[Count] = offset;
        special[Count] = isSpecial;
        Count++;
    }

    /// <summary>Adds the tokens of a piece, moving their ranges to where the piece came from.</summary>
    public void Add(Piece piece, Segmentation tokens)
    {
        Reserve(tokens.Ids.Length);
        if (piece.Source.IsOriginal)
        {
            for (var i = 0; i < tokens.Ids.Length; i++)
            {
                ids[Count] = tokens.Ids[i];
                offsets[Count] = new CharSpan(piece.Start + tokens.Spans[i].Start, piece.Start + tokens.Spans[i].End);
                Count++;
            }
            return;
        }
        for (var i = 0; i < tokens.Ids.Length; i++)
            Add(tokens.Ids[i], piece.Origin(tokens.Spans[i].Start, tokens.Spans[i].End));
    }

    /// <summary>Puts special tokens that are not in the text before and after those that are.</summary>
    public void Surround(ReadOnlySpan<int> before, ReadOnlySpan<int> after, int textLength)
    {
        if (before.Length > 0)
        {
            Reserve(before.Length);
            Array.Copy(ids, 0, ids, before.Length, Count);
            Array.Copy(offsets, 0, offsets, before.Length, Count);
            Array.Copy(special, 0, special, before.Length, Count);
            Count += before.Length;
            before.CopyTo(ids);
            offsets.AsSpan(0, before.Length).Clear();
            special.AsSpan(0, before.Length).Fill(true);
        }
        foreach (var id in after)
            Add(id, new CharSpan(textLength, textLength), isSpecial: true);
    }

    public TokenizedText ToTokenizedText(string text, Func<int, string> tokenText)
    {
        Array.Resize(ref ids, Count);
        Array.Resize(ref offsets, Count);
        Array.Resize(ref special, Count);
        return new TokenizedText(
            text,
            ImmutableCollectionsMarshal.AsImmutableArray(ids),
            ImmutableCollectionsMarshal.AsImmutableArray(offsets),
            ImmutableCollectionsMarshal.AsImmutableArray(special),
            tokenText);
    }

    private void Reserve(int more)
    {
        if (Count + more <= ids.Length)
            return;
        var size = Math.Max(Count + more, 2 * ids.Length);
        Array.Resize(ref ids, size);
        Array.Resize(ref offsets, size);
        Array.Resize(ref special, size);
    }
}
