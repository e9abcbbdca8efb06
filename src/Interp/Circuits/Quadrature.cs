namespace Interp;

/// <summary>Where along a path gradients are taken, and with which weights: shares a of the way from the start to the end.</summary>
public enum Quadrature
{
    /// <summary>a = k / n for k from 0 to n - 1.</summary>
    Left,

    /// <summary>a = k / n for k from 1 to n.</summary>
    Right,

    /// <summary>a = (k + 1/2) / n for k from 0 to n - 1.</summary>
    Midpoint,

    /// <summary>a = k / n for k from 0 to n, the two ends with half the weight.</summary>
    Trapezoid,

    /// <summary>The n Gauss-Legendre points: exact for polynomials up to degree 2n - 1.</summary>
    GaussLegendre,
}
