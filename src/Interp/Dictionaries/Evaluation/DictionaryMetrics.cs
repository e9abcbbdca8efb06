namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>Sums, over any number of batches, what reconstruction quality and sparsity are made of.</summary>
/// <remarks>Everything is summed in float64. Variances are about the global mean of all rows seen, and ratios are taken of the sums.</remarks>
[TypeFormatterSource(typeof(NotebookFormatters))]
public sealed class DictionaryMetrics : IDisposable
{
    private readonly Tensor latentCounts;
    private readonly Tensor sum;
    private readonly Tensor squares;
    private readonly Tensor errorSum;
    private double error, output, inner, cosine, shrinkage, active, magnitude, rowwise;

    /// <summary>Nothing seen yet.</summary>
    /// <param name="width">Number of latents.</param>
    /// <param name="dOut">Width of what is reconstructed.</param>
    /// <param name="device">Where the rows are; null for the CPU.</param>
    public DictionaryMetrics(int width, int dOut, Device? device = null)
    {
        Tensor Zeros(long size) => zeros([size], dtype: ScalarType.Float64, device: device ?? CPU).DetachFromDisposeScope();
        (latentCounts, sum, squares, errorSum) = (Zeros(width), Zeros(dOut), Zeros(dOut), Zeros(dOut));
    }

    /// <summary>Rows seen.</summary>
    public long Rows { get; private set; }

    /// <summary>Mean number of latents over zero.</summary>
    public double L0 => active / Rows;

    /// <summary>Mean sum of latents.</summary>
    public double L1 => magnitude / Rows;

    /// <summary>Mean over rows of the sum of squared errors.</summary>
    public double SquaredError => error / Rows;

    /// <summary>Fraction of variance unexplained: Σ|x - x̂|² / Σ|x - x̄|².</summary>
    public double Unexplained => error / Variance();

    /// <summary>1 - <see cref="Unexplained"/>.</summary>
    public double ExplainedVariance => 1 - Unexplained;

    /// <summary>dictionary_learning's: the error's own mean is free, 1 - Σ|r - r̄|² / Σ|x - x̄|².</summary>
    public double FreeMeanExplainedVariance
    {
        get
        {
            using var scope = NewDisposeScope();
            return 1 - (error - (errorSum.square().sum() / Rows).ToDouble()) / Variance();
        }
    }

    /// <summary>SAELens 6.18's evaluation: the total variance is taken as mean |x|² less the square of the mean of all x_d².</summary>
    public double SaeLensExplainedVariance
    {
        get
        {
            using var scope = NewDisposeScope();
            var total = squares.sum().ToDouble() / Rows;
            var mean = total / squares.shape[0];
            return 1 - SquaredError / (total - mean * mean);
        }
    }

    /// <summary>
    /// SAELens before 6: the mean of each row's own 1 - |x - x̂|² / |x - x̄|², with the mean of each batch that was added. Rows near the mean,
    /// whose ratio is large, weigh as much as all others.
    /// </summary>
    public double RowwiseExplainedVariance => rowwise / Rows;

    /// <summary>Mean cosine of a row and its reconstruction.</summary>
    public double Cosine => cosine / Rows;

    /// <summary>Mean of |x̂| / |x|.</summary>
    public double Shrinkage => shrinkage / Rows;

    /// <summary>Mean |x̂|² over mean ⟨x, x̂⟩: 1 without bias.</summary>
    public double RelativeReconstructionBias => output / inner;

    /// <summary>Share of rows in which each latent is active.</summary>
    public double[] Densities => [.. latentCounts.Doubles().Select(count => count / Rows)];

    /// <summary>Adds rows.</summary>
    /// <param name="x">What should come out, [rows, d_out].</param>
    /// <param name="latents">[rows, width].</param>
    /// <param name="reconstruction">What comes out, [rows, d_out].</param>
    /// <exception cref="ArgumentException">A shape is another one.</exception>
    public void Add(Tensor x, Tensor latents, Tensor reconstruction)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        new Shape().Bind(x, $"rows {sum.shape[0]}", nameof(x)).Bind(latents, $"rows {latentCounts.shape[0]}", nameof(latents))
            .Bind(reconstruction, $"rows {sum.shape[0]}", nameof(reconstruction));
        var (wide, guess) = (x.to(ScalarType.Float64), reconstruction.to(ScalarType.Float64));
        var residual = wide - guess;
        var (lengths, guessLengths, dot) = (wide.norm(-1), guess.norm(-1), (wide * guess).sum(-1L));
        Rows += x.shape[0];
        sum.add_(wide.sum(0L));
        squares.add_(wide.square().sum(0L));
        errorSum.add_(residual.sum(0L));
        error += residual.square().sum().ToDouble();
        rowwise += (1 - residual.square().sum(-1L) / (wide - wide.mean([0L], keepdim: true)).square().sum(-1L).clamp_min(1e-12)).sum().ToDouble();
        output += guess.square().sum().ToDouble();
        inner += dot.sum().ToDouble();
        cosine += (dot / (lengths * guessLengths).clamp_min(1e-12)).sum().ToDouble();
        shrinkage += (guessLengths / lengths.clamp_min(1e-12)).sum().ToDouble();
        latentCounts.add_((latents > 0).to(ScalarType.Float64).sum(0L));
        active += (latents > 0).sum().ToDouble();
        magnitude += latents.to(ScalarType.Float64).sum().ToDouble();
    }

    /// <summary>Frees the sums.</summary>
    public void Dispose()
    {
        foreach (var tensor in new[] { latentCounts, sum, squares, errorSum })
            tensor.Dispose();
    }

    /// <summary>The main figures, over how many rows.</summary>
    public override string ToString() => Rows == 0 ? "no rows" : $"{Rows} rows: L0 {NumberText.Fixed(L0, 1)}, FVU {NumberText.Fixed(Unexplained, 4)}";

    /// <summary>The mean of all rows, [d_out], in the current scope.</summary>
    internal Tensor Mean() => sum / Rows;

    private double Variance()
    {
        using var scope = NewDisposeScope();
        return squares.sum().ToDouble() - (sum.square().sum() / Rows).ToDouble();
    }
}
