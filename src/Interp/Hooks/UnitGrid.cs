namespace Interp;

using System.Collections.Immutable;

/// <summary>A unit taken apart along named axes: one experiment for each layer and each place along them.</summary>
/// <remarks><c>ResidPre.ByPosition()</c> is a grid over [layer, pos]; <c>Z.ByHead()</c> over [layer, head].</remarks>
[TypeFormatterSource(typeof(NotebookFormatters))]
public sealed class UnitGrid
{
    internal UnitGrid(Unit unit, ImmutableArray<string> axes, int width = 1, ImmutableArray<string> roles = default)
    {
        foreach (var axis in axes)
            if (unit.Site.Axis(axis) < 0)
                throw new ArgumentException($"{unit.Site} has no axis '{axis}'; its axes are [{string.Join(", ", unit.Site.Axes)}].");
        (Unit, Axes, Width, Roles) = (unit, axes, width, roles);
    }

    /// <summary>What is taken apart.</summary>
    public Unit Unit { get; }

    /// <summary>The axes of the activation over which the grid runs, behind the layer.</summary>
    public ImmutableArray<string> Axes { get; }

    /// <summary>How many neighbouring layers are patched together; 1 by default.</summary>
    public int Width { get; }

    /// <summary>The roles over which the grid runs, last axis of the result: none (default), all of the prompts' (empty), or those named.</summary>
    public ImmutableArray<string> Roles { get; }

    /// <summary>Takes the grid apart along one more axis.</summary>
    /// <exception cref="ArgumentException">The site has no such axis, or the grid runs over it already.</exception>
    public UnitGrid By(string axis) =>
        Axes.Contains(axis) ? throw new ArgumentException($"The grid runs over '{axis}' already.") : new UnitGrid(Unit, Axes.Add(axis), Width, Roles);

    /// <summary>Takes the grid apart by head as well.</summary>
    /// <exception cref="ArgumentException">The site has no heads.</exception>
    public UnitGrid ByHead() => By(Unit.HeadAxis ?? "head");

    /// <summary>Takes the grid apart by position (of the query, for a pattern) as well.</summary>
    public UnitGrid ByPosition() => By(Unit.PositionAxis);

    /// <summary>Takes the grid apart by the key's position as well; patterns and scores only.</summary>
    public UnitGrid BySource() => By("key");

    /// <summary>Takes the grid apart by role: the named spans of the prompts and <c>last</c>, wherever they stand in each prompt.</summary>
    /// <param name="roles">The roles; none for all that the prompts have, and <c>last</c>.</param>
    /// <exception cref="ArgumentException">The grid runs over positions already, or the unit is narrowed to some.</exception>
    public UnitGrid ByRole(params IEnumerable<string> roles) =>
        Axes.Contains(Unit.PositionAxis) || !Unit.Along(Unit.PositionAxis).IsAll
            ? throw new ArgumentException($"{this} names positions already: take it apart by position or by role.")
            : new UnitGrid(Unit, Axes, Width, [.. roles]);

    /// <summary>Patches several neighbouring layers at once: for each layer a window around it, cut off at the ends.</summary>
    /// <param name="layers">How many; an even window has one more layer before its centre.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no layer in it.</exception>
    /// <exception cref="ArgumentException">The model has the site once, not per layer.</exception>
    public UnitGrid Window(int layers)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(layers);
        return Unit.Site.PerLayer ? new UnitGrid(Unit, Axes, layers, Roles) : throw new ArgumentException($"'{Unit.Site.Leaf}' has no layers: the model has it once.");
    }

    /// <inheritdoc/>
    public override string ToString() =>
        $"{Unit} by [layer{string.Concat(Axes.Select(a => $", {a}"))}{(Roles.IsDefault ? "" : ", role")}]{(Width == 1 ? "" : $" in windows of {Width} layers")}";
}
