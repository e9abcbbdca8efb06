namespace Interp;

using Interp.Extending;

/// <summary>The hook points that a spliced dictionary adds behind its own.</summary>
/// <remarks>Names are SAELens's: <c>blocks.2.hook_resid_post.hook_sae_acts_post</c>.</remarks>
/// <param name="site">The site where the dictionary is spliced in.</param>
[TypeFormatterSource(typeof(NotebookFormatters))]
public sealed class DictionarySites(Site site)
{
    private const string Features = "batch pos feature";

    /// <summary>Pre-activations of the latents (of a gated dictionary, of the gate), [batch, pos, feature].</summary>
    public Site Pre { get; } = Of(site, "hook_sae_acts_pre", Features);

    /// <summary>The latents, [batch, pos, feature].</summary>
    public Site Acts { get; } = Of(site, "hook_sae_acts_post", Features);

    /// <summary>The reconstruction, [batch, pos, d].</summary>
    public Site Reconstruction { get; } = Of(site, "hook_sae_recons", "batch pos d_model");

    /// <summary>What the reconstruction lacks, [batch, pos, d]; only with an error term, and no gradient flows through it.</summary>
    public Site Error { get; } = Of(site, "hook_sae_error", "batch pos d_model");

    /// <summary>What goes on through the model, [batch, pos, d].</summary>
    public Site Output { get; } = Of(site, "hook_sae_output", "batch pos d_model");

    /// <summary>Where the dictionary is spliced in.</summary>
    public override string ToString() => $"sites of a dictionary behind {site}";

    internal long? Length(Site asked, string axis, SparseDictionary dictionary) =>
        (asked == Pre || asked == Acts) && axis == "feature" ? dictionary.Width : null;

    private static Site Of(Site site, string leaf, string axes) =>
        site.PerLayer ? Site.InLayer($"{site.Leaf}.{leaf}", axes) : throw new ArgumentException($"{site} is no site of a block: dictionaries are spliced into blocks.", nameof(site));
}
