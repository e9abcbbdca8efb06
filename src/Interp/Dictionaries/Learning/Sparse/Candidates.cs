namespace Interp;

/// <summary>The largest values seen so far; about four times as many are held until the smaller ones are dropped.</summary>
internal sealed class Candidates(int wanted)
{
    private readonly float[] values = new float[Math.Max(4 * wanted, 64)];
    private readonly int[] latents = new int[Math.Max(4 * wanted, 64)];
    private int count;

    /// <summary>Values up to this one cannot be among the largest.</summary>
    public float Floor { get; private set; }

    public void Clear(float floor) => (count, Floor) = (0, floor);

    public void Add(int latent, float value)
    {
        if (count == values.Length)
        {
            Drop();
            if (value <= Floor)
                return;
        }
        (latents[count], values[count]) = (latent, value);
        count++;
    }

    /// <summary>The largest, in no order.</summary>
    public (int[] Latents, float[] Values) Take()
    {
        if (count > wanted)
            Drop();
        return (latents[..count], values[..count]);
    }

    // Afterwards the wanted ones stand first, and the smallest of them is the floor.
    private void Drop()
    {
        var (low, high, place) = (0, count - 1, wanted - 1);
        while (low < high)
        {
            var (pivot, i, j) = (values[(low + high) / 2], low, high);
            while (i <= j)
            {
                while (values[i] > pivot)
                    i++;
                while (values[j] < pivot)
                    j--;
                if (i > j)
                    break;
                (values[i], values[j], latents[i], latents[j]) = (values[j], values[i], latents[j], latents[i]);
                (i, j) = (i + 1, j - 1);
            }
            if (place <= j)
                high = j;
            else if (place >= i)
                low = i;
            else
                break;
        }
        (count, Floor) = (wanted, values[place]);
    }
}
