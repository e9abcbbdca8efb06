namespace Interp;

using System.Collections.Immutable;

/// <summary>Rows of token ids of different lengths as one rectangle with a mask. Immutable.</summary>
public sealed class TokenBatch
{
    private readonly long[] ids;
    private readonly bool[] mask;

    /// <summary>Pads rows to the longest of them.</summary>
    /// <param name="rows">Token ids, <c>[batch]</c> rows of any length from 1.</param>
    /// <param name="padId">What stands at padded places; the mask keeps it from having any effect.</param>
    /// <param name="side">Where the padding goes.</param>
    /// <exception cref="ArgumentException">There is no row, or one is empty.</exception>
    public TokenBatch(IEnumerable<IReadOnlyList<int>> rows, int padId, PaddingSide side = PaddingSide.Right)
    {
        ArgumentNullException.ThrowIfNull(rows);
        IReadOnlyList<int>[] all = [.. rows];
        if (all.Length == 0)
            throw new ArgumentException("A batch needs at least one row.", nameof(rows));
        if (Array.FindIndex(all, row => row.Count == 0) is >= 0 and var empty)
            throw new ArgumentException($"Row {empty} of {all.Length} is empty. Encode it with Bos.Always, or leave it out.", nameof(rows));
        (Side, BatchSize, Lengths) = (side, all.Length, [.. all.Select(row => row.Count)]);
        Width = Lengths.Max();
        ids = new long[BatchSize * Width];
        mask = new bool[BatchSize * Width];
        Array.Fill(ids, padId);
        for (var row = 0; row < BatchSize; row++)
            for (var index = 0; index < Lengths[row]; index++)
                (ids[(row * Width) + Column(row, index)], mask[(row * Width) + Column(row, index)]) = (all[row][index], true);
    }

    /// <summary>Encodes texts and pads them with the tokenizer's padding token; without one, with its end token, without that, with 0.</summary>
    /// <exception cref="ArgumentException">There is no text, or one encodes to nothing.</exception>
    public static TokenBatch Encode(
        ITokenizer tokenizer, IEnumerable<string> texts, EncodeOptions? options = null, PaddingSide side = PaddingSide.Right) =>
        new(texts.Select(text => tokenizer.Ids(text, options)), tokenizer.PadId ?? tokenizer.EosId ?? 0, side);

    /// <summary>Where the padding is.</summary>
    public PaddingSide Side { get; }

    /// <summary>How many rows there are.</summary>
    public int BatchSize { get; }

    /// <summary>The length of the longest row: the size of the pos axis.</summary>
    public int Width { get; }

    /// <summary>The number of real tokens of each row, <c>[batch]</c>.</summary>
    public ImmutableArray<int> Lengths { get; }

    /// <summary>Whether any place is padded. Where none is, no mask is needed.</summary>
    public bool IsPadded => Lengths.Any(length => length < Width);

    /// <summary>Token ids, <c>[batch, pos]</c>, row after row.</summary>
    public ReadOnlySpan<long> Ids => ids;

    /// <summary>Attention mask, <c>[batch, pos]</c>, row after row: true at real tokens.</summary>
    public ReadOnlySpan<bool> Mask => mask;

    /// <summary>The column in which a row's token stands.</summary>
    /// <param name="row">Row.</param>
    /// <param name="index">Index within the row's real tokens; <c>^1</c> is its last.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such row or token.</exception>
    public int Column(int row, Index index)
    {
        if ((uint)row >= (uint)BatchSize)
            throw new ArgumentOutOfRangeException(nameof(row), row, $"The batch has {BatchSize} rows.");
        var offset = index.GetOffset(Lengths[row]);
        if ((uint)offset >= (uint)Lengths[row])
            throw new ArgumentOutOfRangeException(nameof(index), index, $"Row {row} has {Lengths[row]} tokens.");
        return Side == PaddingSide.Left ? Width - Lengths[row] + offset : offset;
    }

    /// <summary>For each place the position within its own row, <c>[batch, pos]</c>, row after row; 0 at padding.</summary>
    public long[] PositionIds()
    {
        var positions = new long[ids.Length];
        for (var row = 0; row < BatchSize; row++)
            for (var index = 0; index < Lengths[row]; index++)
                positions[(row * Width) + Column(row, index)] = index;
        return positions;
    }

    /// <summary>The real token ids of a row, <c>[pos]</c>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such row.</exception>
    public int[] Row(int row) => [.. Enumerable.Range(0, (uint)row < (uint)BatchSize ? Lengths[row] : throw new ArgumentOutOfRangeException(nameof(row), row, $"The batch has {BatchSize} rows."))
        .Select(index => (int)ids[(row * Width) + Column(row, index)])];
}
