namespace Interp;

using static TorchSharp.torch;

/// <summary>The steps of <see cref="WeightProcessor"/> on the parts of a block. Results are in the caller's dispose scope; nothing is changed in place.</summary>
internal static class BlockProcessing
{
    /// <summary>Puts a norm's gain and bias into a matrix that reads it: b += bias·W; W = gain·W; for LayerNorm W -= its mean over the inputs.</summary>
    /// <param name="matrix">[in, out].</param>
    /// <param name="bias">[out] or null.</param>
    /// <param name="norm">Gain and bias, [in].</param>
    /// <param name="centre">Whether the norm takes the mean from its input, so that the matrix's mean has no effect.</param>
    public static (Tensor Matrix, Tensor? Bias) FoldReader(Tensor matrix, Tensor? bias, NormWeights norm, bool centre)
    {
        var gain = norm.Gain.to(matrix.dtype).unsqueeze(-1); // [in, 1]
        var scaled = matrix * gain;
        if (norm.Bias is not null)
            bias = Plus(bias, Through(norm.Bias.to(matrix.dtype), matrix));
        return (centre ? MinusMean(scaled, 0) : scaled, bias);
    }

    public static AttentionWeights FoldNorm(TransformerConfig config, AttentionWeights attention, NormWeights? norm)
    {
        if (norm is null)
            return attention;
        var (qkv, bias) = FoldReader(attention.Qkv, attention.QkvBias, norm, centre: config.Norm == NormKind.LayerNorm);
        return With(attention, qkv, bias, attention.Output, attention.OutputBias);
    }

    public static MlpWeights? FoldNorm(TransformerConfig config, MlpWeights? mlp, NormWeights? norm)
    {
        if (mlp is null || norm is null)
            return mlp;
        var (matrix, bias) = FoldReader(mlp.In, mlp.InBias, norm, centre: false);
        if (config.Norm == NormKind.LayerNorm)
            matrix = config.GatedMlp ? CentreLinearBranch(matrix, config.DMlp) : MinusMean(matrix, 0);
        var (output, outputBias) = mlp.InnerNorm is null ? (mlp.Out, mlp.OutBias) : FoldReader(mlp.Out, mlp.OutBias, mlp.InnerNorm, centre: true);
        return new MlpWeights { In = matrix, InBias = bias, PostBias = mlp.PostBias, Out = output, OutBias = outputBias };
    }

    public static AttentionWeights CentreWriting(AttentionWeights attention) =>
        With(attention, attention.Qkv, attention.QkvBias, MinusMean(attention.Output, 1), Centred(attention.OutputBias));

    public static MlpWeights? CentreWriting(MlpWeights? mlp) => mlp is null ? null : new MlpWeights
    {
        In = mlp.In, InBias = mlp.InBias, PostBias = mlp.PostBias, Out = MinusMean(mlp.Out, 1), OutBias = Centred(mlp.OutBias), InnerNorm = mlp.InnerNorm,
    };

    /// <summary>b_O += sum over heads of b_V·W_O; b_V = 0. Patterns sum to one, so a value's bias reaches the output whatever the pattern.</summary>
    public static AttentionWeights FoldValueBiases(TransformerConfig config, AttentionWeights attention)
    {
        if (attention.QkvBias is null)
            return attention;
        var (before, width) = ((config.Heads + config.KvHeads) * (long)config.DHead, config.KvHeads * (long)config.DHead);
        var values = attention.QkvBias.narrow(0, before, width).view(config.KvHeads, config.DHead); // [kv_head, d_head]
        var perHead = values.repeat_interleave(config.Heads / config.KvHeads, 0).flatten(); // [head * d_head]
        var outputBias = Plus(attention.OutputBias, Through(perHead, attention.Output)); // [d_model]
        var bias = cat([attention.QkvBias.narrow(0, 0, before), zeros_like(values).flatten()], 0); // [(H + 2K) * d_head]
        return With(attention, attention.Qkv, bias, attention.Output, outputBias);
    }

    public static AttentionWeights With(AttentionWeights attention, Tensor qkv, Tensor? qkvBias, Tensor output, Tensor? outputBias) => new()
    {
        Qkv = qkv, QkvBias = qkvBias, Output = output, OutputBias = outputBias, QueryNorm = attention.QueryNorm, KeyNorm = attention.KeyNorm,
    };

    // A mean in the gate would have no effect either; TransformerLens leaves it, and so its numbers are kept.
    private static Tensor CentreLinearBranch(Tensor matrix, long hidden) =>
        cat([matrix.narrow(1, 0, hidden), MinusMean(matrix.narrow(1, hidden, hidden), 0)], 1);

    private static Tensor MinusMean(Tensor tensor, long dim) => tensor - tensor.mean([dim], keepdim: true);

    private static Tensor? Centred(Tensor? bias) => bias is null ? null : MinusMean(bias, 0);

    private static Tensor Through(Tensor vector, Tensor matrix) => mm(vector.unsqueeze(0), matrix).squeeze(0);

    private static Tensor Plus(Tensor? bias, Tensor more) => bias is null ? more : bias + more;
}
