namespace Interp;

using System.Collections.Immutable;
using TorchSharp;
using static TorchSharp.torch;

/// <summary>What a run reads: rows of tokens, padded to one length, with their mask and named spans.</summary>
[TypeFormatterSource(typeof(NotebookFormatters))]
public sealed class RunInput
{
    private readonly ImmutableArray<ImmutableArray<int>> rows;
    private readonly ImmutableDictionary<string, ImmutableArray<ImmutableArray<int>>> roles;

    private RunInput(
        ImmutableArray<ImmutableArray<int>> rows, PaddingSide side, ImmutableDictionary<string, ImmutableArray<ImmutableArray<int>>>? roles = null,
        ImmutableArray<ImmutableArray<bool>>? mask = null, int length = 0)
    {
        (this.rows, Side, this.roles) = (rows, side, roles ?? ImmutableDictionary<string, ImmutableArray<ImmutableArray<int>>>.Empty);
        Length = Math.Max(length, rows.Max(r => r.Length));
        Mask = mask ?? (rows.All(r => r.Length == Length) ? null : [.. rows.Select(Real)]);
    }

    /// <summary>Rows.</summary>
    public int Batch => rows.Length;

    /// <summary>Columns, padding included.</summary>
    public int Length { get; }

    /// <summary>On which side shorter rows are filled.</summary>
    public PaddingSide Side { get; }

    /// <summary>Which places hold real tokens, per row; null where all do.</summary>
    public ImmutableArray<ImmutableArray<bool>>? Mask { get; }

    /// <summary>The real tokens of each row, without padding.</summary>
    public ImmutableArray<ImmutableArray<int>> Rows => rows;

    /// <summary>How many columns of the whole text the prompt takes, where new tokens follow it; null where all of it is prompt.</summary>
    internal int? PromptLength { get; private init; }

    /// <summary>Rows of token ids.</summary>
    /// <exception cref="ArgumentException">There is no row, or an empty one.</exception>
    public static RunInput Of(IEnumerable<IReadOnlyList<int>> tokens, PaddingSide side = PaddingSide.Right)
    {
        ImmutableArray<ImmutableArray<int>> rows = [.. tokens.Select(r => r.ToImmutableArray())];
        if (rows.IsEmpty)
            throw new ArgumentException("There is no prompt: give at least one.", nameof(tokens));
        if (rows.IndexOf(rows.FirstOrDefault(r => r.IsEmpty, [-1])) is var empty and >= 0 && rows[empty].IsEmpty)
            throw new ArgumentException($"Prompt {empty} has no tokens.", nameof(tokens));
        return new RunInput(rows, side);
    }

    /// <summary>Tokenized prompts with their roles; only roles that every prompt has can be named.</summary>
    /// <exception cref="ArgumentException">There is no prompt.</exception>
    public static RunInput Of(IEnumerable<TokenizedPrompt> prompts, PaddingSide side = PaddingSide.Right)
    {
        var all = prompts.ToArray();
        var shared = all.Length == 0 ? [] : all.Select(p => p.Prompt.Spans.Keys.AsEnumerable()).Aggregate((a, b) => a.Intersect(b)).ToArray();
        return Of(all.Select(p => (IReadOnlyList<int>)p.Tokens.Ids), side)
            .WithRoles(shared.ToImmutableDictionary(role => role, role => all.Select(p => p.Positions(role)).ToImmutableArray()));
    }

    /// <summary>Rows of token ids from a tensor, [batch, pos] or [pos]; an optional mask tells padding from tokens.</summary>
    /// <param name="tokens">[batch, pos] or [pos], integers.</param>
    /// <param name="mask">[batch, pos], 1 where the token is real; null where all are.</param>
    /// <exception cref="ArgumentException">A shape is another one.</exception>
    public static RunInput Of(Tensor tokens, Tensor? mask = null)
    {
        using var scope = NewDisposeScope();
        var ids = (tokens.dim() == 1 ? tokens.unsqueeze(0) : tokens).to(ScalarType.Int64).cpu().contiguous();
        var shape = new Shape().Bind(ids, "batch pos", nameof(tokens));
        var (flat, width) = (ids.data<long>().ToArray(), (int)ids.shape[1]);
        ImmutableArray<ImmutableArray<int>> rows = [.. flat.Chunk(width).Select(r => r.Select(v => checked((int)v)).ToImmutableArray())];
        if (mask is null)
            return new RunInput(rows, PaddingSide.Right);
        shape.Bind(mask, "batch pos", nameof(mask));
        var real = mask.to(ScalarType.Int64).cpu().contiguous().data<long>().ToArray().Chunk(width).Select(r => r.Select(v => v != 0).ToImmutableArray());
        return new RunInput(rows, PaddingSide.Left, null, [.. real]);
    }

    /// <summary>How many prompts of how many tokens there are.</summary>
    public override string ToString() => $"{Batch} prompts of {(Mask is null ? "" : "up to ")}{Length} tokens{(roles.IsEmpty ? "" : $", roles {string.Join(", ", roles.Keys.Order(StringComparer.Ordinal))}")}";

    /// <summary>The same rows with named spans: for each role, each row's token places (counted without padding).</summary>
    internal RunInput WithRoles(ImmutableDictionary<string, ImmutableArray<ImmutableArray<int>>> named) =>
        new(rows, Side, named, Mask, Length) { PromptLength = PromptLength };

    /// <summary>These rows as part of a text in which a prompt takes the first columns.</summary>
    internal RunInput InText(int prompt) => new(rows, Side, roles, Mask, Length) { PromptLength = prompt };

    /// <summary>Every row several times, one after the other.</summary>
    internal RunInput Repeated(int count) => count == 1 ? this : new(
        Times(rows, count), Side, roles.ToImmutableDictionary(r => r.Key, r => Times(r.Value, count)), Mask is { } mask ? Times(mask, count) : null, Length)
    {
        PromptLength = PromptLength,
    };

    /// <summary>Whole texts: these prompts with new tokens behind them, some rows perhaps longer than others.</summary>
    internal RunInput Continued(IReadOnlyList<IReadOnlyList<int>> added)
    {
        var (longest, prompt) = (added.Max(a => a.Count), PromptLength ?? Length);
        var oneSided = Mask is null || (Side == PaddingSide.Left && added.All(a => a.Count == longest) && rows.Any(r => r.Length < Length));
        if (oneSided)
            return new RunInput([.. rows.Select((r, i) => r.AddRange(added[i]))], Mask is null ? PaddingSide.Right : Side, roles, null, Length + longest)
            {
                PromptLength = prompt,
            };
        // Padding on both sides: the rows hold theirs, and the mask tells.
        ImmutableArray<ImmutableArray<int>> full = [.. rows.Select((r, i) => (ImmutableArray<int>)[.. Zeros(Length - r.Length), .. r, .. added[i], .. Zeros(longest - added[i].Count)])];
        ImmutableArray<ImmutableArray<bool>> real = [.. Mask!.Value.Select((m, i) => m.AddRange(Enumerable.Range(0, longest).Select(step => step < added[i].Count)))];
        var moved = roles.ToImmutableDictionary(r => r.Key, r => r.Value.Select((span, i) => span.Select(place => Column(i, place)).ToImmutableArray()).ToImmutableArray());
        return new RunInput(full, Side, moved, real, Length + longest) { PromptLength = prompt };
    }

    private static IEnumerable<int> Zeros(int count) => Enumerable.Repeat(0, count);

    private static ImmutableArray<T> Times<T>(ImmutableArray<T> items, int count) => [.. items.SelectMany(item => Enumerable.Repeat(item, count))];

    /// <summary>Rows [start, start + count), padded to the same length.</summary>
    internal RunInput Slice(int start, int count) => new(
        [.. rows.Skip(start).Take(count)], Side,
        roles.ToImmutableDictionary(r => r.Key, r => r.Value.Skip(start).Take(count).ToImmutableArray()),
        Mask is { } mask ? [.. mask.Skip(start).Take(count)] : null, Length) { PromptLength = PromptLength };

    /// <summary>Token ids with 0 at padding, [batch, pos], int64.</summary>
    public Tensor TokenTensor(Device device)
    {
        var flat = new long[Batch * Length];
        for (var row = 0; row < Batch; row++)
            for (var i = 0; i < rows[row].Length; i++)
                flat[row * Length + Column(row, i)] = rows[row][i];
        return tensor(flat, [Batch, Length], device: device);
    }

    /// <summary>1 where a token is real, [batch, pos], int64; null where all are.</summary>
    public Tensor? MaskTensor(Device device) =>
        Mask is { } mask ? tensor(mask.SelectMany(r => r.Select(b => b ? 1L : 0L)).ToArray(), [Batch, Length], device: device) : null;

    /// <summary>The names of the spans that every prompt has, in the order of the first prompt.</summary>
    internal IEnumerable<string> RoleNames => roles.OrderBy(r => r.Value[0].FirstOrDefault()).ThenBy(r => r.Key, StringComparer.Ordinal).Select(r => r.Key);

    /// <summary>The same rows with further named spans, those without a token left out.</summary>
    internal RunInput WithMoreRoles(IEnumerable<(string Name, ImmutableArray<int>[] Places)> more) =>
        WithRoles(roles.SetItems(more.Where(m => m.Places.All(p => !p.IsEmpty)).Select(m => KeyValuePair.Create(m.Name, m.Places.ToImmutableArray()))));

    /// <summary>Where a role stands; <c>last</c> is each row's last token unless a span has that name.</summary>
    internal Indices PlacesOf(string role) => role == "last" && !roles.ContainsKey(role) ? Position.Last : Position.Role(role);

    /// <summary>The columns an index along <c>pos</c> means, per row.</summary>
    /// <exception cref="KeyNotFoundException">The prompts have no such role.</exception>
    internal int[][] Columns(Indices places)
    {
        if (places.RoleName is not { } role)
            return places.IsPerRow ? [.. Enumerable.Range(0, Batch).Select(row => new[] { LastColumn(row) })]
                : [.. Enumerable.Repeat(places.Resolve(Length, "pos", PromptLength), Batch)];
        if (!roles.TryGetValue(role, out var spans))
            throw new KeyNotFoundException($"The prompts have no role '{role}'. They have: {(roles.IsEmpty ? "none" : string.Join(", ", roles.Keys))}.");
        return [.. spans.Select((span, row) => span.Select(i => Column(row, i)).ToArray())];
    }

    private ImmutableArray<bool> Real(ImmutableArray<int> row) =>
        [.. Enumerable.Range(0, Length).Select(i => Side == PaddingSide.Right ? i < row.Length : i >= Length - row.Length)];

    /// <summary>The column of a row's token, counted without padding.</summary>
    internal int Column(int row, int place) => place + Shift(row);

    /// <summary>The token in a column; null where the column is padding.</summary>
    internal int? TokenAt(int row, int column) =>
        (Mask is null || Mask.Value[row][column]) && column - Shift(row) is var place && place >= 0 && place < rows[row].Length ? rows[row][place] : null;

    private int Shift(int row) => rows[row].Length < Length && Side == PaddingSide.Left ? Length - rows[row].Length : 0;

    private int LastColumn(int row)
    {
        if (Mask is not { } mask)
            return Length - 1;
        for (var i = Length - 1; i >= 0; i--)
            if (mask[row][i])
                return i;
        throw new InvalidOperationException($"Row {row} holds no real token.");
    }
}
