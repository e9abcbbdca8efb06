namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>Numbers of attention maps: of each query (how it spreads, how far back it looks) and of each key (how much is looked at later).</summary>
/// <remarks>Maps are [.., query, key], queries and keys being the same places; what comes out is the caller's to dispose.</remarks>
public static class AttentionMaps
{
    /// <summary>Entropy of each query's attention, -sum a log a, in nats, [.., query].</summary>
    public static Tensor Entropy(Tensor maps)
    {
        using var scope = NewDisposeScope();
        Square(maps);
        return (-maps.xlogy(maps).sum(-1)).MoveToOuterDisposeScope();
    }

    /// <summary>Concentration of each query's attention, sum a^2: 1 on a single key, 1 / n spread evenly over n, [.., query].</summary>
    public static Tensor Concentration(Tensor maps)
    {
        using var scope = NewDisposeScope();
        Square(maps);
        return maps.square().sum(-1).MoveToOuterDisposeScope();
    }

    /// <summary>Mean distance between a query and what it attends to, sum a |query - key|, in tokens, [.., query].</summary>
    public static Tensor Distance(Tensor maps) => WindowedDistance(maps, int.MaxValue);

    /// <summary>Windowed average attention distance, sum a min(|query - key|, window), [.., query].</summary>
    /// <remarks>Li et al. 2025, "Attention Illuminates LLM Reasoning", on the mean map of heads that look near by.</remarks>
    /// <param name="maps">[.., query, key].</param>
    /// <param name="window">Distances above it count as it.</param>
    public static Tensor WindowedDistance(Tensor maps, int window)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(window, 0);
        using var scope = NewDisposeScope();
        var n = Square(maps);
        var places = arange(n, dtype: maps.dtype, device: maps.device);
        var distances = (places.unsqueeze(1) - places).abs().clamp_max(window); // [query, key]
        return (maps * distances).sum(-1).MoveToOuterDisposeScope();
    }

    /// <summary>Future attention influence: mean attention to a key of the queries between two distances behind it, [.., key]; NaN where there is none.</summary>
    /// <remarks>Li et al. 2025, on the mean map of heads that look far. At the end the mean is over the queries that there are.</remarks>
    /// <param name="maps">[.., query, key].</param>
    /// <param name="nearest">The nearest query that counts, in tokens behind the key.</param>
    /// <param name="farthest">The farthest.</param>
    /// <exception cref="ArgumentOutOfRangeException">The distances are negative or in the wrong order.</exception>
    public static Tensor FutureInfluence(Tensor maps, int nearest, int farthest) => FutureInfluence(maps, nearest, farthest, null);

    /// <summary>The same, of the queries that are real tokens, [.., query, 1].</summary>
    internal static Tensor FutureInfluence(Tensor maps, int nearest, int farthest, Tensor? real)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(nearest);
        ArgumentOutOfRangeException.ThrowIfLessThan(farthest, nearest);
        using var scope = NewDisposeScope();
        var n = Square(maps);
        var places = arange(n, device: maps.device);
        var behind = places.unsqueeze(1) - places; // [query, key]
        var counts = behind.ge(nearest).logical_and(behind.le(farthest)).to(maps.dtype);
        if (real is not null)
            counts = counts * real; // [.., query, key]
        return ((maps * counts).sum(-2) / counts.sum(-2)).MoveToOuterDisposeScope();
    }

    /// <summary>Attention rollout: how much of each layer's token comes from each input token, if half of it passes by, [layer, .., query, key].</summary>
    /// <remarks>Abnar and Zuidema 2020: the product of (A + 1) / 2 over the layers up to each, A being the mean over heads.</remarks>
    /// <param name="maps">A map for each layer, [layer, .., query, key].</param>
    public static Tensor Rollout(Tensor maps)
    {
        using var scope = NewDisposeScope();
        var n = Square(maps);
        var stay = eye(n, dtype: maps.dtype, device: maps.device);
        List<Tensor> layers = [];
        for (var layer = 0; layer < maps.shape[0]; layer++)
        {
            var mixed = (maps.select(0, layer) + stay) / 2;
            mixed = mixed / mixed.sum([-1], keepdim: true);
            layers.Add(layer == 0 ? mixed : mixed.matmul(layers[^1]));
        }
        return stack(layers, 0).MoveToOuterDisposeScope();
    }

    private static long Square(Tensor maps)
    {
        ArgumentNullException.ThrowIfNull(maps);
        var shape = maps.shape;
        return shape.Length >= 2 && shape[^1] == shape[^2]
            ? shape[^1]
            : throw new ArgumentException($"The maps have shape [{string.Join(", ", shape)}], wanted [.., query, key] of the same places.", nameof(maps));
    }
}
