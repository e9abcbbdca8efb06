namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <content>Decompositions down to neurons, and what can be done with a stack.</content>
public static partial class DecompositionExtensions
{
    /// <summary>What each neuron wrote, activation times its row of W_out: <c>L0N0</c>, <c>L0N1</c>, ...</summary>
    /// <param name="cache">A cache with <c>MlpPost</c>; for the remainder also the stream at the end.</param>
    /// <param name="layer">Only layers before this one; null: all.</param>
    /// <param name="neurons">Which neurons of each layer.</param>
    /// <param name="includeRemainder">Whether a last row <c>remainder</c> holds what is in the stream beyond these neurons.</param>
    /// <param name="norm">The norm of the reader at <paramref name="layer"/>, applied to every row.</param>
    /// <param name="projectOnto">Directions to read instead of keeping whole rows, [d_model, direction]; saves d_model / directions of the memory.</param>
    /// <param name="positions">Where.</param>
    /// <returns>The rows, which the caller disposes.</returns>
    /// <exception cref="KeyNotFoundException">An activation was not captured.</exception>
    /// <exception cref="ArgumentException">Rows with recomputed statistics cannot be projected part by part.</exception>
    public static ResidualStack StackNeuronResults(
        this ActivationCache cache, Index? layer = null, Indices neurons = default, bool includeRemainder = false, RowNorm norm = RowNorm.None,
        Tensor? projectOnto = null, Indices positions = default)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var (end, reader) = Reader(cache, layer, false);
        var builder = new StackBuilder(cache, reader, norm, positions, projectOnto);
        for (var l = 0; l < end; l++)
            if (cache.Model.Blocks[l].Mlp is not null)
                builder.AddNeurons(l, neurons);
        if (includeRemainder)
            builder.AddRemainder(StreamBefore(end));
        return builder.Build();
    }

    /// <summary>What each neuron of a layer wrote, activation times its row of W_out.</summary>
    /// <param name="cache">A cache with <c>MlpPost</c>.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="neurons">Which neurons.</param>
    /// <param name="projectOnto">Directions to read instead of keeping whole rows, [d_model, direction].</param>
    /// <param name="positions">Where.</param>
    /// <returns>[batch, pos, neuron, d_model or direction], which the caller disposes.</returns>
    /// <exception cref="KeyNotFoundException"><c>MlpPost</c> was not captured.</exception>
    public static Tensor NeuronResults(
        this ActivationCache cache, Index layer, Indices neurons = default, Tensor? projectOnto = null, Indices positions = default)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var builder = new StackBuilder(cache, Reader(cache, null, false).Norm, RowNorm.None, positions, projectOnto);
        builder.AddNeurons(LayerOf(cache.Model, layer), neurons);
        using var rows = builder.Build();
        return rows.Values.permute(1, 2, 0, 3).contiguous().MoveToOuterDisposeScope();
    }

    /// <summary>Everything that was written: heads, neurons (or <c>0_mlp_out</c>, ...), <c>embed</c>, <c>pos_embed</c>, <c>bias</c>.</summary>
    /// <remarks>
    /// The rows sum to the residual stream; on models with norms behind the sublayers if heads and neurons are taken through these, by the
    /// statistics that they had in the run.
    /// </remarks>
    /// <param name="cache">A cache with <c>Z</c>, <c>MlpPost</c> (or <c>MlpOut</c>), <c>Embed</c> and <c>PosEmbed</c>.</param>
    /// <param name="layer">Only layers before this one; null: all.</param>
    /// <param name="mlpInput">Whether the heads of <paramref name="layer"/> itself have rows.</param>
    /// <param name="expandNeurons">Whether each neuron has a row; else each MLP has one, its bias included.</param>
    /// <param name="norm">The norm of the reader at <paramref name="layer"/>, applied to every row.</param>
    /// <param name="projectOnto">Directions to read instead of keeping whole rows, [d_model, direction]; saves d_model / directions of the memory.</param>
    /// <param name="positions">Where.</param>
    /// <param name="throughPostNorms">Whether heads, neurons and biases pass the norm behind their sublayer, where the model has one; TransformerLens shows them before it.</param>
    /// <returns>The rows, which the caller disposes.</returns>
    /// <exception cref="KeyNotFoundException">An activation was not captured.</exception>
    /// <exception cref="NotSupportedException">The model normalises the residual stream itself.</exception>
    /// <exception cref="ArgumentException">Rows with recomputed statistics cannot be projected part by part.</exception>
    public static ResidualStack FullDecomposition(
        this ActivationCache cache, Index? layer = null, bool mlpInput = false, bool expandNeurons = true, RowNorm norm = RowNorm.None,
        Tensor? projectOnto = null, Indices positions = default, bool throughPostNorms = false)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        RefuseSumNorms(cache.Model);
        var (end, reader) = Reader(cache, layer, mlpInput);
        var builder = new StackBuilder(cache, reader, norm, positions, projectOnto);
        for (var l = 0; l < (mlpInput ? end + 1 : end); l++)
            builder.AddHeads(l, Writer(l, false));
        for (var l = 0; l < end; l++)
            if (cache.Model.Blocks[l].Mlp is not null && expandNeurons)
                builder.AddNeurons(l, Indices.All, Writer(l, true));
            else if (cache.Model.Blocks[l].Mlp is not null)
                builder.Add(new HookName(Sites.MlpOut, l), $"{l}_mlp_out");
        AddEmbeddings(builder, cache.Model);
        if (throughPostNorms && cache.Model.Config.PostNorms)
            builder.AddConstant(WriterNorm.Biases(cache, end, mlpInput, includeMlp: expandNeurons, positions), "bias");
        else
            builder.AddConstant(cache.Model.AccumulatedBias(end, mlpInput, includeMlp: expandNeurons), "bias");
        return builder.Build();

        WriterNorm? Writer(int l, bool mlp) => throughPostNorms ? WriterNorm.Of(cache, l, mlp) : null;
    }

    /// <summary>Applies the norm of a reader to the rows of a stack.</summary>
    /// <param name="stack">Rows without a norm.</param>
    /// <param name="norm">How: by the scale of the run, or by each row's own.</param>
    /// <param name="layer">The reader's layer; null: the unembedding.</param>
    /// <param name="mlpInput">Whether the reader is the layer's MLP.</param>
    /// <returns>New rows, which the caller disposes.</returns>
    /// <exception cref="InvalidOperationException">A norm has been applied already.</exception>
    /// <exception cref="KeyNotFoundException">Neither the norm's scale nor the stream it is computed from was captured.</exception>
    public static ResidualStack ApplyNorm(this ResidualStack stack, RowNorm norm = RowNorm.CachedScale, Index? layer = null, bool mlpInput = false)
    {
        if (stack.Norm != RowNorm.None)
            throw new InvalidOperationException($"The rows have had a norm applied ({stack.Norm}): start from rows without one.");
        Shape.Check(stack.Values, $"component batch pos {stack.Cache.Model.Config.DModel}", "the stack");
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var normed = Reader(stack.Cache, layer, mlpInput).Norm.Apply(stack.Values, norm, stack.Positions);
        var own = ReferenceEquals(normed, stack.Values) ? normed.clone() : normed;
        return new ResidualStack(stack.Cache, own.DetachFromDisposeScope(), stack.Labels, norm, stack.Positions);
    }
}
