namespace Interp;

using Interp.Extending;
using TorchSharp;
using static TorchSharp.torch;

/// <summary>One pass over the layers with a growing ragged batch; the algorithm is described at <see cref="RaggedPatches"/>.</summary>
internal sealed partial class RaggedPass
{
    private const long TokensPerProduct = 1024;
    private readonly Contrast contrast;
    private readonly StreamEntry entry;
    private readonly ActivationCache own;
    private readonly ForwardContext silent;
    private readonly List<Segment> segments = [];
    private readonly long prompts;
    private readonly long length;
    private DisposeScope? home; // the scope of the whole pass
    private Tensor packed; // [tokens, d_model]; segments in order, in each patch by patch, prompt by prompt, position by position
    private List<StreamPatch> waiting = []; // patches whose stream has changed at one position so far
    private Tensor changed; // [waiting, prompt, d_model], their streams there

    public RaggedPass(Contrast contrast, StreamEntry entry, ActivationCache own, ForwardContext silent)
    {
        (this.contrast, this.entry, this.own, this.silent) = (contrast, entry, own, silent);
        (prompts, length) = (contrast.Base.Batch, contrast.Base.Length);
        packed = empty([0, Model.Config.DModel], dtype: Model.Dtype, device: Model.Device);
        changed = empty([0, prompts, Model.Config.DModel], dtype: Model.Dtype, device: Model.Device);
    }

    private HookedTransformer Model => contrast.Model;

    /// <summary>The metric of each prompt of each patch.</summary>
    public double[] Run(StreamPatch[] patches, CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        home = scope;
        scope.Attach(packed);
        scope.Attach(changed);
        var byLayer = patches.ToLookup(c => c.Layer);
        var last = Model.Config.Layers - 1;
        for (var layer = patches.Min(p => p.Layer); layer <= last; layer++)
        {
            cancellation.ThrowIfCancellationRequested();
            Advance(Model.Blocks[layer], layer, layer == last, byLayer[layer].ToLookup(p => p.Enters));
        }
        Join(Waiting().Select(w => (w.Patches, w.Values)), lastOnly: true); // what still waits stands at the last position
        return InOrder(patches, Contrast.Numbers(Measure()));
    }

    private void Advance(Block block, int layer, bool last, ILookup<StreamPoint, StreamPatch> arriving)
    {
        Wait(arriving[StreamPoint.Before].Where(p => p.Single), null, layer);
        if (block.Parallel)
            Join(Waiting().Select(w => (w.Patches, WithChange(layer, w.Patches[0].Start, w.Values, lastOnly: false).flatten(0, 2))), lastOnly: false);
        Join(Spread(arriving[StreamPoint.Before], lastOnly: false), lastOnly: false);
        if (segments.Count > 0)
            Attend(block, layer, last);
        if (waiting.Count > 0)
            JoinAttended(block, layer, last);
        Join(Spread(arriving[StreamPoint.Middle], last), last);
        if (!block.Parallel && block.Mlp is not null)
            Transform(block, layer, packed);
        Wait(arriving[StreamPoint.Middle].Where(p => p.Single), block, layer);
        Wait(arriving[StreamPoint.After].Where(p => p.Single), null, layer);
        Join(Spread(arriving[StreamPoint.After], last), last);
    }

    // Patches of one position; those that enter before the MLP pass it there.
    private void Wait(IEnumerable<StreamPatch> patches, Block? before, int layer)
    {
        var entering = patches.ToArray();
        if (entering.Length == 0)
            return;
        using var scope = NewDisposeScope();
        var values = stack(entering.Select(p => entry.Values(p, p.Start, 1).squeeze(1)), 0); // [patch, prompt, d_model]
        if (before?.Mlp is not null)
            Transform(before, layer, values.view(-1, values.shape[2]));
        var all = waiting.Count > 0 ? cat([changed, values], 0) : values;
        waiting.AddRange(entering);
        changed.Dispose();
        changed = all.MoveToOtherDisposeScope(home!);
    }

    // The patches that wait, by start: their streams at the one changed position, [patches * prompt, d_model]. None waits behind this.
    private List<(StreamPatch[] Patches, Tensor Values)> Waiting()
    {
        List<(StreamPatch[], Tensor)> groups = [];
        foreach (var group in waiting.Select((p, i) => (Patch: p, Place: (long)i)).GroupBy(w => w.Patch.Start).OrderBy(g => g.Key))
            groups.Add(([.. group.Select(w => w.Patch)], changed.index_select(0, tensor(group.Select(w => w.Place).ToArray(), device: changed.device)).flatten(0, 1)));
        waiting = [];
        return groups;
    }

    // Patches that change several positions, by start: their rows, [patches * prompt * pos, d_model].
    private IEnumerable<(StreamPatch[] Patches, Tensor Rows)> Spread(IEnumerable<StreamPatch> patches, bool lastOnly)
    {
        foreach (var group in patches.Where(p => !p.Single).GroupBy(p => p.Start))
        {
            var (start, count) = lastOnly ? (length - 1, 1L) : (group.Key, length - group.Key);
            yield return ([.. group], cat(group.Select(p => entry.Values(p, start, count).flatten(0, 1)).ToArray(), 0));
        }
    }

    // New patches stand behind the earlier ones of their start position.
    private void Join(IEnumerable<(StreamPatch[] Patches, Tensor Rows)> joining, bool lastOnly)
    {
        using var scope = NewDisposeScope();
        var groups = joining.ToLookup(g => g.Patches[0].Start);
        if (groups.Count == 0)
            return;
        List<Tensor> parts = [];
        var offset = 0L;
        foreach (var start in segments.Select(s => s.Start).Concat(groups.Select(g => g.Key)).Distinct().Order().ToArray())
        {
            var segment = SegmentAt(start, lastOnly);
            if (segment.Cells.Count > 0)
                parts.Add(packed.narrow(0, offset, segment.Tokens(prompts)));
            offset += segment.Tokens(prompts);
            foreach (var (patches, rows) in groups[start])
            {
                parts.Add(rows);
                segment.Cells.AddRange(patches.Select(p => p.Cell));
            }
        }
        Replace(cat(parts, 0));
    }

    private void Replace(Tensor next)
    {
        next.MoveToOtherDisposeScope(home!);
        packed.Dispose();
        packed = next;
    }

    // The MLP in place, of some tokens at a time: what lies between its two products then stays in the processor's cache.
    private void Transform(Block block, int layer, Tensor rows)
    {
        using var scope = NewDisposeScope();
        for (var first = 0L; first < rows.shape[0]; first += TokensPerProduct)
        {
            using var part = NewDisposeScope();
            var tokens = rows.narrow(0, first, Math.Min(TokensPerProduct, rows.shape[0] - first));
            tokens.add_(block.MlpPart(silent, layer, tokens.unsqueeze(0)).squeeze(0));
        }
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

    private double[] InOrder(StreamPatch[] patches, double[] metrics)
    {
        var place = segments.SelectMany(s => s.Cells).Select((cell, i) => (cell.Index, i)).ToDictionary(p => p.Index, p => p.i);
        return [.. patches.SelectMany(p => metrics.AsSpan((int)(place[p.Cell.Index] * prompts), (int)prompts).ToArray())];
    }

    private sealed class Segment(int start)
    {
        public int Start => start;

        public long Positions { get; set; }

        public List<PatchCell> Cells { get; } = [];

        public long Tokens(long prompts) => Cells.Count * prompts * Positions;
    }
}
