namespace Interp;

using System.Collections.Immutable;

/// <summary>A named set of edits: several variants of one run share a batch.</summary>
[TypeFormatterSource(typeof(NotebookFormatters))]
public sealed record Variant
{
    /// <summary>A variant with edits that apply in order.</summary>
    public Variant(string name, params IEnumerable<Edit> edits) => (Name, Edits) = (name, [.. edits]);

    /// <summary>The variant's label in results.</summary>
    public string Name { get; }

    /// <summary>What it changes, in order.</summary>
    public ImmutableArray<Edit> Edits { get; }

    /// <summary>Its name and what it changes.</summary>
    public override string ToString() => $"{Name}: {NameList.Short(Edits, "; ")}";
}
