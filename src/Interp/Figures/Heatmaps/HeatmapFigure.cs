namespace Interp;

/// <summary>Labelled arrays as heat maps.</summary>
public static class HeatmapFigure
{
    /// <summary>
    /// Draws an array as a heat map: colours diverge from a neutral zero (blue above, orange below), the value shows on hover, and an
    /// array of three axes becomes small multiples that share one scale.
    /// </summary>
    /// <param name="array">One, two or three axes.</param>
    /// <param name="title">The title; null takes the array's quantity.</param>
    /// <param name="x">The axis that runs across; null takes the last that is left.</param>
    /// <param name="y">The axis that runs down; null takes the last that is left before it.</param>
    /// <param name="limit">The magnitude at which the colours are full; null takes the largest finite one.</param>
    /// <param name="values">Whether cells show their numbers; null shows them where they fit.</param>
    /// <exception cref="ArgumentException">The array has no axis or more than three, or an axis is unknown or named twice.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="limit"/> is not above 0.</exception>
    public static Figure Heatmap(
        this LabelledArray array, string? title = null, string? x = null, string? y = null, double? limit = null, bool? values = null)
    {
        ArgumentNullException.ThrowIfNull(array);
        var name = FigureTitle.Of(title, array);
        var drawing = new HeatmapDrawing(Arrange(array, x, y), name, limit, values);
        return new Figure(name, drawing.Draw());
    }

    /// <summary>The array with axes [facet, y, x]; those it lacks have length 1 and no name to show.</summary>
    private static LabelledArray Arrange(LabelledArray array, string? x, string? y)
    {
        if (array.Rank is < 1 or > 3)
            throw new ArgumentException(
                $"A heat map draws one to three axes; this array has {LabelledArray.Describe(array.Axes)}: slice it, or take a mean along an axis.", nameof(array));
        var names = array.Axes.Select(a => a.Name).ToList();
        var across = x is null ? names.Last(n => n != y || names.Count == 1) : array.AxisOf(x).Name;
        names.Remove(across);
        if (y is not null && !names.Contains(y))
            throw new ArgumentException(y == x ? $"Axis '{y}' cannot run both across and down." : $"No axis '{y}' to run down: {LabelledArray.Describe(array.Axes)}.", nameof(y));
        var down = names.Count == 0 ? null : y ?? names[^1];
        if (down is not null)
            names.Remove(down);

        string[] order = [.. names, .. down is null ? Array.Empty<string>() : [down], across];
        var arranged = array.Transpose(order); // [facet, y, x], or the last of these
        Axis[] axes = [.. Enumerable.Repeat(0, 3 - arranged.Rank).Select((_, i) => new Axis($" {i}", [""])), .. arranged.Axes];
        return LabelledArray.Owning(axes, arranged.Values.ToArray(), array.Quantity, array.Provenance);
    }
}
