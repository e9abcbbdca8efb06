namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>What features write to the logits directly.</summary>
public static class FeatureLogitExtensions
{
    /// <summary>Each feature's direction through the unembedding: what one unit of it would add to each logit, but for the final norm's scale.</summary>
    /// <remarks>The direction passes W_O from z and W_out from neurons, then the final norm's gain and centring, then W_U.</remarks>
    /// <param name="dictionary">A dictionary that knows its output: a site of the residual stream, z, or neurons.</param>
    /// <param name="model">The model.</param>
    /// <param name="features">Which latents; null for all.</param>
    /// <returns>[feature, d_vocab], which the caller disposes.</returns>
    /// <exception cref="NotSupportedException">The output is another site, or a norm follows it before it joins the stream.</exception>
    public static Tensor LogitWeights(this SparseDictionary dictionary, HookedTransformer model, IEnumerable<int>? features = null)
    {
        ArgumentNullException.ThrowIfNull(dictionary);
        ArgumentNullException.ThrowIfNull(model);
        SplicingExtensions.CheckModel(model, dictionary);
        var output = ActivationStream.Known(dictionary.Config.Output);
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var rows = dictionary.Weights.Decoder;
        if (features is not null)
            rows = rows.index_select(0, tensor(features.Select(f => (long)f).ToArray(), device: rows.device));
        if (dictionary.Config.RescaleByDecoderNorm)
            rows = rows / rows.norm(-1, keepdim: true);
        rows = ToStream(model, dictionary, output, rows.to(model.Dtype)); // [feature, d_model]
        if (model.FinalNorm is Norm norm)
        {
            if (norm.Centred)
                rows = rows - rows.mean([-1L], keepdim: true);
            if (norm.Weights is { } weights)
                rows = rows * weights.Gain;
        }
        return rows.matmul(model.Weights.Unembedding).MoveToOuterDisposeScope();
    }

    /// <summary>Whether the output is a site with a fixed way to the residual stream.</summary>
    internal static bool WritesToStream(this SparseDictionary dictionary, HookedTransformer model)
    {
        var site = ActivationStream.Known(dictionary.Config.Output).Site;
        var known = site == Sites.Z || (site == Sites.MlpPost && model.Config.Experts == 0) || (dictionary.Config.DOut == model.Config.DModel && site.Axes is ["batch", "pos", "d_model"]);
        return known && !(IsInner(site) && model.Config.PostNorms);
    }

    private static bool IsInner(Site site) => site == Sites.Z || site == Sites.MlpPost || site == Sites.AttnOutRaw || site == Sites.MlpOutRaw;

    private static Tensor ToStream(HookedTransformer model, SparseDictionary dictionary, HookName output, Tensor rows)
    {
        var (site, layer) = (output.Site, output.Layer);
        if (!dictionary.WritesToStream(model))
            throw new NotSupportedException(
                $"Features of {output} have no fixed direction in the residual stream of {model.Config.ModelName}: known are its own sites, outputs of attention and MLPs, z and neurons, where no norm follows them.");
        if (site == Sites.Z)
            return rows.matmul(model.WO(layer).flatten(0, 1));
        if (site == Sites.MlpPost)
            return rows.matmul(model.WOut(layer));
        return rows;
    }
}
