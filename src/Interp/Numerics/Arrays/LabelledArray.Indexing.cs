namespace Interp;

public sealed partial class LabelledArray
{
    /// <summary>One value by its index along every axis; <c>a[^1, 0]</c> counts from the end.</summary>
    /// <exception cref="ArgumentException">The number of indices is not <see cref="Rank"/>.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An index is outside its axis.</exception>
    public double this[params ReadOnlySpan<Index> indices]
    {
        get
        {
            if (indices.Length != Rank)
                throw new ArgumentException(
                    $"{indices.Length} indices for {Describe(axes)}: give one per axis, or name the axis to slice, as in a[\"{(Rank > 0 ? axes[0].Name : "layer")}\", 0].");
            var offset = 0;
            for (var i = 0; i < indices.Length; i++)
                offset = offset * axes[i].Length + Offset(i, indices[i]);
            return values[offset];
        }
    }

    /// <summary>The slice at one index of an axis, which is dropped: <c>a["layer", ^1]</c>.</summary>
    /// <exception cref="ArgumentException">There is no such axis.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The index is outside the axis.</exception>
    public LabelledArray this[string axis, Index index] => Slice(axis, index);

    /// <summary>The part in a range of an axis, which is kept: <c>a["layer", 4..8]</c>.</summary>
    /// <exception cref="ArgumentException">There is no such axis.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The range is outside the axis.</exception>
    public LabelledArray this[string axis, Range range] => Slice(axis, range);

    /// <summary>The slice at one label of an axis, which is dropped: <c>a["pos", " John"]</c>.</summary>
    /// <exception cref="ArgumentException">There is no such axis, no such label, or several indices carry it.</exception>
    public LabelledArray this[string axis, string label] => Slice(axis, AxisOf(axis).IndexOf(label));

    /// <summary>One value by a label along every axis, in any order: <c>a.At(("layer", "3"), ("head", "1"))</c>.</summary>
    /// <exception cref="ArgumentException">An axis is missing, named twice or unknown, or a label is unknown or repeated.</exception>
    public double At(params ReadOnlySpan<(string Axis, string Label)> where)
    {
        var indices = new int[Rank];
        Array.Fill(indices, -1);
        foreach (var (name, label) in where)
        {
            var axis = AxisIndex(name);
            if (indices[axis] >= 0)
                throw new ArgumentException($"Axis '{name}' is given twice.", nameof(where));
            indices[axis] = axes[axis].IndexOf(label);
        }

        var missing = Array.IndexOf(indices, -1);
        if (missing >= 0)
            throw new ArgumentException($"No label for axis '{axes[missing].Name}': At reads one value of {Describe(axes)}; slice with a[\"axis\", \"label\"].", nameof(where));
        return values[Offset(indices)];
    }

    /// <summary>The slice at one index of an axis, which is dropped.</summary>
    /// <exception cref="ArgumentException">There is no such axis.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The index is outside the axis.</exception>
    public LabelledArray Slice(string axis, Index index)
    {
        var at = AxisIndex(axis);
        var start = Offset(at, index);
        Axis[] kept = [.. axes[..at], .. axes[(at + 1)..]];
        return new LabelledArray(kept, Gather(at, start, 1), Quantity, Provenance);
    }

    /// <summary>The part in a range of an axis, which is kept.</summary>
    /// <exception cref="ArgumentException">There is no such axis.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The range is outside the axis.</exception>
    public LabelledArray Slice(string axis, Range range)
    {
        var at = AxisIndex(axis);
        var (start, end) = (range.Start.GetOffset(axes[at].Length), range.End.GetOffset(axes[at].Length));
        if (start < 0 || end > axes[at].Length || end < start)
            throw new ArgumentOutOfRangeException(nameof(range), $"Range {range} is outside axis '{axis}' of length {axes[at].Length}.");
        var kept = (Axis[])axes.Clone();
        kept[at] = axes[at].Take(range);
        return new LabelledArray(kept, Gather(at, start, end - start), Quantity, Provenance);
    }

    /// <summary>The same numbers with the axes in another order.</summary>
    /// <param name="order">Every axis' name, once, outermost first.</param>
    /// <exception cref="ArgumentException">An axis is missing, named twice or unknown.</exception>
    public LabelledArray Transpose(params ReadOnlySpan<string> order)
    {
        var from = new int[order.Length];
        for (var i = 0; i < order.Length; i++)
            from[i] = AxisIndex(order[i]);
        if (from.Length != Rank || from.Distinct().Count() != Rank)
            throw new ArgumentException($"Transpose names every axis of {Describe(axes)} once; got [{string.Join(", ", order.ToArray())}].", nameof(order));

        var strides = Strides();
        var result = new double[Count];
        var index = new int[Rank];
        for (var i = 0; i < result.Length; i++)
        {
            var offset = 0;
            for (var d = 0; d < from.Length; d++)
                offset += index[d] * strides[from[d]];
            result[i] = values[offset];
            Advance(index, from);
        }

        return new LabelledArray(Array.ConvertAll(from, f => axes[f]), result, Quantity, Provenance);
    }

    /// <summary>The index along every axis of a row-major offset.</summary>
    internal int[] Unravel(int offset)
    {
        var index = new int[Rank];
        for (var i = Rank - 1; i >= 0; i--)
            (offset, index[i]) = Math.DivRem(offset, axes[i].Length);
        return index;
    }

    private void Advance(int[] index, int[] from)
    {
        for (var d = index.Length - 1; d >= 0 && ++index[d] == axes[from[d]].Length; d--)
            index[d] = 0;
    }

    private int[] Strides()
    {
        var strides = new int[Rank];
        for (int i = Rank - 1, stride = 1; i >= 0; stride *= axes[i].Length, i--)
            strides[i] = stride;
        return strides;
    }

    private double[] Gather(int axis, int start, int length)
    {
        var (outer, inner) = Around(axis);
        var result = new double[outer * length * inner];
        for (var o = 0; o < outer; o++)
            values.AsSpan((o * axes[axis].Length + start) * inner, length * inner).CopyTo(result.AsSpan(o * length * inner));
        return result;
    }

    /// <summary>How many indices lie before an axis and how many after it.</summary>
    private (int Outer, int Inner) Around(int axis) =>
        (axes[..axis].Aggregate(1, (n, a) => n * a.Length), axes[(axis + 1)..].Aggregate(1, (n, a) => n * a.Length));

    private int Offset(ReadOnlySpan<int> indices)
    {
        var offset = 0;
        for (var i = 0; i < indices.Length; i++)
            offset = offset * axes[i].Length + indices[i];
        return offset;
    }

    private int Offset(int axis, Index index)
    {
        var length = axes[axis].Length;
        var offset = index.GetOffset(length);
        return offset >= 0 && offset < length
            ? offset
            : throw new ArgumentOutOfRangeException(nameof(index), $"Index {index} is outside axis '{axes[axis].Name}' of length {length} (0 to {length - 1}).");
    }
}
