namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>Shuffled rows of a model's activations at a dictionary's hook points.</summary>
/// <remarks>
/// 1. Run the model on the next prompts, no further than the hook point. 2. Leave out padding and excluded tokens. 3. Fill a buffer.
/// 4. Shuffle it, serve half, fill it again. When the prompts end the rest is served. Rows are on the model's device.
/// </remarks>
public sealed class ActivationStream
{
    private readonly HookedTransformer model;
    private readonly HookName input;
    private readonly HookName output;
    private readonly IEnumerable<RunInput> prompts;
    private readonly ActivationStreamOptions options;

    /// <summary>Describes a stream; nothing runs yet.</summary>
    /// <param name="model">The model. It stays the caller's.</param>
    /// <param name="config">The dictionary that will read the rows; it knows its hook points.</param>
    /// <param name="prompts">Batches of prompts, read as they are needed.</param>
    /// <param name="options">Buffer, excluded tokens, seed.</param>
    /// <exception cref="ArgumentException">The dictionary knows no hook point, or the model does not have it.</exception>
    public ActivationStream(HookedTransformer model, DictionaryConfig config, IEnumerable<RunInput> prompts, ActivationStreamOptions? options = null)
    {
        (this.model, this.prompts, this.options) = (model, prompts, options ?? ActivationStreamOptions.Default);
        (input, output) = (Known(config.Input), Known(config.Output));
        _ = HookBinding.Names(model, input);
        _ = HookBinding.Names(model, output);
        ArgumentOutOfRangeException.ThrowIfLessThan(this.options.BufferRows, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(this.options.CheckpointEvery, 1, nameof(options));
    }

    /// <summary>Batches of rows, until the prompts end; the last rows that fill no batch are dropped.</summary>
    /// <param name="rows">Rows of a batch.</param>
    /// <param name="cancellation">Ends it between two runs.</param>
    /// <returns>Each batch belongs to the caller.</returns>
    public IEnumerable<ActivationBatch> Batches(int rows, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        using var buffer = new ShuffleBuffer(Math.Max(options.BufferRows, 2 * rows), (ulong)options.Seed);
        foreach (var prompt in prompts)
        {
            buffer.Add(Activations(prompt, cancellation));
            if (!buffer.IsFull)
                continue;
            foreach (var batch in buffer.Serve(rows, keepHalf: true))
                yield return Split(batch);
        }
        foreach (var batch in buffer.Serve(rows, keepHalf: false))
            yield return Split(batch);
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

    private Tensor Activations(RunInput prompt, CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        using var run = model.On(prompt).Capture(input == output ? [input] : [input, output]).WithoutLogits().Run(cancellation);
        var rows = Rows(run[input], prompt, options.Without);
        return (input == output ? rows : cat([rows, Rows(run[output], prompt, options.Without)], 1)).MoveToOuterDisposeScope(); // [rows, d_in (+ d_out)]
    }

    private ActivationBatch Split(Tensor rows)
    {
        if (input == output)
            return new ActivationBatch(rows, rows);
        var dIn = width ??= Width();
        using (rows)
            return new ActivationBatch(rows.narrow(1, 0, dIn).contiguous().DetachFromDisposeScope(), rows.narrow(1, dIn, rows.shape[1] - dIn).contiguous().DetachFromDisposeScope());
    }

    private long? width;

    private long Width() => input.Site.Axes.Skip(2).Select(axis => CaptureSize.AxisLength(model, prompts.First(), 0, axis)).Aggregate(1L, (a, b) => a * b);
}
