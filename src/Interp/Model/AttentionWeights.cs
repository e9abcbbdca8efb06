namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>The weights of an attention layer, fused for the forward pass; the per-head matrices are views.</summary>
/// <remarks>H query heads, K key-value heads, d_head wide. Columns of <see cref="Qkv"/>: H·d_head for queries, then K·d_head for keys, then K·d_head for values.</remarks>
public sealed class AttentionWeights : WeightGroup
{
    /// <summary>Query, key and value matrices side by side, [d_model, (H + 2K)·d_head].</summary>
    public required Tensor Qkv { get; init; }

    /// <summary>Their biases, [(H + 2K)·d_head], or none.</summary>
    public Tensor? QkvBias { get; init; }

    /// <summary>Output matrix, [H·d_head, d_model].</summary>
    public required Tensor Output { get; init; }

    /// <summary>Output bias, [d_model], or none.</summary>
    public Tensor? OutputBias { get; init; }

    /// <summary>Gain of the norm over queries, [d_head] or [head, d_head], or none.</summary>
    public Tensor? QueryNorm { get; init; }

    /// <summary>Gain of the norm over keys, [d_head] or [kv_head, d_head], or none.</summary>
    public Tensor? KeyNorm { get; init; }

    /// <summary>Builds the fused matrices from per-head ones (TransformerLens's layout). The arguments stay the caller's.</summary>
    /// <param name="wq">[H, d_model, d_head].</param>
    /// <param name="wk">[K, d_model, d_head].</param>
    /// <param name="wv">[K, d_model, d_head].</param>
    /// <param name="wo">[H, d_head, d_model].</param>
    /// <param name="bq">[H, d_head] or null.</param>
    /// <param name="bk">[K, d_head] or null.</param>
    /// <param name="bv">[K, d_head] or null.</param>
    /// <param name="bo">[d_model] or null.</param>
    /// <param name="queryNorm">[d_head] or null.</param>
    /// <param name="keyNorm">[d_head] or null.</param>
    /// <exception cref="ArgumentException">Shapes that do not fit together.</exception>
    public static AttentionWeights FromHeads(
        Tensor wq, Tensor wk, Tensor wv, Tensor wo, Tensor? bq = null, Tensor? bk = null, Tensor? bv = null, Tensor? bo = null,
        Tensor? queryNorm = null, Tensor? keyNorm = null)
    {
        new Shape().Bind(wq, "head d_model d_head", "W_Q").Bind(wk, "kv_head d_model d_head", "W_K")
            .Bind(wv, "kv_head d_model d_head", "W_V").Bind(wo, "head d_head d_model", "W_O");
        using var scope = NewDisposeScope();
        var bias = bq is null && bk is null && bv is null
            ? null
            : cat([Flat(bq, wq), Flat(bk, wk), Flat(bv, wv)], 0).MoveToOuterDisposeScope();
        return new AttentionWeights
        {
            Qkv = cat([Columns(wq), Columns(wk), Columns(wv)], 1).MoveToOuterDisposeScope(),
            QkvBias = bias,
            Output = wo.reshape(wo.shape[0] * wo.shape[1], wo.shape[2]).clone().MoveToOuterDisposeScope(),
            OutputBias = bo?.clone().MoveToOuterDisposeScope(),
            QueryNorm = queryNorm?.clone().MoveToOuterDisposeScope(),
            KeyNorm = keyNorm?.clone().MoveToOuterDisposeScope(),
        };
    }

    /// <inheritdoc/>
    public override IEnumerable<(string Name, Tensor Tensor)> Tensors() =>
        Present(("W_QKV", Qkv), ("b_QKV", QkvBias), ("W_O", Output), ("b_O", OutputBias), ("q_norm.w", QueryNorm), ("k_norm.w", KeyNorm));

    /// <summary>The same group with every tensor mapped.</summary>
    public AttentionWeights Map(Func<Tensor, Tensor> map) => new()
    {
        Qkv = map(Qkv), QkvBias = Map(QkvBias, map), Output = map(Output), OutputBias = Map(OutputBias, map),
        QueryNorm = Map(QueryNorm, map), KeyNorm = Map(KeyNorm, map),
    };

    // [head, d_model, d_head] to [d_model, head * d_head]
    private static Tensor Columns(Tensor w) => w.permute(1, 0, 2).reshape(w.shape[1], w.shape[0] * w.shape[2]);

    private static Tensor Flat(Tensor? bias, Tensor w) =>
        bias is null ? zeros([w.shape[0] * w.shape[2]], dtype: w.dtype, device: w.device) : bias.reshape(w.shape[0] * w.shape[2]);
}
