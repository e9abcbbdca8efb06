namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>The point whose summed distance to given points is least.</summary>
public static class GeometricMedian
{
    /// <summary>Weiszfeld's iteration from the mean, until it moves by less than 1e-5 or 100 rounds are done.</summary>
    /// <param name="points">[rows, d].</param>
    /// <returns>[d]; the caller disposes it.</returns>
    public static Tensor Of(Tensor points)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        Shape.Check(points, "rows d", nameof(points));
        var guess = points.mean([0L]);
        for (var round = 0; round < 100; round++)
        {
            // A point that equals the guess would weigh infinitely much.
            var weights = 1 / (points - guess).norm(-1).clamp_min(1e-12);
            var next = (points * (weights / weights.sum()).unsqueeze(-1)).sum(0L);
            var moved = (next - guess).norm().ToDouble();
            guess = next;
            if (moved < 1e-5)
                break;
        }
        return guess.MoveToOuterDisposeScope();
    }
}
