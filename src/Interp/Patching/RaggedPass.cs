namespace Interp;

using Interp.Extending;
using TorchSharp;
using static TorchSharp.torch;

/// <summary>One pass over the layers with a growing ragged batch; the algorithm is described at <see cref="RaggedPatches"/>.</summary>
internal sealed class RaggedPass
{
    private readonly Contrast contrast;
    private readonly ResidualEntry entry;
    private readonly ActivationCache own;
    private readonly ForwardContext silent;
    private readonly List<Segment> segments = [];
    private readonly long prompts;
    private readonly long length;
    private Tensor packed; // [tokens, d_model]; segments in order, in each patch by patch, prompt by prompt, position by position

    public RaggedPass(Contrast contrast, ResidualEntry entry, ActivationCache own)
    {
        (this.contrast, this.entry, this.own) = (contrast, entry, own);
        (prompts, length) = (contrast.Base.Batch, contrast.Base.Length);
        silent = new ForwardContext(Model, new ListenerTable(Model.Config.Layers)) { Batch = prompts, Positions = length };
        packed = empty([0, Model.Config.DModel], dtype: Model.Dtype, device: Model.Device);
    }

    private HookedTransformer Model => contrast.Model;

    /// <summary>The metric of each prompt of each patch.</summary>
    public double[] Run(PatchCell[] cells, CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        scope.Attach(packed);
        var byLayer = cells.ToLookup(c => c.Layer);
        var last = Model.Config.Layers - 1;
        for (var layer = cells.Min(c => c.Layer); layer <= last; layer++)
        {
            cancellation.ThrowIfCancellationRequested();
            var block = Model.Blocks[layer];
            var joining = byLayer[layer].ToArray();
            if (entry.Enters == ResidualEntry.Point.Before)
                Join(joining, layer, Sites.ResidPre, lastOnly: false);
            if (segments.Count > 0)
                Attend(block, layer, layer == last);
            if (entry.Enters == ResidualEntry.Point.Middle)
                Join(joining, layer, Sites.ResidMid, layer == last);
            if (segments.Count > 0 && !block.Parallel && block.Mlp is not null)
                Replace(packed + block.MlpPart(silent, layer, packed.unsqueeze(0)).squeeze(0));
            if (entry.Enters == ResidualEntry.Point.After)
                Join(joining, layer, Sites.ResidPost, layer == last);
        }
        var metrics = Contrast.Numbers(Measure());
        silent.RowsChanged();
        return InOrder(cells, metrics);
    }

    private void Replace(Tensor next)
    {
        next.MoveToOuterDisposeScope();
        packed.Dispose();
        packed = next;
    }

    // New patches stand behind the earlier ones of their start position.
    private void Join(PatchCell[] joining, int layer, Site stream, bool lastOnly)
    {
        if (joining.Length == 0)
            return;
        using var scope = NewDisposeScope();
        var residual = own[new HookName(stream, layer)];
        List<Tensor> parts = [];
        var offset = 0L;
        foreach (var start in segments.Select(s => s.Start).Concat(joining.Select(entry.Start)).Distinct().Order().ToArray())
        {
            var segment = SegmentAt(start, lastOnly);
            if (segment.Cells.Count > 0)
                parts.Add(packed.narrow(0, offset, segment.Tokens(prompts)));
            offset += segment.Tokens(prompts);
            foreach (var cell in joining.Where(c => entry.Start(c) == start))
            {
                var values = entry.Values(cell, residual); // [batch, pos - start, d_model]
                parts.Add((lastOnly ? values.narrow(1, values.shape[1] - 1, 1) : values).reshape(-1, values.shape[2]));
                segment.Cells.Add(cell);
            }
        }
        Replace(cat(parts, 0));
    }

    private Segment SegmentAt(int start, bool lastOnly)
    {
        var found = segments.Find(s => s.Start == start);
        if (found is not null)
            return found;
        found = new Segment(start) { Positions = lastOnly ? 1 : length - start };
        segments.Insert(segments.TakeWhile(s => s.Start < start).Count(), found);
        return found;
    }

    private void Attend(Block block, int layer, bool last)
    {
        using var scope = NewDisposeScope();
        var attention = (Attention)block.Attention;
        var normed = block.Norm1.Forward(silent, layer, packed.unsqueeze(0)); // [1, tokens, d_model]
        var (queries, keys, values) = attention.Project(normed, normed, normed); // [1, tokens, head, d_head]
        List<Tensor> mixed = [], streams = [];
        var offset = 0L;
        foreach (var segment in segments)
        {
            var tokens = segment.Tokens(prompts);
            Tensor Part(Tensor t) => t.narrow(1, offset, tokens).reshape(segment.Cells.Count * prompts, segment.Positions, t.shape[2], t.shape[3]);
            mixed.Add(Mixed(attention, layer, segment, Part(queries), Part(keys), Part(values), last).flatten(0, 1)); // [tokens, head * d_head]
            var stream = packed.narrow(0, offset, tokens);
            streams.Add(last ? LastOf(stream, segment) : stream);
            offset += tokens;
        }
        var before = last ? cat(streams, 0) : packed; // [tokens, d_model]
        var output = Attention.Affine(cat(mixed, 0), attention.Weights.Output, attention.Weights.OutputBias);
        var after = before + (block.PostNorm1?.Forward(silent, layer, output.unsqueeze(0)).squeeze(0) ?? output);
        if (block.Parallel)
            after += block.MlpPart(silent, layer, before.unsqueeze(0)).squeeze(0);
        if (last)
            segments.ForEach(s => s.Positions = 1);
        Replace(ReferenceEquals(after, packed) ? after.clone() : after);
    }

    // Attention of one segment: its own positions see the base's keys and values before its start.
    private Tensor Mixed(Attention attention, int layer, Segment segment, Tensor q, Tensor k, Tensor v, bool last)
    {
        using var scope = NewDisposeScope();
        var own = segment.Positions;
        if (last)
            q = q.narrow(1, own - 1, 1);
        var first = segment.Start + (last ? own - 1 : 0);
        (q, k) = attention.Placed(silent, layer, q, first, k, segment.Start);
        if (segment.Start > 0)
            (k, v) = (cat([Prefix(attention.Rotary is null ? Sites.K : Sites.RotK, layer, segment), k], 1), cat([Prefix(Sites.V, layer, segment), v], 1));
        var bias = silent.AttentionBias(layer, q)?.narrow(2, first, q.shape[1]); // [1, 1, query, key]
        var pattern = Attention.Softmax(attention.Scores(q, k, bias), null);
        return attention.Weighted(pattern, v).flatten(2).MoveToOuterDisposeScope(); // [rows, query, head * d_head]
    }

    private Tensor Prefix(Site site, int layer, Segment segment) =>
        own[new HookName(site, layer)].narrow(1, 0, segment.Start).repeat(segment.Cells.Count, 1, 1, 1);

    private Tensor LastOf(Tensor stream, Segment segment) =>
        stream.view(segment.Cells.Count * prompts, segment.Positions, -1).select(1, segment.Positions - 1);

    // [patches * prompts], segments in order.
    private Tensor Measure()
    {
        using var scope = NewDisposeScope();
        var final = Model.FinalNorm.Forward(silent, -1, packed.unsqueeze(0)).squeeze(0); // [patches * prompts, d_model]
        var patches = final.shape[0] / prompts;
        if (Model.Config.LogitSoftCap == 0 && contrast.Metric.Linear(Model.Weights.Unembedding, Model.Weights.UnembeddingBias) is { } linear)
            return ((final.view(patches, prompts, -1) * linear.Directions).sum(-1) + linear.Offsets).flatten().MoveToOuterDisposeScope();
        var parts = Enumerable.Range(0, (int)patches).Select(i => contrast.Metric.PerPrompt(Logits(final.narrow(0, i * prompts, prompts)).unsqueeze(1)));
        return cat([.. parts], 0).MoveToOuterDisposeScope();
    }

    private Tensor Logits(Tensor normed) => Model.SoftCapped(Attention.Affine(normed, Model.Weights.Unembedding, Model.Weights.UnembeddingBias));

    private double[] InOrder(PatchCell[] cells, double[] metrics)
    {
        var place = segments.SelectMany(s => s.Cells).Select((cell, i) => (cell.Index, i)).ToDictionary(p => p.Index, p => p.i);
        return [.. cells.SelectMany(c => metrics.AsSpan((int)(place[c.Index] * prompts), (int)prompts).ToArray())];
    }

    private sealed class Segment(int start)
    {
        public int Start => start;

        public long Positions { get; set; }

        public List<PatchCell> Cells { get; } = [];

        public long Tokens(long prompts) => Cells.Count * prompts * Positions;
    }
}
