namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <content>Equal dictionaries with other weights.</content>
public sealed partial class SparseDictionary
{
    /// <summary>A dictionary with the same outputs whose decoder rows have length one.</summary>
    /// <remarks>
    /// Latents are then multiplied by the old length, except where the dictionary rescales: there they stay, and rescaling is over.
    /// A rule of its own is asked to rescale its weights.
    /// </remarks>
    /// <returns>A new dictionary, which the caller disposes.</returns>
    /// <exception cref="InvalidOperationException">A TopK or BatchTopK rule that does not rescale would choose other latents.</exception>
    public SparseDictionary FoldDecoderNorms()
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        if (Config.Activation.FixesSparsity && !Config.RescaleByDecoderNorm)
            throw new InvalidOperationException(
                $"Folding decoder norms would change which latents a {Config.Activation.Name} rule chooses. Train with RescaleByDecoderNorm, or leave the norms.");
        var norms = DecoderNorms(); // [width]
        return new SparseDictionary(Config with { RescaleByDecoderNorm = false }, Weights.Map((name, weight) => name switch
        {
            "W_dec" => weight / norms.unsqueeze(-1),
            "W_enc" or "b_enc" => weight * norms,
            "b_dec" or "W_skip" => weight,
            _ when Config.RescaleByDecoderNorm => weight,
            _ => Config.Activation.Rescaled(name, weight, norms),
        }), BatchThreshold);
    }

    /// <summary>The dictionary of raw activations, from one that was trained on activations times a scale.</summary>
    /// <remarks>
    /// W_enc is multiplied, W_dec and b_dec are divided by the scale. Where the dictionary rescales, latents and with them the threshold
    /// become 1/scale as large (SAELens 6.18 forgets the threshold).
    /// </remarks>
    /// <param name="scale">What activations were multiplied by.</param>
    /// <returns>A new dictionary, which the caller disposes.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The scale is not positive.</exception>
    public SparseDictionary FoldInputScale(double scale)
    {
        if (!(scale > 0) || !double.IsFinite(scale))
            throw new ArgumentOutOfRangeException(nameof(scale), scale, "The scale of activations must be positive.");
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var factor = ones([], dtype: Dtype, device: Device) / scale;
        return new SparseDictionary(Config, Weights.Map((name, weight) => name switch
        {
            "W_enc" => weight * scale,
            "W_dec" or "b_dec" => weight / scale,
            "b_enc" or "W_skip" => weight,
            _ when Config.RescaleByDecoderNorm => Config.Activation.Rescaled(name, weight, factor),
            _ => weight,
        }), Config.RescaleByDecoderNorm ? BatchThreshold / scale : BatchThreshold);
    }

    /// <summary>A BatchTopK dictionary as the JumpReLU dictionary that it is outside training; any other as a copy.</summary>
    /// <returns>A new dictionary, which the caller disposes.</returns>
    /// <exception cref="InvalidOperationException">The threshold is not known yet.</exception>
    public SparseDictionary ForInference()
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        if (Config.Activation is not BatchTopKLatents)
            return To();
        var threshold = BatchThreshold ?? throw new InvalidOperationException("The BatchTopK threshold is not known yet: train the dictionary first.");
        var weights = Weights.Map((_, t) => t);
        var config = Config with { Activation = new JumpReluLatents() };
        return new SparseDictionary(config, new DictionaryWeights
        {
            Encoder = weights.Encoder, EncoderBias = weights.EncoderBias, Decoder = weights.Decoder, DecoderBias = weights.DecoderBias, Skip = weights.Skip,
            Latent = new Dictionary<string, Tensor>
            {
                [JumpReluLatents.Threshold] = full([Width], threshold, dtype: Dtype, device: Device).DetachFromDisposeScope(),
            },
        }, null);
    }
}
