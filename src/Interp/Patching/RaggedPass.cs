namespace Interp;

using Interp.Extending;
using TorchSharp;
using static TorchSharp.torch;

/// <summary>One pass over the layers with a growing ragged batch; the algorithm is described at <see cref="RaggedPatches"/>.</summary>
internal sealed partial class RaggedPass
{
    private const long TokensPerProduct = 1024;
    private readonly Contrast contrast;
    private readonly ResidualEntry entry;
    private readonly ActivationCache own;
    private readonly ForwardContext silent;
    private readonly List<Segment> segments = [];
    private readonly long prompts;
    private readonly long length;
    private DisposeScope? home; // the scope of the whole pass
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
        home = scope;
        scope.Attach(packed);
        var byLayer = cells.ToLookup(c => c.Layer);
        var last = Model.Config.Layers - 1;
        for (var layer = cells.Min(c => c.Layer); layer <= last; layer++)
        {
            cancellation.ThrowIfCancellationRequested();
            var block = Model.Blocks[layer];
            var joining = byLayer[layer].ToArray();
            var late = entry.EntersWithOnePosition && !block.Parallel;
            if (entry.Enters == ResidualEntry.Point.Before && !late)
                Join(joining, layer, Sites.ResidPre, lastOnly: false);
            if (segments.Count > 0)
                Attend(block, layer, layer == last);
            if (late)
                JoinAttended(joining, block, layer, layer == last);
            if (entry.Enters == ResidualEntry.Point.Middle)
                Join(joining, layer, Sites.ResidMid, layer == last);
            if (segments.Count > 0 && !block.Parallel && block.Mlp is not null)
                Transform(block, layer);
            if (entry.Enters == ResidualEntry.Point.After)
                Join(joining, layer, Sites.ResidPost, layer == last);
        }
        var metrics = Contrast.Numbers(Measure());
        silent.RowsChanged();
        return InOrder(cells, metrics);
    }

    private void Replace(Tensor next)
    {
        next.MoveToOtherDisposeScope(home!);
        packed.Dispose();
        packed = next;
    }

    private void Join(PatchCell[] joining, int layer, Site stream, bool lastOnly)
    {
        if (joining.Length == 0)
            return;
        using var scope = NewDisposeScope();
        var residual = own[new HookName(stream, layer)];
        Join(joining, lastOnly, cell => LastOr(entry.Values(cell, residual), lastOnly));
    }

    // New patches stand behind the earlier ones of their start position.
    private void Join(PatchCell[] joining, bool lastOnly, Func<PatchCell, Tensor> values)
    {
        using var scope = NewDisposeScope();
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
                parts.Add(values(cell).reshape(-1, Model.Config.DModel));
                segment.Cells.Add(cell);
            }
        }
        Replace(cat(parts, 0));
    }

    // The MLP of some tokens at a time: what lies between its two products then stays in the processor's cache.
    private void Transform(Block block, int layer)
    {
        using var scope = NewDisposeScope();
        for (var first = 0L; first < packed.shape[0]; first += TokensPerProduct)
        {
            using var part = NewDisposeScope();
            var tokens = packed.narrow(0, first, Math.Min(TokensPerProduct, packed.shape[0] - first));
            tokens.add_(block.MlpPart(silent, layer, tokens.unsqueeze(0)).squeeze(0));
        }
    }

    private static Tensor LastOr(Tensor values, bool lastOnly) => lastOnly ? values.narrow(1, values.shape[1] - 1, 1) : values;

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
