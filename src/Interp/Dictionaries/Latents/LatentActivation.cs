namespace Interp;

using TorchSharp;

/// <summary>How a sparse dictionary makes latents from pre-activations; derive from it for a rule of your own.</summary>
/// <remarks>
/// A rule is an immutable value without tensors. Tensors it needs per latent (thresholds, a second bias) are named in
/// <see cref="OwnWeights"/>, live in <see cref="DictionaryWeights.Latent"/> and are trained with the rest.
/// </remarks>
[TypeFormatterSource(typeof(NotebookFormatters))]
public abstract record LatentActivation
{
    /// <summary>The rule's name, such as <c>topk</c>.</summary>
    public abstract string Name { get; }

    /// <summary>Whether the rule itself says how many latents are active, so that no sparsity penalty is wanted.</summary>
    public abstract bool FixesSparsity { get; }

    /// <summary>Names of the weights that the rule has per latent, each [width].</summary>
    public abstract IReadOnlyList<string> OwnWeights { get; }

    /// <summary>Rectified linear units.</summary>
    public static LatentActivation Relu { get; } = new ReluLatents();

    /// <summary>Rajamanoharan et al. 2024: one path decides which latents are active, the other how strongly.</summary>
    public static LatentActivation Gated { get; } = new GatedLatents();

    /// <summary>The k largest of each row.</summary>
    /// <param name="k">Active latents per row.</param>
    public static LatentActivation TopK(int k) => new TopKLatents(k);

    /// <summary>The k·rows largest of a whole batch; afterwards a threshold.</summary>
    /// <param name="k">Active latents per row on average.</param>
    public static LatentActivation BatchTopK(double k) => new BatchTopKLatents(k);

    /// <summary>Rajamanoharan et al. 2024: z·1[z &gt; θ] with a learned threshold per latent and straight-through gradients.</summary>
    /// <param name="bandwidth">ε of the rectangular kernel.</param>
    public static LatentActivation JumpRelu(double bandwidth = 0.05) => new JumpReluLatents { Bandwidth = bandwidth };

    /// <summary>The starting value of one of <see cref="OwnWeights"/>; the same for every latent.</summary>
    /// <param name="weight">One of <see cref="OwnWeights"/>.</param>
    public abstract double InitialValue(string weight);

    /// <summary>Latents from pre-activations.</summary>
    /// <param name="input">Pre-activations, the rule's own weights and what is known of the run.</param>
    /// <returns>Latents, [rows, width].</returns>
    public abstract DictionaryLatents Apply(LatentInput input);

    /// <summary>One of the rule's own weights when every latent is measured in units this much as large.</summary>
    /// <param name="weight">One of <see cref="OwnWeights"/>.</param>
    /// <param name="value">Its present value, [width].</param>
    /// <param name="factor">The factor, [width] or a scalar.</param>
    /// <returns>[width].</returns>
    public abstract torch.Tensor Rescaled(string weight, torch.Tensor value, torch.Tensor factor);

    /// <summary>Name and parameters: a training goes on from a checkpoint only where they are the same.</summary>
    public abstract override string ToString();
}
