namespace Interp;

/// <summary>Generators of prompts whose right answer is known.</summary>
public static class Tasks
{
    /// <summary>Repeated random words: the word after a word is the one that came after it the time before.</summary>
    /// <param name="length">Tokens of a training sequence, the beginning-of-sequence token included.</param>
    /// <exception cref="ArgumentOutOfRangeException">Less than 16.</exception>
    public static InductionTask Induction(int length = 48) => new(length);

    /// <summary>Addition modulo a prime.</summary>
    /// <param name="modulus">p; any number from 3 on works.</param>
    /// <exception cref="ArgumentOutOfRangeException">Less than 3.</exception>
    public static ModularAdditionTask ModularAddition(int modulus = 59) => new(modulus);
}
