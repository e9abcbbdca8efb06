namespace Interp;

using Interp.Extending;
using TorchSharp;
using static TorchSharp.torch;

/// <content>Attention of patches that carry different numbers of positions.</content>
internal sealed partial class RaggedPass
{
    // On the CPU the products of a batch are made one by one: patches side by side, each blind to the others, make fewer and larger ones.
    private const long PositionsSideBySide = 48;

    private void Attend(Block block, int layer, bool last)
    {
        using var scope = NewDisposeScope();
        var attention = (Attention)block.Attention;
        var normed = block.Norm1.Forward(silent, layer, packed.unsqueeze(0)); // [1, tokens, d_model]
        if (last && CanAbsorb)
        {
            AttendAtLast(block, layer, normed.squeeze(0));
            return;
        }
        var (queries, keys, values) = attention.Project(normed, normed, normed); // [1, tokens, head, d_head]
        var mixed = queries.new_empty([segments.Sum(s => s.Cells.Count * (last ? 1 : s.Positions)) * prompts, queries.shape[2], queries.shape[3]]);
        List<Tensor> streams = [];
        var (offset, written) = (0L, 0L);
        foreach (var segment in segments)
        {
            var (tokens, count) = (segment.Tokens(prompts), segment.Cells.Count * prompts * (last ? 1 : segment.Positions));
            Tensor Part(Tensor t) => t.squeeze(0).narrow(0, offset, tokens); // [tokens, head, d_head]
            var z = mixed.narrow(0, written, count);
            if (ReadsShared)
                MixShared(attention, layer, segment.Start, segment.Positions, Part(queries), Part(keys), Part(values), z, last);
            else
                Mix(attention, layer, segment, Part(queries), Part(keys), Part(values), z, last);
            if (last)
                streams.Add(LastOf(packed.narrow(0, offset, tokens), segment));
            (offset, written) = (offset + tokens, written + count);
        }
        Attended(block, layer, last ? cat(streams, 0) : packed, mixed, last);
    }

    // What attention mixed, [tokens, head, d_head], is added to the stream, [tokens, d_model], in place.
    private void Attended(Block block, int layer, Tensor stream, Tensor mixed, bool last)
    {
        var beside = block.Parallel ? block.MlpPart(silent, layer, stream.unsqueeze(0)).squeeze(0) : null;
        Write(block, layer, mixed, stream);
        if (beside is not null)
            stream.add_(beside);
        if (last)
            segments.ForEach(s => s.Positions = 1);
        if (!ReferenceEquals(stream, packed))
            Replace(stream);
    }

    // Adds what z, [tokens, head, d_head], comes to behind W_O, onto [tokens, d_model].
    private Tensor Write(Block block, int layer, Tensor mixed, Tensor stream)
    {
        var weights = ((Attention)block.Attention).Weights;
        if (block.PostNorm1 is not null)
            return stream.add_(block.PostNorm1.Forward(silent, layer, Attention.Affine(mixed.flatten(1), weights.Output, weights.OutputBias).unsqueeze(0)).squeeze(0));
        if (weights.OutputBias is not null)
            stream.add_(weights.OutputBias);
        return stream.addmm_(mixed.flatten(1), weights.Output);
    }

    // One segment, in groups of patches that stand side by side; what does not fill a group comes by itself.
    private void Mix(Attention attention, int layer, Segment segment, Tensor q, Tensor k, Tensor v, Tensor mixed, bool last)
    {
        long cells = segment.Cells.Count, side = last || q.device_type != DeviceType.CPU ? 1 : Math.Clamp(PositionsSideBySide / segment.Positions, 1, cells);
        foreach (var (first, groups, group) in new[] { (0L, cells / side, side), (cells / side * side, 1L, cells % side) })
        {
            if (groups == 0 || group == 0)
                continue;
            using var scope = NewDisposeScope();
            Tensor Cells(Tensor t, long positions) =>
                t.narrow(0, first * prompts * positions, groups * group * prompts * positions).view(groups, group, prompts, positions, t.shape[1], t.shape[2]);
            var z = Mixed(attention, layer, segment, Cells(q, segment.Positions), Cells(k, segment.Positions), Cells(v, segment.Positions), last);
            Cells(mixed, last ? 1 : segment.Positions).copy_(z);
        }
    }

    // Queries, keys and values [groups, group, prompt, pos, head, d_head] to z of the same axes; each patch also sees the base's earlier positions.
    private Tensor Mixed(Attention attention, int layer, Segment segment, Tensor q, Tensor k, Tensor v, bool last)
    {
        var (groups, group, positions) = (q.shape[0], q.shape[1], segment.Positions);
        var first = segment.Start + (last ? positions - 1 : 0);
        if (last)
            q = q.narrow(3, positions - 1, 1);
        var queries = q.shape[3];
        var (placedQ, placedK) = attention.Placed(silent, layer, q.flatten(0, 2), first, k.flatten(0, 2), segment.Start); // [rows, pos, head, d_head]
        q = placedQ.unflatten(0, [groups, group, prompts]).transpose(1, 2).flatten(2, 3).flatten(0, 1); // [groups * prompt, group * query, head, d_head]
        k = SideBySide(attention.Rotary is null ? Sites.K : Sites.RotK, layer, segment, placedK.unflatten(0, [groups, group, prompts]));
        v = SideBySide(Sites.V, layer, segment, v);
        var bias = silent.AttentionBias(layer, q)!.narrow(2, first, queries); // [1, 1 or head, query, key]
        var pattern = Attention.Softmax(attention.Scores(q, k, group == 1 ? bias : Apart(bias, group, segment.Start)), null);
        return attention.Weighted(pattern, v).unflatten(1, [group, queries]).unflatten(0, [groups, prompts]).transpose(1, 2);
    }

    // The base's positions before the segment, then each patch's own, [groups * prompt, start + group * pos, head, d_head].
    private Tensor SideBySide(Site site, int layer, Segment segment, Tensor t)
    {
        var (groups, group, positions, heads, width) = (t.shape[0], t.shape[1], t.shape[3], t.shape[4], t.shape[5]);
        var all = t.new_empty([groups, prompts, segment.Start + group * positions, heads, width]);
        if (segment.Start > 0)
            all.narrow(2, 0, segment.Start).copy_(own[new HookName(site, layer)].narrow(1, 0, segment.Start));
        all.narrow(2, segment.Start, group * positions).unflatten(2, [group, positions]).copy_(t.transpose(1, 2));
        return all.flatten(0, 1);
    }

    // The mask of patches side by side: all see the shared positions as one would, and of the others' none.
    private static Tensor Apart(Tensor bias, long group, int start)
    {
        var (heads, queries, positions) = (bias.shape[1], bias.shape[2], bias.shape[3] - start);
        var one = bias.squeeze(0); // [1 or head, query, key]
        var blocks = one.new_full([heads, group, queries, group, positions], double.NegativeInfinity);
        blocks.diagonal(0, 1, 3).copy_(one.narrow(2, start, positions).unsqueeze(-1)); // [1 or head, query, pos, group]
        var shared = one.narrow(2, 0, start).unsqueeze(1).expand(-1, group, -1, -1);
        return cat([shared, blocks.flatten(3)], 3).view(1, heads, group * queries, start + group * positions);
    }

    // Patches that have changed one position of the stream: only that position's query, key and value are new, the others are the base's.
    private void JoinAttended(Block block, int layer, bool last)
    {
        using var scope = NewDisposeScope();
        var attention = (Attention)block.Attention;
        var groups = Waiting();
        var normed = block.Norm1.Forward(silent, layer, cat([.. groups.Select(g => g.Values)], 0).unsqueeze(0)); // [1, patch * prompt, d_model]
        var (queries, keys, values) = attention.Project(normed, normed, normed); // [1, patch * prompt, head, d_head]
        var counts = groups.Select(g => g.Values.shape[0] * (last ? 1 : length - g.Patches[0].Start)).ToArray();
        var mixed = queries.new_empty([counts.Sum(), queries.shape[2], queries.shape[3]]);
        List<Tensor> streams = [];
        var (first, written) = (0L, 0L);
        foreach (var ((patches, changes), count) in groups.Zip(counts))
        {
            using var part = NewDisposeScope();
            var (start, rows) = (patches[0].Start, changes.shape[0]);
            Tensor Part(Tensor t) => t.squeeze(0).narrow(0, first, rows); // [patch * prompt, head, d_head]
            var z = mixed.narrow(0, written, count);
            if (ReadsShared)
                MixShared(attention, layer, start, 1, Part(queries), Part(keys), Part(values), z, last);
            else
                MixWithOne(attention, layer, start, Part(queries), Part(keys), Part(values), z, last);
            streams.Add(WithChange(layer, start, changes, last).flatten(0, 2).MoveToOuterDisposeScope()); // [patch * prompt * pos, d_model]
            (first, written) = (first + rows, written + count);
        }
        var after = Write(block, layer, mixed, cat(streams, 0)).split(counts, 0);
        Join(groups.Select((g, i) => (g.Patches, after[i])), last);
    }

    // The base's stream with one position replaced, from there on or at the last position only, [patch, prompt, pos, d_model].
    private Tensor WithChange(int layer, int start, Tensor values, bool lastOnly)
    {
        var first = lastOnly ? length - 1 : start;
        var stream = own[new HookName(Sites.ResidPre, layer)].narrow(1, first, length - first).unsqueeze(0).repeat(values.shape[0] / prompts, 1, 1, 1);
        if (first == start)
            stream.select(2, 0).copy_(values.view(-1, prompts, values.shape[1]));
        return stream;
    }

    // z of patches with one new query, key and value, [patch * prompt, head, d_head] each; the scores of all other pairs are the base's.
    private void MixWithOne(Attention attention, int layer, int start, Tensor queries, Tensor keys, Tensor values, Tensor z, bool last)
    {
        var (q, k) = attention.Placed(silent, layer, queries.unsqueeze(1), start, keys.unsqueeze(1), start);
        Tensor Split(Tensor t) => PerHead(t).unflatten(0, [-1, prompts]); // [patch, prompt, 1, head, d_head]
        z.copy_(MixedWithOne(attention, layer, start, Split(q), Split(k), Split(values.unsqueeze(1)), last));
    }

    // [patch, prompt, 1, head, d_head] to [patch * prompt * pos, head, d_head].
    private Tensor MixedWithOne(Attention attention, int layer, int start, Tensor q, Tensor k, Tensor v, bool last)
    {
        var first = last ? length - 1 : start;
        var rows = length - first;
        var rotary = attention.Rotary is not null;
        var queries = own[new HookName(rotary ? Sites.RotQ : Sites.Q, layer)].narrow(1, first, rows); // [prompt, row, head, d_head]
        var keys = PerHead(own[new HookName(rotary ? Sites.RotK : Sites.K, layer)]).permute(0, 2, 3, 1); // [prompt, head, d_head, key]
        var values = PerHead(own[new HookName(Sites.V, layer)]); // [prompt, key, head, d_head]
        var scores = matmul(queries.transpose(1, 2), keys).unsqueeze(0).repeat(q.shape[0], 1, 1, 1, 1); // [patch, prompt, head, row, key]
        scores.select(4, start).copy_((queries * k).sum(-1).transpose(2, 3));
        if (first == start)
        {
            var row = matmul(q.squeeze(2).permute(1, 2, 0, 3), keys); // [prompt, head, patch, key]
            row.select(3, start).copy_((q * k).sum(-1).squeeze(2).permute(1, 2, 0));
            scores.select(3, 0).copy_(row.permute(2, 0, 1, 3));
        }
        var bias = silent.AttentionBias(layer, queries)!.narrow(2, first, rows); // [1, 1 or head, row, key]
        var pattern = Attention.Softmax(attention.Finished(scores.div_(Model.Config.ScoreScale), bias), null);
        var mixed = matmul(pattern.permute(1, 2, 0, 3, 4).flatten(2, 3), values.transpose(1, 2)); // [prompt, head, patch * row, d_head]
        var z = mixed.unflatten(2, [q.shape[0], rows]).permute(2, 0, 3, 1, 4); // [patch, prompt, row, head, d_head]
        var seen = pattern.select(4, start).transpose(2, 3).unsqueeze(-1); // [patch, prompt, row, head, 1]
        return (z + seen * (v - values.narrow(1, start, 1))).flatten(0, 2);
    }

    // Key-value heads repeated for each head that reads them, [.., head, d_head].
    private Tensor PerHead(Tensor t) => t.shape[^2] == Model.Config.Heads ? t : t.repeat_interleave(Model.Config.Heads / t.shape[^2], t.dim() - 2);

    private Tensor LastOf(Tensor stream, Segment segment) =>
        stream.view(segment.Cells.Count * prompts, segment.Positions, -1).select(1, segment.Positions - 1);
}
