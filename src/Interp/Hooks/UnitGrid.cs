namespace Interp;

using System.Collections.Immutable;

/// <summary>A unit taken apart along named axes: one experiment for each layer and each place along them.</summary>
/// <remarks><c>ResidPre.ByPosition()</c> is a grid over [layer, pos]; <c>Z.ByHead()</c> over [layer, head].</remarks>
public sealed class UnitGrid
{
    internal UnitGrid(Unit unit, ImmutableArray<string> axes)
    {
        foreach (var axis in axes)
            if (unit.Site.Axis(axis) < 0)
                throw new ArgumentException($"{unit.Site} has no axis '{axis}'; its axes are [{string.Join(", ", unit.Site.Axes)}].");
        (Unit, Axes) = (unit, axes);
    }

    /// <summary>What is taken apart.</summary>
    public Unit Unit { get; }

    /// <summary>The axes of the activation over which the grid runs, behind the layer.</summary>
    public ImmutableArray<string> Axes { get; }

    /// <summary>Takes the grid apart along one more axis.</summary>
    /// <exception cref="ArgumentException">The site has no such axis, or the grid runs over it already.</exception>
    public UnitGrid By(string axis) =>
        Axes.Contains(axis) ? throw new ArgumentException($"The grid runs over '{axis}' already.") : new UnitGrid(Unit, Axes.Add(axis));

    /// <summary>Takes the grid apart by head as well.</summary>
    /// <exception cref="ArgumentException">The site has no heads.</exception>
    public UnitGrid ByHead() => By(Unit.HeadAxis ?? "head");

    /// <summary>Takes the grid apart by position (of the query, for a pattern) as well.</summary>
    public UnitGrid ByPosition() => By(Unit.PositionAxis);

    /// <summary>Takes the grid apart by the key's position as well; patterns and scores only.</summary>
    public UnitGrid BySource() => By("key");

    /// <inheritdoc/>
    public override string ToString() => $"{Unit} by [layer{string.Concat(Axes.Select(a => $", {a}"))}]";
}
