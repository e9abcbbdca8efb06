namespace Interp;

using Interp.Extending;
using TorchSharp;
using static TorchSharp.torch;

/// <summary>Rotates queries and keys by their positions (Su et al. 2021, eq. 34).</summary>
/// <remarks>
/// Angles are computed in float64 and stored as cos and sin tables, [position, d_rotary], which grow with the longest text seen. Where the
/// frequencies depend on a text's length, each kind of length has tables of its own.
/// </remarks>
[TypeFormatterSource(typeof(NotebookFormatters))]
public sealed class Rotary : IDisposable
{
    private const int FirstRows = 256;
    private const int KeptRegimes = 2;

    private readonly RotaryConfig config;
    private readonly long dim;
    private readonly int context;
    private readonly Device device;
    private readonly ScalarType dtype;
    private readonly Lock growing = new();
    private readonly List<Table> made = [];
    private volatile Table[] newest;

    /// <summary>The tables for a model.</summary>
    /// <param name="config">How to rotate.</param>
    /// <param name="dHead">Width of a head.</param>
    /// <param name="context">Longest sequence.</param>
    /// <param name="like">Gives dtype and device.</param>
    public Rotary(RotaryConfig config, int dHead, int context, Tensor like)
    {
        (this.config, this.context, dim, device) = (config, context, config.Dim(dHead), like.device);
        dtype = like.dtype == ScalarType.Float64 ? ScalarType.Float64 : ScalarType.Float32;
        newest = [];
        Grow(0, 0, Math.Min(context, FirstRows));
    }

    /// <summary>Whether a text's first positions turn otherwise once it is long.</summary>
    internal bool DependsOnLength => config.Scaling?.DependsOnLength ?? false;

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var table in made)
            table.Dispose();
    }

    /// <summary>Rotates the first dimensions of each head.</summary>
    /// <param name="x">[batch, pos, head, d_head].</param>
    /// <param name="start">The position of the first column, when they count up.</param>
    /// <param name="positions">Each token's position, [batch, pos], or null when they count up from <paramref name="start"/>.</param>
    /// <returns>The same shape.</returns>
    public Tensor Apply(Tensor x, long start, Tensor? positions) => Apply(x, start, positions, start + x.shape[1]);

    /// <summary>Its base and how many dimensions turn.</summary>
    public override string ToString() => $"rotary embedding of {dim} dimensions, base {NumberText.Short(config.Base)}";

    /// <summary>Rotates the columns of a run, each row as the number of its real tokens wants it.</summary>
    /// <param name="run">The pass in progress.</param>
    /// <param name="x">[batch, pos, head, d_head].</param>
    /// <returns>The same shape.</returns>
    /// <exception cref="InvalidOperationException">Keys in the cache were computed with other frequencies.</exception>
    internal Tensor Apply(ForwardContext run, Tensor x)
    {
        if (!DependsOnLength)
            return Apply(x, run.PastLength, run.PositionIds);
        var lengths = run.Lengths(run.PastLength + run.Positions);
        if (run.PastLength > 0)
            RefuseChange(run.Lengths(run.PastLength), lengths);
        if (run.PositionIds is null || lengths.Select(Regime).Distinct().Count() == 1)
            return Apply(x, run.PastLength, run.PositionIds, lengths[0]);
        using var scope = NewDisposeScope();
        var rows = lengths.Select((length, row) => Apply(x.narrow(0, row, 1), run.PastLength, run.PositionIds.narrow(0, row, 1), length));
        return cat([.. rows], 0).MoveToOuterDisposeScope();
    }

    /// <summary>A number that texts with the same frequencies share.</summary>
    internal long Regime(long length) => config.Scaling?.Regime(length) ?? 0;

    private void RefuseChange(long[] before, long[] now)
    {
        foreach (var (earlier, later) in before.Zip(now))
            if (Regime(earlier) != Regime(later))
                throw new InvalidOperationException(
                    $"A text of {later} tokens turns queries and keys otherwise than its first {earlier}, whose keys are in the cache: run the whole text without that cache.");
    }

    // A part of a text of which this many positions have been read.
    private Tensor Apply(Tensor x, long start, Tensor? positions, long length)
    {
        using var scope = NewDisposeScope();
        var table = TableFor(length, start + x.shape[1]);
        var (cos, sin) = positions is null
            ? (table.Cosines.narrow(0, start, x.shape[1]).unsqueeze(1), table.Sines.narrow(0, start, x.shape[1]).unsqueeze(1)) // [pos, 1, dim]
            : (table.Cosines[positions].unsqueeze(2), table.Sines[positions].unsqueeze(2)); // [batch, pos, 1, dim]
        var whole = dim == x.shape[^1];
        var turning = (whole ? x : x.narrow(-1, 0, dim)).to(x.dtype == ScalarType.Float64 ? x.dtype : cos.dtype);
        var turned = (turning * cos + Quarter(turning) * sin).to(x.dtype);
        var result = whole ? turned : cat([turned, x.narrow(-1, dim, x.shape[^1] - dim)], -1);
        return result.MoveToOuterDisposeScope();
    }

    /// <summary>Radians per position of each pair of dimensions.</summary>
    internal static double[] Frequencies(RotaryConfig config, int dim, long length = 0) =>
        config.Scaling?.Frequencies(config.Base, dim, length) ?? RopeScaling.Unscaled(config.Base, dim);

    // Tables are never changed, so that threads may read them while others add longer ones.
    private Table TableFor(long length, long rows)
    {
        var regime = Regime(length);
        foreach (var table in newest)
            if (table.Regime == regime && table.Rows >= rows)
                return table;
        lock (growing)
            return Grow(regime, length, Math.Max(rows, Math.Min(2 * rows, context)));
    }

    // Few kinds of length are kept; a table of a further kind is freed with the caller's scope.
    private Table Grow(long regime, long length, long rows)
    {
        var table = Build(regime, length, rows);
        var others = newest.Where(other => other.Regime != regime).ToArray();
        if (others.Length >= KeptRegimes)
            return table;
        table.Keep();
        made.Add(table);
        newest = [table, .. others];
        return table;
    }

    private Table Build(long regime, long length, long rows)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var frequencies = tensor(Frequencies(config, (int)dim, length), dtype: ScalarType.Float64); // [dim / 2]
        var angles = arange(rows, dtype: ScalarType.Float64).unsqueeze(-1) * frequencies; // [pos, dim / 2]
        angles = config.AdjacentPairs ? angles.repeat_interleave(2, -1) : cat([angles, angles], -1); // [pos, dim]
        var amplitude = config.Scaling?.Amplitude ?? 1;
        Tensor Stored(Tensor table) => (amplitude == 1 ? table : table * amplitude).to(dtype, device).MoveToOuterDisposeScope();
        return new Table(regime, Stored(angles.cos()), Stored(angles.sin()));
    }

    // The other member of each pair, the first with its sign turned: a rotation by a quarter.
    private Tensor Quarter(Tensor x)
    {
        if (!config.AdjacentPairs)
            return cat([-x.narrow(-1, dim / 2, dim / 2), x.narrow(-1, 0, dim / 2)], -1);
        var pairs = x.unflatten(-1, [dim / 2, 2]); // [.., pair, 2]
        return stack([-pairs.select(-1, 1), pairs.select(-1, 0)], -1).flatten(-2);
    }

    private sealed record Table(long Regime, Tensor Cosines, Tensor Sines)
    {
        public long Rows { get; } = Cosines.shape[0];

        public void Keep()
        {
            Cosines.DetachFromDisposeScope();
            Sines.DetachFromDisposeScope();
        }

        public void Dispose()
        {
            Cosines.Dispose();
            Sines.Dispose();
        }
    }
}
