namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <content>The last layer's attention, which one query of each prompt reads: keys and values are never made.</content>
internal sealed partial class RaggedPass
{
    // Between the matrices of queries and keys there must stand nothing that depends on the key's place.
    private bool CanAbsorb => Model.Config is { Positions: not PositionKind.Rotary, QueryKeyNorm: false, QkvClip: 0 };

    /// <summary>
    /// q·k = (W_K q)·x + q·b_K, and the mixture of values is the mixture of x through W_V: with a query for many keys two small products
    /// take the place of a key and a value for every token.
    /// </summary>
    private void AttendAtLast(Block block, int layer, Tensor normed)
    {
        var (attention, config) = ((Attention)block.Attention, Model.Config);
        List<Tensor> tokens = [], streams = [];
        Segments((segment, offset, count) =>
        {
            tokens.Add(LastOf(normed.narrow(0, offset, count), segment));
            streams.Add(LastOf(packed.narrow(0, offset, count), segment));
        });
        var (heads, shared, width) = ((long)config.Heads, (long)config.KvHeads, (long)config.DHead);
        Tensor Weights(long first, long count) => attention.Weights.Qkv.narrow(1, first * width, count * width);
        Tensor? Bias(long first, long count) => attention.Weights.QkvBias?.narrow(0, first * width, count * width);
        Tensor PerShared(Tensor t) => t.unflatten(1, [shared, heads / shared]).transpose(0, 1).flatten(1, 2); // [kv_head, row * group, ..]
        Tensor PerRow(Tensor t) => t.unflatten(1, [-1, heads / shared]).transpose(0, 1).flatten(1, 2); // [row, head, ..]
        var queries = Attention.Affine(cat(tokens, 0), Weights(0, heads), Bias(0, heads)).unflatten(1, [heads, width]) / config.ScoreScale; // [row, head, d_head]
        var toKeys = Weights(heads, shared).unflatten(1, [shared, width]).permute(1, 2, 0); // [kv_head, d_head, d_model]
        var reading = PerRow(bmm(PerShared(queries), toKeys)); // [row, head, d_model]
        var constant = Bias(heads, shared) is { } b ? (queries * PerHead(b.view(1, shared, width))).sum(-1, keepdim: true) : null; // [row, head, 1]
        var (seen, mixed) = Seen(attention, layer, normed, queries, reading, constant);
        var fromValues = Weights(heads + shared, shared).unflatten(1, [shared, width]).transpose(0, 1); // [kv_head, d_model, d_head]
        var z = PerRow(bmm(PerShared(seen), fromValues)).add_(mixed); // [row, head, d_head]
        Attended(block, layer, cat(streams, 0), z, last: true);
    }

    // What each head sees of a patch's own tokens, [row, head, d_model], and of all values beyond that, [row, head, d_head].
    private (Tensor Seen, Tensor Mixed) Seen(Attention attention, int layer, Tensor normed, Tensor queries, Tensor reading, Tensor? constant)
    {
        var bias = silent.AttentionBias(layer, queries)!.select(2, length - 1).squeeze(0); // [1 or head, key]
        var keys = PerHead(own[new HookName(Sites.K, layer)]).permute(0, 2, 3, 1); // [prompt, head, d_head, key]
        var values = PerHead(own[new HookName(Sites.V, layer)]).transpose(1, 2); // [prompt, head, key, d_head]
        var valueBias = attention.Weights.QkvBias is { } all
            ? PerHead(all.narrow(0, all.shape[0] - (long)Model.Config.KvHeads * Model.Config.DHead, (long)Model.Config.KvHeads * Model.Config.DHead).view(1, -1, Model.Config.DHead)) : null;
        List<Tensor> seen = [], mixed = [];
        var row = 0L;
        Segments((segment, offset, count) =>
        {
            var (start, rows) = (segment.Start, segment.Cells.Count * prompts);
            var x = normed.narrow(0, offset, count).view(rows, segment.Positions, -1); // [row, pos, d_model]
            var scores = bmm(reading.narrow(0, row, rows), x.transpose(1, 2)); // [row, head, pos]
            if (constant is not null)
                scores += constant.narrow(0, row, rows);
            Tensor ByPrompt(Tensor t) => t.unflatten(0, [-1, prompts]).permute(1, 2, 0, 3); // [prompt, head, cell, ..]
            Tensor ByRow(Tensor t) => t.permute(2, 0, 1, 3).flatten(0, 1); // [row, head, ..]
            if (start > 0)
                scores = cat([ByRow(matmul(ByPrompt(queries.narrow(0, row, rows)), keys.narrow(3, 0, start))), scores], 2); // [row, head, key]
            var pattern = Attention.Softmax(attention.Finished(scores, bias), null);
            var ownPart = pattern.narrow(2, start, segment.Positions);
            seen.Add(bmm(ownPart, x));
            var rest = valueBias is null ? seen[^1].new_zeros([rows, pattern.shape[1], Model.Config.DHead]) : ownPart.sum(2, keepdim: true) * valueBias;
            if (start > 0)
                rest += ByRow(matmul(ByPrompt(pattern.narrow(2, 0, start)), values.narrow(2, 0, start)));
            mixed.Add(rest);
            row += rows;
        });
        return (cat(seen, 0), cat(mixed, 0));
    }

    private void Segments(Action<Segment, long, long> visit)
    {
        var offset = 0L;
        foreach (var segment in segments)
        {
            var count = segment.Tokens(prompts);
            visit(segment, offset, count);
            offset += count;
        }
    }
}
