namespace Interp;

using Interp.Extending;
using TorchSharp;
using static TorchSharp.torch;

/// <content>The two ends of the residual stream: embedding and unembedding.</content>
public sealed partial class HookedTransformer
{
    /// <summary>The residual stream before the first block.</summary>
    /// <param name="run">The pass in progress.</param>
    /// <param name="tokens">[batch, pos].</param>
    /// <returns>[batch, pos, d_model].</returns>
    public Tensor Embed(ForwardContext run, Tensor tokens)
    {
        using var scope = NewDisposeScope();
        return AddPositions(run, Normed(run, run.Widened(Rows(Weights.Embedding, tokens)))).MoveToOuterDisposeScope();
    }

    /// <summary>The residual stream before the first block, from continuous inputs in place of token embeddings.</summary>
    /// <param name="run">The pass in progress.</param>
    /// <param name="embeddings">[batch, pos, d_model].</param>
    /// <returns>[batch, pos, d_model].</returns>
    public Tensor EmbedContinuous(ForwardContext run, Tensor embeddings)
    {
        using var scope = NewDisposeScope();
        return AddPositions(run, Normed(run, embeddings)).MoveToOuterDisposeScope();
    }

    /// <summary>Logits from the residual stream after the last block.</summary>
    /// <param name="run">The pass in progress.</param>
    /// <param name="x">[batch, pos, d_model].</param>
    /// <returns>[batch, pos, d_vocab].</returns>
    public Tensor Unembed(ForwardContext run, Tensor x)
    {
        using var scope = NewDisposeScope();
        var normed = run.Emit(Interp.Sites.UnembedIn, -1, FinalNorm.Forward(run, -1, x));
        return run.Emit(Interp.Sites.UnembedOut, -1, SoftCapped(Attention.Affine(normed, Weights.Unembedding, Weights.UnembeddingBias))).MoveToOuterDisposeScope();
    }

    /// <summary>The soft cap on logits, where the model has one.</summary>
    internal Tensor SoftCapped(Tensor logits) =>
        Config.LogitSoftCap > 0 ? (logits / Config.LogitSoftCap).tanh() * Config.LogitSoftCap : logits;

    /// <summary>What the positional embedding adds at the given places, [batch or 1, pos, d_model]; zero at padding.</summary>
    internal Tensor PositionalEmbedding(ForwardContext run)
    {
        if (run.PositionIds is null)
            return Weights.Positions!.narrow(0, run.PastLength, run.Positions).unsqueeze(0); // [1, pos, d_model]
        var rows = Rows(Weights.Positions!, run.PositionIds); // [batch, pos, d_model]
        return run.TokenMask is null ? rows : rows * run.TokenMask.narrow(1, run.PastLength, run.Positions).unsqueeze(-1).to(rows.dtype);
    }

    // Rows of a table, [batch, pos, d_model].
    private static Tensor Rows(Tensor table, Tensor ids) => table.index_select(0, ids.flatten()).view(ids.shape[0], ids.shape[1], table.shape[1]);

    private Tensor Normed(ForwardContext run, Tensor embedded) => EmbeddingNorm?.Forward(run, -1, embedded) ?? embedded;

    private Tensor AddPositions(ForwardContext run, Tensor embedded)
    {
        var x = run.Emit(Interp.Sites.Embed, -1, embedded);
        if (Weights.Positions is null)
            return x;
        var positional = PositionalEmbedding(run);
        if (run.Hears(Interp.Sites.PosEmbed, -1))
            positional = run.Emit(Interp.Sites.PosEmbed, -1, positional.expand(x.shape[0], -1, -1));
        if (Config.Positions != PositionKind.Shortformer)
            return x + positional;
        run.ShortformerPositions = positional.MoveToOuterDisposeScope();
        return x;
    }
}
