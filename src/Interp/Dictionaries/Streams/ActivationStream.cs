namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>Shuffled rows of a model's activations at some hook points, such as one or more dictionaries'.</summary>
/// <remarks>
/// 1. Run the model on the next prompts, no further than the last hook point. 2. Leave out padding and excluded tokens. 3. Fill a buffer.
/// 4. Shuffle it, serve half, fill it again. When the prompts end the rest is served. Rows are on the model's device; those of all hook
/// points belong to the same token.
/// </remarks>
[TypeFormatterSource(typeof(NotebookFormatters))]
public sealed class ActivationStream
{
    private readonly HookedTransformer model;
    private readonly HookName[] names;
    private readonly IEnumerable<RunInput> prompts;
    private readonly ActivationStreamOptions options;
    private readonly int[] without;
    private long[]? widths;

    /// <summary>Describes a stream for one dictionary; nothing runs yet.</summary>
    /// <param name="model">The model. It stays the caller's.</param>
    /// <param name="config">The dictionary that will read the rows; it knows its hook points.</param>
    /// <param name="prompts">Batches of prompts, read as they are needed.</param>
    /// <param name="options">Buffer, excluded tokens, seed.</param>
    /// <exception cref="ArgumentException">The dictionary knows no hook point, or the model does not have it.</exception>
    public ActivationStream(HookedTransformer model, DictionaryConfig config, IEnumerable<RunInput> prompts, ActivationStreamOptions? options = null)
        : this(model, [Known(config.Input), Known(config.Output)], prompts, options)
    {
    }

    /// <summary>Describes a stream of several hook points; nothing runs yet.</summary>
    /// <param name="model">The model. It stays the caller's.</param>
    /// <param name="names">The hook points; one that is named twice is read once.</param>
    /// <param name="prompts">Batches of prompts, read as they are needed.</param>
    /// <param name="options">Buffer, excluded tokens, seed.</param>
    /// <exception cref="ArgumentException">There is no hook point, or the model does not have it, or the options do not hold.</exception>
    public ActivationStream(HookedTransformer model, IEnumerable<HookName> names, IEnumerable<RunInput> prompts, ActivationStreamOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(prompts);
        (this.model, this.names, this.prompts) = (model, [.. names.Distinct()], prompts);
        this.options = (options ?? ActivationStreamOptions.Default).Validated();
        if (this.names.Length == 0)
            throw new ArgumentException("A stream needs a hook point.", nameof(names));
        foreach (var name in this.names)
            _ = HookBinding.Names(model, name);
        var special = model.Tokenizer is { } tokenizer && this.options.WithoutSpecial ? Enumerable.Range(0, tokenizer.VocabularySize).Where(tokenizer.IsSpecial) : [];
        without = [.. this.options.Without.Union(special)];
    }

    /// <summary>Batches of rows, until the prompts end; the last rows that fill no batch are dropped.</summary>
    /// <param name="rows">Rows of a batch.</param>
    /// <param name="cancellation">Ends it between two runs.</param>
    /// <returns>Each batch belongs to the caller.</returns>
    public IEnumerable<ActivationBatch> Batches(int rows, CancellationToken cancellation = default) => Batches(rows, 0, cancellation);

    /// <summary>Which hook points it reads, of which model.</summary>
    public override string ToString() => $"rows of {string.Join(" and ", names)} of {model.Config.ModelName}";

    /// <summary>Batches of rows but the first ones, which cost no run of the model as far as nothing of them is needed any more.</summary>
    internal IEnumerable<ActivationBatch> Batches(int rows, long skip, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        ShuffleBuffer? buffer = null;
        try
        {
            foreach (var (number, prompt) in prompts.Index())
            {
                cancellation.ThrowIfCancellationRequested();
                using var source = new PromptRows(prompt, number, p => Activations(p, cancellation), Count);
                buffer ??= MakeBuffer(source.Rows, rows, skip, cancellation);
                for (var taken = 0L; taken < source.Count;)
                {
                    taken += buffer.Add(source, taken);
                    if (buffer.IsFull)
                        foreach (var batch in buffer.Serve(rows, keepHalf: true))
                            yield return Split(batch);
                }
            }
            foreach (var batch in buffer?.Serve(rows, keepHalf: false) ?? [])
                yield return Split(batch);
        }
        finally
        {
            buffer?.Dispose();
        }
    }

    /// <summary>Which places of a batch count: real tokens but the excluded ones, [batch, pos] of bool.</summary>
    internal static Tensor Kept(RunInput prompt, IEnumerable<int> without, Device device)
    {
        using var scope = NewDisposeScope();
        var tokens = prompt.TokenTensor(device);
        var keep = prompt.MaskTensor(device) is { } mask ? mask != 0 : ones_like(tokens, dtype: ScalarType.Bool);
        foreach (var token in without)
            keep = keep.logical_and(tokens != token);
        return keep.MoveToOuterDisposeScope();
    }

    /// <summary>The rows of an activation that count, [rows, d]; heads are read side by side.</summary>
    internal static Tensor Rows(Tensor activation, RunInput prompt, IEnumerable<int> without)
    {
        using var scope = NewDisposeScope();
        var places = Kept(prompt, without, activation.device).flatten().nonzero().squeeze(-1); // [rows]
        return activation.flatten(0, 1).flatten(1).index_select(0, places).MoveToOuterDisposeScope();
    }

    internal static HookName Known(HookName? name) =>
        name ?? throw new ArgumentException("The dictionary does not know its hook point: set DictionaryConfig.Input.");

    internal static HookName AutoencoderSite(DictionaryConfig config)
    {
        var name = Known(config.Input);
        return config.Output == name ? name : throw new ArgumentException($"A transcoder from {name} to {config.Output} cannot stand in for one activation.");
    }

    private ShuffleBuffer MakeBuffer(Tensor like, int rows, long skip, CancellationToken cancellation)
    {
        var capacity = (long)Math.Max(options.BufferRows, 2 * rows);
        if (options.BufferBytes > 0)
            capacity = Math.Min(capacity, options.BufferBytes / (like.shape[1] * like.element_size()));
        if (capacity < 2L * rows)
            throw new ArgumentException(
                $"The shuffle buffer may take {options.BufferBytes:N0} bytes, which are {capacity} rows of {like.shape[1] * like.element_size():N0} bytes: it needs at least two batches of {rows}. Raise BufferBytes.");
        return new ShuffleBuffer((int)capacity, (ulong)options.Seed, skip, RowStore.Make(options, (int)capacity, like), prompt => Activations(prompt, cancellation));
    }

    private long Count(RunInput prompt)
    {
        using var scope = NewDisposeScope();
        return Kept(prompt, without, CPU).sum().ToInt64();
    }

    private Tensor Activations(RunInput prompt, CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        using var run = model.On(prompt).Capture([.. names.Select(name => (Unit)name)]).WithoutLogits().Run(cancellation);
        Tensor[] parts = [.. names.Select(name => Rows(run[name], prompt, without))];
        widths = [.. parts.Select(part => part.shape[1])];
        return (parts.Length == 1 ? parts[0] : cat(parts, 1)).MoveToOuterDisposeScope(); // [rows, Σ d]
    }

    private ActivationBatch Split(Tensor rows)
    {
        if (names.Length == 1)
            return new ActivationBatch(names, [rows]);
        using (rows)
        {
            var parts = new Tensor[names.Length];
            var start = 0L;
            for (var i = 0; i < names.Length; start += widths![i], i++)
            {
                using var part = rows.narrow(1, start, widths![i]);
                parts[i] = part.contiguous().DetachFromDisposeScope();
            }
            return new ActivationBatch(names, parts);
        }
    }
}
