namespace Interp;

using System.Collections.Immutable;

/// <summary>A set of places along one axis: one, a range, a list, all, each row's last real token, or a named role.</summary>
[TypeFormatterSource(typeof(NotebookFormatters))]
public readonly struct Indices : IEquatable<Indices>
{
    private readonly Kind kind;
    private readonly Range range;
    private readonly ImmutableArray<int> list;
    private readonly string? role;

    private Indices(Kind kind, Range range = default, ImmutableArray<int> list = default, string? role = null)
    {
        this.kind = kind;
        this.range = range;
        this.list = list;
        this.role = role;
    }

    private enum Kind { All, Single, Range, List, LastReal, Role, Prompt, Generated }

    /// <summary>Every place.</summary>
    public static Indices All => default;

    /// <summary>Whether every place is meant.</summary>
    public bool IsAll => kind == Kind.All;

    /// <summary>Whether one place is meant, so that the axis disappears from what is selected.</summary>
    public bool IsSingle => kind is Kind.Single;

    /// <summary>Whether places of a text are meant, so that they have a meaning along positions only.</summary>
    internal bool IsOfText => kind is Kind.LastReal or Kind.Role or Kind.Prompt or Kind.Generated;

    /// <summary>Whether only positions that generation adds are meant.</summary>
    internal bool IsGenerated => kind == Kind.Generated;

    /// <summary>Whether the places may differ from row to row of the batch.</summary>
    public bool IsPerRow => kind is Kind.LastReal or Kind.Role;

    /// <summary>The name of the role, where a role is meant.</summary>
    public string? RoleName => role;

    internal static Indices LastReal => new(Kind.LastReal);

    internal static Indices Prompt => new(Kind.Prompt);

    /// <summary>One place.</summary>
    public static implicit operator Indices(int place) => new(Kind.Single, range: place..(place + 1));

    /// <summary>One place, possibly counted from the end.</summary>
    public static implicit operator Indices(Index place) => new(Kind.Single, range: new Range(place, place));

    /// <summary>A range of places.</summary>
    public static implicit operator Indices(Range places) => places.Equals(Range.All) ? default : new(Kind.Range, range: places);

    /// <summary>A list of places.</summary>
    public static implicit operator Indices(int[] places) => new(Kind.List, list: [.. places]);

    /// <summary>The places of a named span of each prompt.</summary>
    internal static Indices OfRole(string name) => new(Kind.Role, role: name);

    /// <summary>The places of new tokens, counted from the first one.</summary>
    internal static Indices OfGenerated(Range steps) => new(Kind.Generated, range: steps);

    /// <summary>The places as numbers, for an axis of a given length.</summary>
    /// <param name="length">The length of the axis.</param>
    /// <param name="what">What the axis is, for the message.</param>
    /// <exception cref="ArgumentOutOfRangeException">A place is outside the axis.</exception>
    /// <exception cref="InvalidOperationException">The places differ from row to row.</exception>
    public int[] Resolve(int length, string what) => Resolve(length, what, null);

    /// <summary>The places as numbers, in a text whose first columns are a prompt.</summary>
    /// <param name="length">The length of the axis.</param>
    /// <param name="what">What the axis is, for the message.</param>
    /// <param name="prompt">How many columns the prompt takes; null where nothing is generated.</param>
    internal int[] Resolve(int length, string what, int? prompt)
    {
        if (IsPerRow)
            throw new InvalidOperationException($"{this} differs from row to row; it has a meaning only along 'pos'.");
        if (IsGenerated && prompt is null)
            throw new InvalidOperationException($"Nothing is generated here, so {this} means no place: it has places in Generate and in what that captures.");
        var places = Candidates(length, prompt);
        foreach (var place in places)
            if (place < 0 || place >= length)
                throw new ArgumentOutOfRangeException(what, $"No {what} {place}: there are {length} (0-{length - 1}).");
        if (places.Length == 0)
            throw new ArgumentOutOfRangeException(what, $"The selection {this} of {what} is empty: there are {length} (0-{length - 1}).");
        return places;
    }

    /// <inheritdoc/>
    public bool Equals(Indices other) =>
        kind == other.kind && range.Equals(other.range) && role == other.role
        && (list.IsDefault ? other.list.IsDefault : !other.list.IsDefault && list.SequenceEqual(other.list));

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Indices other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(kind, range, role, list.IsDefault ? 0 : list.Length);

    /// <inheritdoc/>
    public override string ToString() => kind switch
    {
        Kind.All => "all",
        Kind.Single => range.Start.ToString(),
        Kind.Range => range.ToString(),
        Kind.List => $"[{string.Join(", ", list)}]",
        Kind.LastReal => "last",
        Kind.Prompt => "prompt",
        Kind.Generated => range.Equals(Range.All) ? "generated" : $"generated[{range}]",
        _ => $"role '{role}'",
    };

    /// <summary>The same places, a single one as a list of one, so that its axis stays.</summary>
    internal Indices AsList() => IsSingle ? new int[] { range.Start.IsFromEnd ? -range.Start.Value : range.Start.Value } : this;

    /// <summary>Those of the places that a text of some length has, none being an error.</summary>
    internal int[] Reached(int length, int? prompt) => [.. Candidates(length, prompt).Where(place => place >= 0 && place < length)];

    /// <summary>Whether places outside an axis are named, also where reading a range would leave them out.</summary>
    internal bool Exceeds(int length) => kind == Kind.Range
        ? range.Start.GetOffset(length) < 0 || range.End.GetOffset(length) > length
        : Candidates(length, null).Any(place => place < 0 || place >= length);

    private int[] Candidates(int length, int? prompt) => kind switch
    {
        Kind.All => [.. Enumerable.Range(0, length)],
        Kind.Single => [range.Start.GetOffset(length)],
        Kind.Range => Between(length),
        Kind.Prompt => [.. Enumerable.Range(0, Math.Min(prompt ?? length, length))],
        Kind.Generated => NewOnes(length, prompt ?? length),
        _ => [.. list.Select(i => i < 0 ? i + length : i)],
    };

    // Steps are counted from the prompt's end; an open end goes on to the end of the text.
    private int[] NewOnes(int length, int prompt)
    {
        var end = range.End.IsFromEnd ? length : Math.Min(prompt + range.End.Value, length);
        var start = prompt + range.Start.Value;
        return start < end ? [.. Enumerable.Range(start, end - start)] : [];
    }

    private int[] Between(int length)
    {
        var (start, end) = (range.Start.GetOffset(length), Math.Min(range.End.GetOffset(length), length));
        return start < 0 || end < start ? [] : Enumerable.Range(start, end - start).ToArray();
    }
}
