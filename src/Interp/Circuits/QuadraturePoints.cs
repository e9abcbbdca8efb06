namespace Interp;

using MathNet.Numerics.Integration;

/// <summary>The points and weights of quadrature rules on [0, 1].</summary>
internal static class QuadraturePoints
{
    /// <summary>Points with weights that sum to 1.</summary>
    public static (double Share, double Weight)[] Of(Quadrature rule, int steps) => rule switch
    {
        Quadrature.Left => [.. Enumerable.Range(0, steps).Select(k => ((double)k / steps, 1.0 / steps))],
        Quadrature.Right => [.. Enumerable.Range(1, steps).Select(k => ((double)k / steps, 1.0 / steps))],
        Quadrature.Midpoint => [.. Enumerable.Range(0, steps).Select(k => ((k + 0.5) / steps, 1.0 / steps))],
        Quadrature.Trapezoid => [.. Enumerable.Range(0, steps + 1).Select(k => ((double)k / steps, (k == 0 || k == steps ? 0.5 : 1.0) / steps))],
        _ => Gauss(steps),
    };

    private static (double, double)[] Gauss(int steps)
    {
        var rule = new GaussLegendreRule(0, 1, steps);
        return [.. Enumerable.Range(0, steps).Select(k => (rule.GetAbscissa(k), rule.GetWeight(k)))];
    }
}
