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
    /// <exception cref="InvalidOperationException">A TopK or BatchTopK rule that does not rescale would choose other latents (unless all lengths are one already).</exception>
    public SparseDictionary FoldDecoderNorms()
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var norms = DecoderNorms(); // [width]
        if (Config.Activation.FixesSparsity && !Config.RescaleByDecoderNorm && (norms - 1).abs().max().ToDouble() > 1e-5)
            throw new InvalidOperationException(
                $"Folding decoder norms would change which latents a {Config.Activation.Name} rule chooses. Train with RescaleByDecoderNorm, or leave the norms.");
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

    /// <summary>The same dictionary as it is used after training: no rescaling, plain thresholds, BatchTopK as JumpReLU.</summary>
    /// <remarks>This is what SAELens saves from its training classes.</remarks>
    /// <returns>A new dictionary, which the caller disposes.</returns>
    /// <exception cref="InvalidOperationException">A BatchTopK threshold is not known yet.</exception>
    public SparseDictionary ForInference()
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var plain = Config.RescaleByDecoderNorm ? FoldDecoderNorms() : To();
        var thresholds = Config.Activation switch
        {
            BatchTopKLatents => full([Width], BatchThreshold
                ?? throw new InvalidOperationException("The BatchTopK threshold is not known yet: train the dictionary first."), dtype: Dtype, device: Device),
            JumpReluLatents { InLogSpace: true } jump => jump.Thresholds(plain.Weights.Latent[JumpReluLatents.LogThreshold]),
            _ => null,
        };
        if (thresholds is null)
            return plain;
        var w = plain.Weights;
        var activation = Config.Activation is JumpReluLatents kind ? kind with { InLogSpace = false } : new JumpReluLatents();
        return new SparseDictionary(plain.Config with { Activation = activation }, new DictionaryWeights
        {
            Encoder = w.Encoder, EncoderBias = w.EncoderBias, Decoder = w.Decoder, DecoderBias = w.DecoderBias, Skip = w.Skip,
            Latent = new Dictionary<string, Tensor> { [JumpReluLatents.Threshold] = thresholds.DetachFromDisposeScope() },
        }, null);
    }
}
