namespace Interp;

/// <summary>Whose losses and updates a dictionary is trained with, so that runs compare like for like.</summary>
public enum DictionaryRecipe
{
    /// <summary>SAELens 6.18: raw sum of squares; the auxiliary loss decodes raw pre-activations of dead latents, decoder bias included.</summary>
    SaeLens,

    /// <summary>dictionary_learning 0.1.0: unit-norm decoder; the auxiliary loss is divided by the residual's variance.</summary>
    DictionaryLearning,

    /// <summary>sparsify: fraction of variance unexplained; auxiliary and multi-TopK losses train the decoder only, decoder bias included.</summary>
    Sparsify,

    /// <summary>Gao et al. 2024 as written: fraction of variance unexplained; the auxiliary loss has no decoder bias and trains the encoder too.</summary>
    Gao2024,
}
