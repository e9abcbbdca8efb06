namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>Features moved in a model that no dictionary is spliced into: everything that the dictionary does not explain stays.</summary>
/// <remarks>
/// The activation becomes x + dec(f') - dec(f), with f the latents of x and f' the changed ones. It is what a splice with error term does when
/// the same latents are edited. Edits live on during generation.
/// </remarks>
public static class FeatureEdits
{
    /// <summary>Adds to a feature, whatever it is: moves the activation along the feature's direction.</summary>
    /// <param name="plan">What runs.</param>
    /// <param name="dictionary">An autoencoder that knows its hook point. It stays the caller's and must live until the run is over.</param>
    /// <param name="feature">Which latent.</param>
    /// <param name="strength">How much is added to the latent, in its own units.</param>
    /// <param name="positions">Where; all positions by default.</param>
    /// <exception cref="ArgumentException">The dictionary knows no hook point, is a transcoder, or was made for other weights.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The dictionary has no such latent.</exception>
    public static RunPlan SteerFeature(this RunPlan plan, SparseDictionary dictionary, int feature, double strength, Indices positions = default) =>
        Edited(plan, dictionary, feature, positions, $"feature {feature} + {strength}", latent => latent + strength);

    /// <summary>Holds a feature at a value (Templeton et al. 2024); 0 takes it out.</summary>
    /// <param name="plan">What runs.</param>
    /// <param name="dictionary">An autoencoder that knows its hook point. It stays the caller's and must live until the run is over.</param>
    /// <param name="feature">Which latent.</param>
    /// <param name="value">The latent's value, in its own units.</param>
    /// <param name="positions">Where; all positions by default.</param>
    /// <exception cref="ArgumentException">The dictionary knows no hook point, is a transcoder, or was made for other weights.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The dictionary has no such latent.</exception>
    public static RunPlan ClampFeature(this RunPlan plan, SparseDictionary dictionary, int feature, double value, Indices positions = default) =>
        Edited(plan, dictionary, feature, positions, $"feature {feature} = {value}", latent => full_like(latent, value));

    /// <summary>A feature's direction in the activation that the dictionary gives back: what one unit of the latent adds.</summary>
    /// <param name="dictionary">The dictionary.</param>
    /// <param name="feature">Which latent.</param>
    /// <returns>[d_out], before a row's normalisation is undone; the caller disposes it.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The dictionary has no such latent.</exception>
    public static Tensor Direction(this SparseDictionary dictionary, int feature)
    {
        Check(dictionary, feature);
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var row = dictionary.Weights.Decoder[feature]; // [d_out]
        return (dictionary.Config.RescaleByDecoderNorm ? row / row.norm() : row.clone()).MoveToOuterDisposeScope();
    }

    private static RunPlan Edited(RunPlan plan, SparseDictionary dictionary, int feature, Indices positions, string name, Func<Tensor, Tensor> change)
    {
        ArgumentNullException.ThrowIfNull(plan);
        Check(dictionary, feature);
        var at = ActivationStream.AutoencoderSite(dictionary.Config);
        SplicingExtensions.CheckModel(plan.Model, dictionary);
        var unit = ((Unit)at).At(positions);
        return plan.Intervene(unit, Interventions.Apply(x => Moved(x, at.Site, dictionary, feature, change), name));
    }

    // A single position comes without its axis, heads come as two axes.
    private static Tensor Moved(Tensor x, Site site, SparseDictionary dictionary, int feature, Func<Tensor, Tensor> change)
    {
        using var scope = NewDisposeScope();
        var own = site.Axes.Length - 2; // axes that the dictionary reads as one
        var flat = x.flatten(x.dim() - own, x.dim() - 1).to(dictionary.Dtype); // [batch, .., d]
        var latents = dictionary.Encode(flat);
        var changed = latents.clone();
        changed.select(-1, feature).copy_(change(latents.select(-1, feature)));
        var moved = dictionary.DecodeFor(flat, changed) - dictionary.DecodeFor(flat, latents);
        return (x + moved.to(x.dtype).view(x.shape)).MoveToOuterDisposeScope();
    }

    private static void Check(SparseDictionary dictionary, int feature)
    {
        ArgumentNullException.ThrowIfNull(dictionary);
        if (feature < 0 || feature >= dictionary.Width)
            throw new ArgumentOutOfRangeException(nameof(feature), feature, $"The dictionary has the features 0 to {dictionary.Width - 1}.");
    }
}
