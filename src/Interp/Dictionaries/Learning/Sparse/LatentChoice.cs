namespace Interp;

using System.Numerics;

/// <summary>Chooses the largest pre-activations without sorting whole rows.</summary>
/// <remarks>
/// A row is read once, vector by vector: values over the floor become candidates, and the floor rises to the smallest of the wanted ones
/// whenever there are too many. For a whole batch a histogram over the leading bits of all positive values gives a floor first.
/// </remarks>
internal static unsafe class LatentChoice
{
    private const int Bins = 1 << 15;

    /// <summary>Adds the bias, in place, and takes the k largest positive values of each row; pre is [rows, width], bias [width].</summary>
    public static SparseCodes OfRows(float* pre, float* bias, int rows, int width, int k)
    {
        var chosen = new (int[], float[])[rows];
        Workers.For(rows, () => new Candidates(k), (row, candidates) =>
        {
            candidates.Clear(0);
            var values = pre + (long)row * width;
            AddBias(values, bias, width);
            Scan(values, width, candidates);
            chosen[row] = candidates.Take();
        });
        return SparseCodes.Join(chosen);
    }

    /// <summary>Adds the bias, in place, and takes the largest positive values of the whole batch.</summary>
    public static SparseCodes OfBatch(float* pre, float* bias, int rows, int width, long count)
    {
        var histogram = new long[Bins];
        Workers.For(rows, () => new long[Bins], (row, own) =>
        {
            var values = pre + (long)row * width;
            AddBias(values, bias, width);
            for (var i = 0; i < width; i++)
                if (values[i] > 0)
                    own[BitConverter.SingleToInt32Bits(values[i]) >> 16]++;
        }, own =>
        {
            for (var i = 0; i < Bins; i++)
                histogram[i] += own[i];
        });
        var bin = Bins - 1;
        for (var above = histogram[bin]; above < count && bin > 0; above += histogram[bin])
            bin--;
        // The largest float below the bin, so that every value in it is over the floor.
        var floor = MathF.BitDecrement(BitConverter.Int32BitsToSingle(bin << 16));
        var chosen = new (int[], float[])[rows];
        Workers.For(rows, () => (Latents: new List<int>(), Values: new List<float>()), (row, own) =>
        {
            own.Latents.Clear();
            own.Values.Clear();
            var values = pre + (long)row * width;
            for (var i = 0; i < width; i++)
                if (values[i] > floor && values[i] > 0)
                {
                    own.Latents.Add(i);
                    own.Values.Add(values[i]);
                }
            chosen[row] = ([.. own.Latents], [.. own.Values]);
        });
        return SparseCodes.Join(chosen).Largest(count);
    }

    /// <summary>The largest values of each row among some latents, or the largest positive ones.</summary>
    public static SparseCodes Among(float* pre, int rows, int width, int[] latents, int count, bool positive)
    {
        var chosen = new (int[], float[])[rows];
        Workers.For(rows, () => new Candidates(count), (row, candidates) =>
        {
            candidates.Clear(positive ? 0 : float.NegativeInfinity);
            var values = pre + (long)row * width;
            foreach (var latent in latents)
                if (values[latent] > candidates.Floor)
                    candidates.Add(latent, values[latent]);
            chosen[row] = candidates.Take();
        });
        return SparseCodes.Join(chosen);
    }

    private static void AddBias(float* values, float* bias, int width) => Lanes.AddScaled(1, bias, values, width);

    private static void Scan(float* values, int width, Candidates candidates)
    {
        var i = 0;
        for (; i <= width - Vector<float>.Count; i += Vector<float>.Count)
            if (Vector.GreaterThanAny(Vector.Load(values + i), new Vector<float>(candidates.Floor)))
                for (var lane = i; lane < i + Vector<float>.Count; lane++)
                    if (values[lane] > candidates.Floor)
                        candidates.Add(lane, values[lane]);
        for (; i < width; i++)
            if (values[i] > candidates.Floor)
                candidates.Add(i, values[i]);
    }
}
