namespace Interp;

/// <summary>How the number of active latents of a JumpReLU dictionary is penalised.</summary>
public enum JumpPenalty
{
    /// <summary>The number of pre-activations over their threshold (Rajamanoharan et al. 2024).</summary>
    Step,

    /// <summary>Σ tanh(c·f·|W_dec|) (Conerly et al. 2025).</summary>
    Tanh,
}
