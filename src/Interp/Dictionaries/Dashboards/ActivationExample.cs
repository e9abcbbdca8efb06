namespace Interp;

using System.Collections.Immutable;

/// <summary>A stretch of text and how strongly a feature is active at each of its tokens.</summary>
/// <param name="Text">The number of the text among all that were read, from 0.</param>
/// <param name="Position">The place in the text, in tokens, that the stretch is shown for.</param>
/// <param name="Focus">That place within the stretch.</param>
/// <param name="Tokens">The tokens' texts.</param>
/// <param name="Activations">The feature at each of them.</param>
[TypeFormatterSource(typeof(NotebookFormatters))]
public sealed record ActivationExample(int Text, int Position, int Focus, ImmutableArray<string> Tokens, ImmutableArray<float> Activations)
{
    /// <summary>The feature at the place that the stretch is shown for.</summary>
    public float Activation => Activations[Focus];

    /// <summary>Where it is, and how strong.</summary>
    public override string ToString() => $"text {Text}, position {Position}: {NumberText.Short(Activation)} on '{Tokens[Focus]}'";
}
