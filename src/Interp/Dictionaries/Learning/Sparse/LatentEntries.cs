namespace Interp;

/// <summary>Chosen latents sorted by latent: for each the rows that chose it, what they gave and what came back.</summary>
internal sealed class LatentEntries
{
    private readonly int[] next;

    /// <summary>Room for so many entries of each latent.</summary>
    public LatentEntries(int width, params ReadOnlySpan<SparseCodes> codes)
    {
        Starts = new int[width + 1];
        foreach (var part in codes)
            foreach (var latent in part.Latents)
                Starts[latent + 1]++;
        for (var latent = 0; latent < width; latent++)
            Starts[latent + 1] += Starts[latent];
        next = Starts[..^1];
        (Rows, Gradients, Values, Slopes) = (new int[Starts[^1]], new int[Starts[^1]], new float[Starts[^1]], new float[Starts[^1]]);
    }

    /// <summary>Where each latent's entries begin, and where the last one's end, [width + 1].</summary>
    public int[] Starts { get; }

    /// <summary>The row that chose the latent.</summary>
    public int[] Rows { get; }

    /// <summary>The row of output gradients that belongs to it.</summary>
    public int[] Gradients { get; }

    /// <summary>The latent's value in the row.</summary>
    public float[] Values { get; }

    /// <summary>The loss's derivative by the latent's pre-activation in the row.</summary>
    public float[] Slopes { get; }

    /// <summary>Adds an entry; rows come in order.</summary>
    public void Add(int latent, int row, int gradient, float value, float slope)
    {
        var place = next[latent]++;
        (Rows[place], Gradients[place], Values[place], Slopes[place]) = (row, gradient, value, slope);
    }
}
