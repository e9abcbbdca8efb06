namespace Interp;

/// <summary>A stretch of text while it is collected: token numbers, the feature at each, and where it was.</summary>
internal sealed record CollectedExample(int Text, int Position, int Focus, int[] Tokens, float[] Activations)
{
    /// <summary>Bytes beside the arrays' elements: the object, two array headers, the reference to it.</summary>
    public const int Overhead = 40 + 2 * 24 + 24;

    public float Value => Activations[Focus];
}
