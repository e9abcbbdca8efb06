namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>The discrete Fourier transform along an axis of tokens, as models of modular arithmetic use it (Nanda et al. 2023).</summary>
public static class Fourier
{
    /// <summary>
    /// The orthonormal real basis of n places: the constant, then cosine and sine of frequency 1, 2, ...; for even n the alternating row is last.
    /// </summary>
    /// <param name="n">How many places.</param>
    /// <returns>[n, n] in float64, a row for each function; the caller disposes it.</returns>
    public static Tensor Basis(int n)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(n, 1);
        var rows = new double[n * n];
        for (var row = 0; row < n; row++)
        {
            var frequency = (row + 1) / 2;
            var length = row == 0 || 2 * frequency == n ? Math.Sqrt(1.0 / n) : Math.Sqrt(2.0 / n);
            for (var i = 0; i < n; i++)
            {
                var angle = 2 * Math.PI * ((long)frequency * i % n) / n;
                rows[row * n + i] = length * (row % 2 == 1 || row == 0 ? Math.Cos(angle) : Math.Sin(angle));
            }
        }
        return tensor(rows, [n, n]);
    }

    /// <summary>The share of the power that each frequency holds, [frequency], from 1 to n / 2; the constant is left out.</summary>
    /// <param name="rows">A row for each of n tokens in their cyclic order, [token, ..].</param>
    /// <exception cref="ArgumentException">There are fewer than three tokens, or their rows are all equal.</exception>
    public static LabelledArray Power(Tensor rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var n = (int)rows.shape[0];
        if (n < 3)
            throw new ArgumentException($"A spectrum needs at least 3 tokens, got {n}.", nameof(rows));
        var values = rows.detach().to(ScalarType.Float64).cpu().reshape(n, -1); // [token, width]
        var power = Basis(n).matmul(values).square().sum(1L).Doubles();
        var shares = new double[n / 2];
        for (var row = 1; row < n; row++)
            shares[(row + 1) / 2 - 1] += power[row];
        var all = shares.Sum();
        if (!(all > 1e-24 * (all + power[0]))) // what rounding leaves of equal rows
            throw new ArgumentException("The rows of all tokens are equal: there is no power beside the constant.", nameof(rows));
        return new LabelledArray(
            [new Axis("frequency", Enumerable.Range(1, n / 2).Select(f => f.ToString(System.Globalization.CultureInfo.InvariantCulture)))],
            shares.Select(s => s / all).ToArray(), "share of power", new Provenance { Method = "discrete Fourier transform over tokens" });
    }

    /// <summary>The power of the token embedding's frequencies, [frequency].</summary>
    /// <param name="model">The model.</param>
    /// <param name="tokens">The tokens, in their cyclic order; all by default.</param>
    public static LabelledArray EmbeddingSpectrum(this HookedTransformer model, Indices tokens = default)
    {
        using var scope = NewDisposeScope();
        var places = tokens.Resolve(model.Config.DVocab, "token").Select(t => (long)t).ToArray();
        var power = Power(model.WE.index_select(0, tensor(places, device: model.Device)));
        return power.With(provenance: power.Provenance with { Model = model.Config.ModelName });
    }
}
