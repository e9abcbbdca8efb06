namespace Interp;

/// <summary>Names for places along the <c>pos</c> axis that are not plain numbers.</summary>
public static class Position
{
    /// <summary>Every position.</summary>
    public static Indices All => Indices.All;

    /// <summary>Each row's last real token: padding on the right does not count.</summary>
    public static Indices Last => Indices.LastReal;

    /// <summary>The prompt's positions: all there are in a plain run, those before the first new token while a text is generated.</summary>
    public static Indices Prompt => Indices.Prompt;

    /// <summary>The positions of new tokens while a text is generated.</summary>
    public static Indices Generated => Indices.OfGenerated(Range.All);

    /// <summary>The positions of some new tokens: <c>0..5</c> are the first five, <c>5..</c> all behind them.</summary>
    /// <param name="steps">Counted from the first new token; the end may be open.</param>
    /// <exception cref="ArgumentOutOfRangeException">The range is empty, or counts from the end, which is not known while a text is generated.</exception>
    public static Indices GeneratedAt(Range steps)
    {
        var open = steps.End is { IsFromEnd: true, Value: 0 };
        if (steps.Start.IsFromEnd || (steps.End.IsFromEnd && !open) || (!open && steps.End.Value <= steps.Start.Value))
            throw new ArgumentOutOfRangeException(nameof(steps), $"{steps} names no new tokens: count from the first one, as in 0..5 or 5.. .");
        return Indices.OfGenerated(steps);
    }

    /// <summary>The tokens of a named span of each prompt.</summary>
    public static Indices Role(string name) => Indices.OfRole(name);
}
