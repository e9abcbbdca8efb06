namespace Interp;

/// <summary>Counts values over zero in bins whose width doubles whenever a larger value comes: one pass, exact counts, powers of two.</summary>
internal sealed class GrowingHistogram
{
    public const int Bins = 64;
    private readonly long[] counts = new long[Bins];
    private double width;

    public void Add(float value)
    {
        if (width == 0)
            width = Math.Pow(2, Math.Ceiling(Math.Log2(value))) / (Bins / 2); // the first value lands in the upper half of the lower half
        while (value >= width * Bins)
            Double();
        counts[(int)(value / width)]++;
    }

    public ActivationHistogram ToResult()
    {
        var last = Array.FindLastIndex(counts, c => c > 0);
        return new ActivationHistogram(width, [.. counts[..(last + 1)]]);
    }

    private void Double()
    {
        for (var i = 0; i < Bins / 2; i++)
            counts[i] = counts[2 * i] + counts[2 * i + 1];
        Array.Clear(counts, Bins / 2, Bins / 2);
        width *= 2;
    }
}
