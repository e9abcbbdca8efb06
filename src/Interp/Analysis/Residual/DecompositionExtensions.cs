namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>Takes the residual stream of a cache apart, by depth, sublayer, head and neuron.</summary>
/// <remarks>
/// Names and labels follow TransformerLens's ActivationCache. "Before layer n" (null: before the unembedding) names the reader whose input
/// is taken apart: the attention of layer n, or with <c>mlpInput</c> its MLP. Every method takes the positions at which to look (all by
/// default; they must have been captured) and the norm of that reader to apply (none by default). On models with norms behind the sublayers,
/// heads and neurons are shown before those norms and do not sum to the sublayer's output.
/// </remarks>
public static partial class DecompositionExtensions
{
    /// <summary>The residual stream at each depth, accumulated: <c>0_pre</c>, (<c>0_mid</c>,) <c>1_pre</c>, ..., <c>final_post</c>.</summary>
    /// <param name="cache">A cache with <c>ResidPre</c> and, for the end, <c>ResidPost</c> of the last layer.</param>
    /// <param name="layer">The last row is the stream before this layer; null: before the unembedding.</param>
    /// <param name="includeMid">Whether the stream between attention and MLP has rows of its own.</param>
    /// <param name="mlpInput">Whether the stream between attention and MLP of <paramref name="layer"/> is the last row.</param>
    /// <param name="norm">The norm of the reader at <paramref name="layer"/>, applied to every row.</param>
    /// <param name="positions">Where.</param>
    /// <returns>The rows, which the caller disposes.</returns>
    /// <exception cref="KeyNotFoundException">A stream was not captured.</exception>
    public static ResidualStack AccumulatedResidual(
        this ActivationCache cache, Index? layer = null, bool includeMid = false, bool mlpInput = false, RowNorm norm = RowNorm.None, Indices positions = default)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var (end, reader) = Reader(cache, layer, mlpInput);
        var builder = new StackBuilder(cache, reader, norm, positions);
        for (var l = 0; l <= end; l++)
        {
            if (l == cache.Model.Config.Layers)
            {
                builder.Add(new HookName(Sites.ResidPost, l - 1), "final_post");
                break;
            }
            builder.Add(new HookName(Sites.ResidPre, l), $"{l}_pre");
            if ((includeMid && l < end) || (mlpInput && l == end))
                builder.Add(new HookName(Sites.ResidMid, l), $"{l}_mid");
        }
        return builder.Build();
    }

    /// <summary>What each sublayer wrote: <c>embed</c>, <c>pos_embed</c>, <c>0_attn_out</c>, <c>0_mlp_out</c>, ...</summary>
    /// <remarks>With all sublayers and embeddings the rows sum to the residual stream. Shortformer positions are no part of the stream: they have no row.</remarks>
    /// <param name="cache">A cache with <c>Embed</c>, <c>PosEmbed</c>, <c>AttnOut</c> and <c>MlpOut</c>.</param>
    /// <param name="layer">Only layers before this one; null: all.</param>
    /// <param name="sublayers">Which sublayers have rows.</param>
    /// <param name="mlpInput">Whether the attention of <paramref name="layer"/> itself has a row.</param>
    /// <param name="includeEmbeddings">Whether the embeddings have rows.</param>
    /// <param name="norm">The norm of the reader at <paramref name="layer"/>, applied to every row.</param>
    /// <param name="positions">Where.</param>
    /// <returns>The rows, which the caller disposes.</returns>
    /// <exception cref="NotSupportedException">The model normalises the residual stream itself.</exception>
    /// <exception cref="KeyNotFoundException">An activation was not captured.</exception>
    public static ResidualStack DecomposeResidual(
        this ActivationCache cache, Index? layer = null, Sublayers sublayers = Sublayers.All, bool mlpInput = false, bool includeEmbeddings = true,
        RowNorm norm = RowNorm.None, Indices positions = default)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        RefuseSumNorms(cache.Model);
        var (end, reader) = Reader(cache, layer, mlpInput);
        var builder = new StackBuilder(cache, reader, norm, positions);
        if (includeEmbeddings)
            AddEmbeddings(builder, cache.Model);
        for (var l = 0; l < end; l++)
        {
            if (sublayers != Sublayers.Mlp)
                builder.Add(new HookName(Sites.AttnOut, l), $"{l}_attn_out");
            if (sublayers != Sublayers.Attention && cache.Model.Blocks[l].Mlp is not null)
                builder.Add(new HookName(Sites.MlpOut, l), $"{l}_mlp_out");
        }
        if (mlpInput && sublayers != Sublayers.Mlp)
            builder.Add(new HookName(Sites.AttnOut, end), $"{end}_attn_out");
        return builder.Build();
    }

    /// <summary>What each head wrote, z·W_O without the bias: <c>L0H0</c>, <c>L0H1</c>, ...</summary>
    /// <param name="cache">A cache with <c>Z</c>; for the remainder also the stream at the end.</param>
    /// <param name="layer">Only layers before this one; null: all.</param>
    /// <param name="includeRemainder">Whether a last row <c>remainder</c> holds what is in the stream beyond the heads.</param>
    /// <param name="norm">The norm of the reader at <paramref name="layer"/>, applied to every row.</param>
    /// <param name="positions">Where.</param>
    /// <returns>The rows, which the caller disposes.</returns>
    /// <exception cref="KeyNotFoundException">An activation was not captured.</exception>
    public static ResidualStack StackHeadResults(
        this ActivationCache cache, Index? layer = null, bool includeRemainder = false, RowNorm norm = RowNorm.None, Indices positions = default)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var (end, reader) = Reader(cache, layer, false);
        var builder = new StackBuilder(cache, reader, norm, positions);
        for (var l = 0; l < end; l++)
            builder.AddHeads(l);
        if (includeRemainder)
            builder.AddRemainder(StreamBefore(end));
        return builder.Build();
    }

    /// <summary>What each head of a layer wrote, z·W_O without the bias.</summary>
    /// <param name="cache">A cache with <c>Z</c>.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="positions">Where.</param>
    /// <returns>[batch, pos, head, d_model], which the caller disposes.</returns>
    /// <exception cref="KeyNotFoundException"><c>Z</c> was not captured.</exception>
    public static Tensor HeadResults(this ActivationCache cache, Index layer, Indices positions = default)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var l = LayerOf(cache.Model, layer);
        return StackBuilder.HeadProducts(cache, l, positions, cache.Model.WO(l)).permute(1, 2, 0, 3).MoveToOuterDisposeScope();
    }

    /// <summary>A site at every layer before a given one, in one tensor.</summary>
    /// <param name="cache">A cache with the site.</param>
    /// <param name="site">A site that blocks have, such as <c>Pattern</c>.</param>
    /// <param name="layer">Only layers before this one; null: all.</param>
    /// <returns>[layer, ..], which the caller disposes.</returns>
    /// <exception cref="KeyNotFoundException">The site was not captured at some layer.</exception>
    public static Tensor StackActivation(this ActivationCache cache, Site site, Index? layer = null)
    {
        using var noGradient = no_grad();
        return stack(Enumerable.Range(0, End(cache.Model, layer)).Select(l => cache[new HookName(site, l)]).ToArray(), 0);
    }

    private static void AddEmbeddings(StackBuilder builder, HookedTransformer model)
    {
        builder.Add(new HookName(Sites.Embed), "embed");
        if (model.Config.Positions == PositionKind.Learned)
            builder.Add(new HookName(Sites.PosEmbed), "pos_embed");
    }

    /// <exception cref="NotSupportedException">The model normalises the residual stream itself.</exception>
    internal static void RefuseSumNorms(HookedTransformer model)
    {
        if (model.Config.SumNorms)
            throw new NotSupportedException($"{model.Config.ModelName} normalises the residual stream after each addition: it is no sum of what was written to it. Patch AttnOut and MlpOut instead.");
    }

    private static (int End, ReaderNorm Norm) Reader(ActivationCache cache, Index? layer, bool mlpInput)
    {
        var end = End(cache.Model, layer);
        if (mlpInput && end == cache.Model.Config.Layers)
            throw new ArgumentException($"mlpInput means the MLP of a layer, and no layer below {end} is named.", nameof(mlpInput));
        return (end, new ReaderNorm(cache, end, mlpInput));
    }

    private static int End(HookedTransformer model, Index? layer)
    {
        var end = layer?.GetOffset(model.Config.Layers) ?? model.Config.Layers;
        return end >= 0 && end <= model.Config.Layers
            ? end
            : throw new ArgumentOutOfRangeException(nameof(layer), $"No layer {end}: {model.Config.ModelName} has {model.Config.Layers} (0-{model.Config.Layers - 1}; {model.Config.Layers} is the end).");
    }

    private static int LayerOf(HookedTransformer model, Index layer)
    {
        var offset = layer.GetOffset(model.Config.Layers);
        return offset >= 0 && offset < model.Config.Layers
            ? offset
            : throw new ArgumentOutOfRangeException(nameof(layer), $"No layer {offset}: {model.Config.ModelName} has {model.Config.Layers} (0-{model.Config.Layers - 1}).");
    }

    private static HookName StreamBefore(int layer) => layer == 0 ? new HookName(Sites.ResidPre, 0) : new HookName(Sites.ResidPost, layer - 1);
}
