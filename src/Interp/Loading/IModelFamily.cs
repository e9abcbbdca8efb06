namespace Interp.Extending;

/// <summary>How the checkpoints of one architecture are read: its configuration, and where its weights lie.</summary>
/// <remarks>A family is stateless. Give your own to <see cref="LoadOptions.Families"/>; it is asked before the built-in ones.</remarks>
public interface IModelFamily
{
    /// <summary>The entries of <c>architectures</c> in a config.json that this family reads, as in <c>GPT2LMHeadModel</c>.</summary>
    IReadOnlyList<string> Architectures { get; }

    /// <summary>The <c>model_type</c> that decides where a config.json names no architecture, as in <c>gpt2</c>.</summary>
    string ModelType { get; }

    /// <summary>Translates the configuration.</summary>
    /// <param name="config">The model's config.json.</param>
    /// <returns>What the model is built of.</returns>
    /// <exception cref="InvalidDataException">Something is absent, wrong, or not supported.</exception>
    TransformerConfig Describe(ConfigFile config);

    /// <summary>Reads the weights into the layout of the forward pass.</summary>
    /// <param name="reader">The checkpoint, which converts and moves what it reads.</param>
    /// <param name="file">The model's config.json.</param>
    /// <param name="config">What <see cref="Describe"/> made of it.</param>
    /// <returns>All weights; they belong to the caller.</returns>
    /// <exception cref="InvalidDataException">A tensor is absent or has another shape than the configuration says.</exception>
    TransformerWeights Read(WeightReader reader, ConfigFile file, TransformerConfig config);

    /// <summary>Whether a tensor that <see cref="Read"/> left alone may be left alone: a buffer, a mask. Any other unread tensor is an error.</summary>
    /// <param name="name">The tensor's name.</param>
    bool MayIgnore(string name);
}
