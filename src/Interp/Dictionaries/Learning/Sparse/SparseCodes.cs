namespace Interp;

/// <summary>Chosen latents of some rows and their values, row after row.</summary>
/// <param name="starts">Where each row's begin, and where the last one's end, [rows + 1].</param>
/// <param name="latents">Which latents.</param>
/// <param name="values">Their values.</param>
internal sealed class SparseCodes(int[] starts, int[] latents, float[] values)
{
    public int Rows => starts.Length - 1;

    public int Count => starts[^1];

    public ReadOnlySpan<int> Starts => starts;

    public ReadOnlySpan<int> Latents => latents.AsSpan(0, Count);

    public ReadOnlySpan<float> Values => values.AsSpan(0, Count);

    /// <summary>Rows that were chosen one by one.</summary>
    public static SparseCodes Join((int[] Latents, float[] Values)[] rows)
    {
        var starts = new int[rows.Length + 1];
        for (var row = 0; row < rows.Length; row++)
            starts[row + 1] = starts[row] + rows[row].Latents.Length;
        var (latents, values) = (new int[starts[^1]], new float[starts[^1]]);
        for (var row = 0; row < rows.Length; row++)
        {
            rows[row].Latents.CopyTo(latents, starts[row]);
            rows[row].Values.CopyTo(values, starts[row]);
        }
        return new SparseCodes(starts, latents, values);
    }

    /// <summary>Only the <paramref name="count"/> largest; of equal ones at the limit the first.</summary>
    public SparseCodes Largest(long count)
    {
        if (Count <= count)
            return this;
        var sorted = Values.ToArray();
        Array.Sort(sorted);
        var least = sorted[Count - count];
        var equals = count - Values.ToArray().LongCount(value => value > least);
        var kept = new (int[], float[])[Rows];
        for (var row = 0; row < Rows; row++)
        {
            var (start, ours, theirs) = (starts[row], new List<int>(), new List<float>());
            for (var i = start; i < starts[row + 1]; i++)
                if (values[i] > least || (values[i] == least && equals-- > 0))
                {
                    ours.Add(latents[i]);
                    theirs.Add(values[i]);
                }
            kept[row] = ([.. ours], [.. theirs]);
        }
        return Join(kept);
    }

    /// <summary>Which latents any row chose.</summary>
    public bool[] Fired(int width)
    {
        var fired = new bool[width];
        foreach (var latent in Latents)
            fired[latent] = true;
        return fired;
    }

    /// <summary>The smallest value of each row, infinite where a row has none.</summary>
    public IEnumerable<float> Smallest()
    {
        for (var row = 0; row < Rows; row++)
        {
            var least = float.PositiveInfinity;
            for (var i = starts[row]; i < starts[row + 1]; i++)
                least = Math.Min(least, values[i]);
            yield return least;
        }
    }
}
