namespace Interp;

/// <summary>How a dictionary is kept in a folder.</summary>
public enum DictionaryLayout
{
    /// <summary>SAELens: <c>cfg.json</c> and <c>sae_weights.safetensors</c>.</summary>
    SaeLens,

    /// <summary>dictionary_learning: <c>config.json</c> and <c>ae.pt</c>.</summary>
    DictionaryLearning,

    /// <summary>sparsify: <c>cfg.json</c> and <c>sae.safetensors</c>.</summary>
    Sparsify,
}
