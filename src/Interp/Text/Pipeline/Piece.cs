namespace Interp;

/// <summary>A stretch of an <see cref="AlignedText"/>; cutting it copies nothing.</summary>
internal readonly record struct Piece(AlignedText Source, int Start, int Length)
{
    public int End => Start + Length;

    public ReadOnlySpan<char> Span => Source.Text.AsSpan(Start, Length);

    public static Piece Of(string text) => new(new AlignedText(text), 0, text.Length);

    public Piece Slice(int start, int length) => new(Source, Start + start, length);

    /// <summary>The range of the original that the characters from <paramref name="start"/> up to <paramref name="end"/> came from.</summary>
    public CharSpan Origin(int start, int end)
    {
        if (Source.IsOriginal)
            return new CharSpan(Start + start, Start + end);
        if (end <= start)
            return default;
        var first = Source.OriginStart(Start + start);
        return new CharSpan(first, Math.Max(first, Source.OriginEnd(Start + end - 1)));
    }

    /// <summary>The range of the original that the whole piece came from.</summary>
    public CharSpan Origin() => Origin(0, Length);
}
