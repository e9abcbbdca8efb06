namespace Interp;

/// <summary>How much of general features a dictionary has put into the latents of special ones.</summary>
/// <param name="Absorbed">
/// Mean over pairs of parent and child: in this share of the rows where both are active the parent's latent is silent, while another active
/// latent points in the parent's direction too.
/// </param>
/// <param name="MissedAlone">Mean over parents: in this share of the rows where a parent is active without a child its latent is silent.</param>
/// <param name="ParentCosine">Mean over parents of their latent's cosine with them.</param>
/// <param name="L0">Mean number of active latents in those rows.</param>
public sealed record FeatureAbsorption(double Absorbed, double MissedAlone, double ParentCosine, double L0);
