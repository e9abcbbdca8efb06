namespace Interp;

using Interp.Extending;
using TorchSharp;
using static TorchSharp.torch;

/// <summary>Runs a model once, with edits, variants and captures.</summary>
/// <remarks>
/// 1. Bind units to hook points. 2. Embed, or start from a given residual stream. 3. Run block by block; a variant's rows join the batch at
/// the first layer it changes, taking the base run's residual stream there. 4. Once all have joined, the base rows leave. 5. Stop after the
/// last block anybody listens to, or unembed the asked positions only. Nothing stays on the model, also when a step throws.
/// </remarks>
internal sealed class ForwardEngine
{
    private readonly RunRequest request;
    private readonly HookedTransformer model;
    private readonly HookBinding binding;
    private readonly ForwardContext context;
    private readonly List<(RowSpan Rows, int Depth)> variants = [];
    private readonly long batch;
    private long joined;
    private bool baseRows = true;

    private ForwardEngine(RunRequest request)
    {
        (this.request, model) = (request, request.Model);
        binding = new HookBinding(request);
        batch = request.Input.Batch;
        foreach (var variant in request.Variants)
        {
            var rows = new RowSpan { Count = batch };
            var depth = variant.Edits.IsEmpty ? model.Config.Layers : variant.Edits.Select(e => binding.Bind(e, rows)).Min();
            // A capture shows every variant at every layer, and shortformer positions belong to rows: then all of them run from the start.
            variants.Add((rows, request.Captures.IsEmpty && model.Config.Positions != PositionKind.Shortformer ? depth : -1));
        }
        context = new ForwardContext(model, binding.Table)
        {
            Batch = batch, Positions = request.Input.Length, PastLength = request.Cache?.Length ?? 0, Cache = request.Cache,
            Visibility = request.Visibility, Wide = request.Wide,
        };
    }

    /// <summary>Runs the request.</summary>
    public static ForwardOutcome Run(RunRequest request)
    {
        using var scope = NewDisposeScope();
        using var mode = request.Gradients ? enable_grad() : no_grad();
        using var ablations = new PreparedEdits();
        var engine = new ForwardEngine(ablations.Prepare(request));
        try
        {
            var outcome = engine.Forward();
            request.Cache?.Advance((int)engine.context.Positions, engine.context.TokenMask);
            outcome.Logits?.MoveToOuterDisposeScope();
            outcome.Residual?.MoveToOuterDisposeScope();
            outcome.Metric?.MoveToOuterDisposeScope();
            return outcome;
        }
        finally
        {
            engine.context.RowsChanged(); // frees the masks
            request.Cache?.Discard(); // what a pass that threw had computed
        }
    }

    private ForwardOutcome Forward()
    {
        CheckLength();
        CheckCache();
        SetMask();
        var last = LastBlock();
        CheckReach(last);
        var x = Join(-1, Entry()); // [rows, pos, d_model]
        for (var layer = request.StartLayer; layer < last; layer++)
        {
            request.Cancellation.ThrowIfCancellationRequested();
            x = Advance(layer, Join(layer, x));
        }
        x = InOrder(Join(model.Config.Layers, x));
        if (request.LogitsAt is not { } places || last < model.Config.Layers)
            return WithoutLogits(x, last);
        if (places.IsAll)
            return new ForwardOutcome(model.Unembed(context, x), null);
        // Whoever listens behind the last block hears every position; else only the asked ones are unembedded.
        if (HearsEnd())
            return new ForwardOutcome(AtPlaces(model.Unembed(context, x), places), null);
        var asked = AtPlaces(x, places); // [rows, place, d_model]
        return request.Readout is { } metric && variants.Count == 0 && ReadOff(asked, metric) is { } numbers
            ? new ForwardOutcome(null, null, numbers)
            : new ForwardOutcome(model.Unembed(context, asked), null);
    }

    // A metric that is linear in the logits, off the stream at its one place, [rows, 1, d_model]: two directions in place of the vocabulary.
    // [rows], or null where the metric needs logits.
    private Tensor? ReadOff(Tensor x, Metric metric)
    {
        if (model.Config.LogitSoftCap > 0 || x.shape[1] != 1)
            return null;
        using var scope = NewDisposeScope();
        if (metric.Linear(model.Weights.Unembedding, model.Weights.UnembeddingBias) is not { } linear || (linear.Directions.shape[0] != 1 && linear.Directions.shape[0] != x.shape[0]))
            return null; // a metric of another number of prompts says so itself
        var normed = model.FinalNorm.Forward(context, -1, x).squeeze(1); // [rows, d_model]
        return ((normed * linear.Directions).sum(-1) + linear.Offsets).MoveToOuterDisposeScope();
    }

    // Captures behind the last block are taken also when nobody wants logits.
    private ForwardOutcome WithoutLogits(Tensor x, int last)
    {
        if (last == model.Config.Layers && binding.LastCapture == last)
            model.Unembed(context, x).Dispose();
        return new ForwardOutcome(null, x);
    }

    private Tensor Advance(int layer, Tensor x)
    {
        using var scope = NewDisposeScope();
        var next = model.Blocks[layer].Forward(context, layer, x).MoveToOuterDisposeScope();
        if (!ReferenceEquals(next, x))
            x.Dispose(); // whoever captured it holds a handle of their own
        return next;
    }

    private void CheckLength()
    {
        var total = context.PastLength + context.Positions;
        if (total > model.Config.Context && model.Config.Positions != PositionKind.None)
            throw new ArgumentException($"The prompt has {total} tokens, {model.Config.ModelName} reads at most {model.Config.Context}. Shorten it.");
        if (request.StartLayer > 0 && model.Config.Positions == PositionKind.Shortformer)
            throw new NotSupportedException("A shortformer model adds positions to what queries and keys read in every block: it cannot start at a later layer.");
        if (request.StartLayer < 0 || request.StartLayer > model.Config.Layers)
            throw new ArgumentOutOfRangeException(nameof(request), $"No layer {request.StartLayer} to start at: there are {model.Config.Layers}.");
    }

    private void CheckCache()
    {
        if (request.Cache is not { } cache)
            return;
        if (variants.Count > 0)
            throw new NotSupportedException("Variants share a batch and a key-value cache holds one row per prompt: run them without the cache, or one plan for each.");
        if (cache.Length > 0 && cache.Batch != batch)
            throw new ArgumentException($"The key-value cache holds {cache.Batch} rows and the run reads {batch}: give it the same prompts' continuations.");
        if (!cache.Frozen && (request.StartLayer > 0 || request.StopLayer is not null))
            throw new ArgumentException("A run of some blocks would extend the key-value cache in these alone: freeze the cache (Frozen), or run every block.");
    }

    // A capture that this run passes nowhere would be missing without a word.
    private void CheckReach(int last)
    {
        foreach (var unit in request.Captures)
            if (!binding.Names(unit).Any(name => Reached(binding.Depth(name), last)))
                throw new ArgumentException(
                    $"{unit} is not reached: the run {(request.Start is null ? "" : $"starts at block {request.StartLayer} and ")}stops before block {last}. "
                    + "Capture it in a run that passes it (StartAt and StopBefore set the range).");
    }

    private bool Reached(int depth, int last) => depth < 0 ? request.Start is null
        : depth == model.Config.Layers ? last == depth
        : depth >= request.StartLayer && depth < last;

    private int LastBlock()
    {
        if (request.StopLayer is { } stop)
            return stop >= 0 && stop <= model.Config.Layers
                ? stop
                : throw new ArgumentOutOfRangeException(nameof(request), $"No layer {stop} to stop before: there are {model.Config.Layers}.");
        // Every block's keys and values go into a cache.
        var every = request.LogitsAt is not null || request.Cache is { Frozen: false };
        return every ? model.Config.Layers : Math.Min(binding.LastCapture + 1, model.Config.Layers);
    }

    private void SetMask()
    {
        var device = model.Device;
        var own = request.Input.MaskTensor(device);
        if (own is null && request.Cache?.TokenMask is null)
            return;
        var past = request.Cache is { Length: > 0 } cache ? cache.TokenMask ?? ones([batch, cache.Length], ScalarType.Int64, device) : null;
        own ??= ones([batch, context.Positions], ScalarType.Int64, device);
        context.TokenMask = past is null ? own : cat([past, own], 1); // [batch, past + pos]
        // Places count real tokens only; padding shares place 0.
        context.PositionIds = (context.TokenMask.cumsum(1) - 1).clamp_min(0).narrow(1, context.PastLength, context.Positions);
    }

    private Tensor Entry()
    {
        if (request.Start is { } start)
        {
            new Shape().Bind(start, $"{batch} {context.Positions} {model.Config.DModel}", "residual stream");
            return request.Gradients && !start.requires_grad ? start.detach().requires_grad_(true) : start.alias(); // the handle given stays the caller's
        }
        if (request.Embeddings is { } embeddings)
            return model.EmbedContinuous(context, Expanded(embeddings.alias()));
        return model.Embed(context, Expanded(request.Input.TokenTensor(model.Device)));
    }

    // Variants that act on the embedding itself have their rows from the input on: tokens [batch, pos] or embeddings [batch, pos, d_model].
    private Tensor Expanded(Tensor input)
    {
        var count = variants.Count(v => v.Depth < 0);
        if (count == 0)
            return input;
        using var scope = NewDisposeScope();
        var every = count == variants.Count;
        foreach (var (rows, _) in variants.Where(v => v.Depth < 0))
            rows.Start = (every ? 0 : batch) + batch * joined++;
        baseRows = !every;
        SetRows(every ? count : count + 1);
        long[] copies = [every ? count : count + 1, .. Enumerable.Repeat(1L, (int)input.dim() - 1)];
        return input.repeat(copies).MoveToOuterDisposeScope();
    }

    // Rows of variants whose first edit is at this depth join; when the last one has, the base rows leave.
    private Tensor Join(int depth, Tensor x)
    {
        if (variants.Count == 0 || joined == variants.Count)
            return x;
        var joining = variants.Where(v => v.Rows.Start < 0 && v.Depth <= depth).Select(v => v.Rows).ToList();
        if (joining.Count == 0)
            return x;
        using var scope = NewDisposeScope();
        var start = x.narrow(0, 0, batch); // the base run's residual stream
        var leaves = joined + joining.Count == variants.Count;
        List<Tensor> parts = [leaves ? x.narrow(0, batch, joined * batch) : x];
        parts.Add(start.repeat(joining.Count, 1, 1));
        foreach (var rows in joining)
            rows.Start = batch * (1 + joined++);
        if (leaves)
        {
            baseRows = false;
            foreach (var (rows, _) in variants)
                rows.Start -= batch;
        }
        SetRows(joined + (baseRows ? 1 : 0));
        var all = cat(parts, 0).MoveToOuterDisposeScope(); // [rows, pos, d_model]
        x.Dispose();
        return all;
    }

    // Variants joined in the order of their depth; their rows leave in the order in which they were given.
    private Tensor InOrder(Tensor x)
    {
        var rows = variants.Select(v => v.Rows).ToList();
        if (rows.Zip(rows.Skip(1)).All(pair => pair.First.Start < pair.Second.Start))
            return x;
        using var scope = NewDisposeScope();
        var ordered = cat([.. rows.Select(r => x.narrow(0, r.Start, r.Count))], 0).MoveToOuterDisposeScope();
        for (var i = 0; i < rows.Count; i++)
            rows[i].Start = i * batch;
        x.Dispose();
        return ordered;
    }

    // Called in a scope of its own within the run's.
    private void SetRows(long copies)
    {
        var earlier = context.Batch;
        context.Batch = batch * copies;
        if (earlier == context.Batch)
            return;
        context.RowsChanged();
        if (context.TokenMask is null)
            return;
        context.TokenMask = context.TokenMask.narrow(0, 0, batch).repeat(copies, 1).MoveToOuterDisposeScope();
        context.PositionIds = context.PositionIds!.narrow(0, 0, batch).repeat(copies, 1).MoveToOuterDisposeScope();
    }

    private bool HearsEnd() => model.FinalNorm.Sites.Append(Sites.UnembedIn).Append(Sites.UnembedOut).Any(site => context.Hears(site, -1));

    private Tensor AtPlaces(Tensor x, Indices places)
    {
        var part = Selection.Resolve(Sites.ResidPost.At(places), x.shape, request.Input, context.PastLength, lenient: false, complete: true)!.Read(x);
        return part.dim() == 2 ? part.unsqueeze(1) : part; // [rows, place, d_model]
    }
}
