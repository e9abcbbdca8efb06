namespace Interp;

/// <summary>A range of UTF-16 code units in a text: from <paramref name="Start"/> up to, not including, <paramref name="End"/>.</summary>
/// <param name="Start">First index, 0 or more.</param>
/// <param name="End">One past the last index; equal to <paramref name="Start"/> for an empty range.</param>
[TypeFormatterSource(typeof(NotebookFormatters))]
public readonly record struct CharSpan(int Start, int End)
{
    /// <summary>How many code units it covers.</summary>
    public int Length => End - Start;

    /// <summary>Whether the two ranges share at least one code unit; an empty range shares none.</summary>
    public bool Overlaps(CharSpan other) => Math.Max(Start, other.Start) < Math.Min(End, other.End);

    /// <summary>The part of <paramref name="text"/> that the range covers.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The range does not lie in the text.</exception>
    public string Of(string text) => text[Start..End];

    /// <summary><c>[start, end)</c>.</summary>
    public override string ToString() => $"[{Start}, {End})";
}
