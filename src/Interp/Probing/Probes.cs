namespace Interp;

using Interp.Extending;

/// <summary>The built-in ways to fit a linear probe.</summary>
/// <remarks>Penalties are on standardised features and the mean loss per row: sklearn's C is 1 / (rows x penalty).</remarks>
public static class Probes
{
    /// <summary>Logistic regression with an L2 penalty (two classes), multinomial for more.</summary>
    /// <param name="penalty">The penalty; null chooses among six from 1e-4 to 10 by cross-validation inside of the training rows.</param>
    /// <exception cref="ArgumentOutOfRangeException">The penalty is not positive.</exception>
    public static IProbeMethod Logistic(double? penalty = null) => new LogisticProbe(Positive(penalty));

    /// <summary>Logistic regression of two classes with an L1 penalty: few features, also out of 10^5.</summary>
    /// <remarks>
    /// The default penalty follows from the numbers of rows n and features p alone: 1.1 / (2 sqrt n) x the standard normal quantile at
    /// 1 - 0.1 / (2 p log n), a bound on what noise in all p features reaches together (Belloni, Chernozhukov and Wei 2016, whose c and gamma these are).
    /// </remarks>
    /// <param name="rule">How the penalty is chosen; the bound by default.</param>
    /// <param name="refit">Whether the selected features are fitted once more with hardly a penalty, which undoes the shrinkage.</param>
    public static IProbeMethod Sparse(SparsePenalty? rule = null, bool refit = false) => new SparseProbe(rule ?? SparsePenalty.Universal, refit);

    /// <summary>Ridge regression in closed form: of numbers, or of +-1 for classes.</summary>
    /// <param name="penalty">The penalty; null chooses among seven from 1e-4 to 100 by exact inner cross-validation.</param>
    /// <exception cref="ArgumentOutOfRangeException">The penalty is not positive.</exception>
    public static IProbeMethod Ridge(double? penalty = null) => new RidgeProbe(Positive(penalty));

    /// <summary>The difference of the classes' means; nothing is fitted but the probability's slope.</summary>
    public static IProbeMethod MeanDifference() => new MeanDifferenceProbe(whitened: false);

    /// <summary>The mean difference times the inverse of the covariance within classes: linear discriminant analysis.</summary>
    /// <param name="shrinkage">The share of the identity in the covariance, between 0 and 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The share is not between 0 and 1.</exception>
    public static IProbeMethod Whitened(double shrinkage = 0.01) => shrinkage is > 0 and < 1
        ? new MeanDifferenceProbe(whitened: true, shrinkage)
        : throw new ArgumentOutOfRangeException(nameof(shrinkage), $"The share of the identity is {shrinkage}: give one between 0 and 1.");

    /// <summary>The k features whose class means differ most, then logistic regression on these (Gurnee et al. 2023).</summary>
    /// <param name="k">How many features.</param>
    /// <param name="penalty">The penalty of the regression; null chooses it by inner cross-validation.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="k"/> or the penalty is not positive.</exception>
    public static IProbeMethod KSparse(int k, double? penalty = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(k);
        return new KSparseProbe(k, Positive(penalty));
    }

    private static double? Positive(double? penalty) => penalty is null or > 0
        ? penalty
        : throw new ArgumentOutOfRangeException(nameof(penalty), $"The penalty is {penalty}: give one above 0, or none to have it chosen.");
}
