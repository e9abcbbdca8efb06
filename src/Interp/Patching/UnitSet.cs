namespace Interp;

using System.Collections.Immutable;

/// <summary>Units that are patched together: <c>new UnitSet("name movers", Z[9].Head(6), Z[9].Head(9), Z[10].Head(0))</c>.</summary>
[TypeFormatterSource(typeof(NotebookFormatters))]
public sealed record UnitSet
{
    /// <summary>Names some units.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public UnitSet(string name, params IEnumerable<Unit> units)
    {
        (Name, Units) = (name, [.. units]);
        if (Units.IsEmpty)
            throw new ArgumentException($"The set '{name}' is empty: give it at least one unit.", nameof(units));
    }

    /// <summary>The set's label in results.</summary>
    public string Name { get; }

    /// <summary>What is patched, in order: a later unit goes over an earlier one.</summary>
    public ImmutableArray<Unit> Units { get; }

    /// <inheritdoc/>
    public override string ToString() => $"{Name}: {string.Join(", ", Units)}";
}
