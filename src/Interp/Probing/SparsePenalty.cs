namespace Interp;

using MathNet.Numerics.Distributions;

/// <summary>How the L1 penalty of a sparse probe is chosen.</summary>
[TypeFormatterSource(typeof(NotebookFormatters))]
public sealed record SparsePenalty
{
    private SparsePenalty(string name, double? value = null) => (Name, Value) = (name, value);

    /// <summary>A bound on what noise alone reaches in any of the features; it depends on the numbers of rows and features only.</summary>
    public static SparsePenalty Universal { get; } = new("universal");

    /// <summary>The largest penalty whose held-out loss is within one standard error of the best, on five inner folds.</summary>
    public static SparsePenalty CrossValidated { get; } = new("cross-validated");

    /// <summary>The rule's name.</summary>
    public string Name { get; }

    internal double? Value { get; }

    /// <summary>A given penalty, on standardised features and the mean loss per row.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is not positive.</exception>
    public static SparsePenalty Of(double penalty)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(penalty);
        return new SparsePenalty("given", penalty);
    }

    /// <inheritdoc/>
    public override string ToString() => Value is { } value ? NumberText.Short(value) : Name;

    /// <summary>The bound: c / (2 sqrt n) times the normal quantile at 1 - gamma / (2 p), with c = 1.1 and gamma = 0.1 / log n.</summary>
    internal static double Bound(int rows, int features) =>
        1.1 / (2 * Math.Sqrt(rows)) * Normal.InvCDF(0, 1, 1 - 0.1 / Math.Max(Math.Log(rows), 1) / (2.0 * features));
}
