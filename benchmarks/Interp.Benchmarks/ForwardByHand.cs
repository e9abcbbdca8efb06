namespace Interp.Benchmarks;

using Interp.Native;
using TorchSharp;
using static TorchSharp.torch;

/// <summary>The forward pass of GPT-2's architecture written out as torch operators, with no hook points and no library around it.</summary>
internal sealed class ForwardByHand(TransformerWeights weights, TransformerConfig config)
{
    private readonly long heads = config.Heads;
    private readonly long width = config.DHead;
    private readonly long[] norm = [config.DModel];

    /// <summary>Logits, [batch, pos, d_vocab].</summary>
    public Tensor Forward(Tensor tokens)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var (batch, positions) = (tokens.shape[0], tokens.shape[1]);
        var mask = full([positions, positions], double.NegativeInfinity).triu(1);
        var x = weights.Embedding.index_select(0, tokens.flatten()).view(batch, positions, -1) + weights.Positions!.narrow(0, 0, positions); // [batch, pos, d_model]
        foreach (var block in weights.Blocks)
            x = Block(block, x, mask, batch, positions);
        var normed = LayerNorm(x, weights.FinalNorm!).view(-1, config.DModel);
        return addmm(weights.UnembeddingBias!, normed, weights.Unembedding, 1, 1).view(batch, positions, -1).MoveToOuterDisposeScope();
    }

    private Tensor Block(BlockWeights block, Tensor x, Tensor mask, long batch, long positions)
    {
        using var scope = NewDisposeScope();
        var attention = block.Attention;
        var all = addmm(attention.QkvBias!, LayerNorm(x, block.Norm1!).view(-1, config.DModel), attention.Qkv, 1, 1).view(batch, positions, 3 * heads, width);
        var (q, k, v) = (all.narrow(2, 0, heads), all.narrow(2, heads, heads), all.narrow(2, 2 * heads, heads));
        var turned = k.transpose(1, 2).reshape(batch * heads, positions, width).transpose(1, 2); // [batch * head, d_head, key]
        var products = bmm(q.transpose(1, 2).reshape(batch * heads, positions, width), turned);
        var scores = products.view(batch, heads, positions, positions).div_(Math.Sqrt(width)).add_(mask); // [batch, head, query, key]
        var z = matmul(scores.softmax(-1), v.transpose(1, 2)).transpose(1, 2).reshape(batch * positions, heads * width);
        var mid = x + addmm(attention.OutputBias!, z, attention.Output, 1, 1).view(batch, positions, -1);
        var hidden = addmm(block.Mlp!.InBias!, LayerNorm(mid, block.Norm2!).view(-1, config.DModel), block.Mlp.In, 1, 1);
        var active = Aten.GeluTanh(hidden);
        return (mid + addmm(block.Mlp.OutBias!, active, block.Mlp.Out, 1, 1).view(batch, positions, -1)).MoveToOuterDisposeScope();
    }

    private Tensor LayerNorm(Tensor x, NormWeights weights) => nn.functional.layer_norm(x, norm, weights.Gain, weights.Bias, config.Epsilon);
}
