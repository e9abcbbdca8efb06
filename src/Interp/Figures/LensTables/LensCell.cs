namespace Interp;

/// <summary>What a lens reads at one layer and position.</summary>
/// <param name="Token">The token it ranks first.</param>
/// <param name="Probability">That token's probability, between 0 and 1.</param>
/// <param name="Top">The tokens it ranks highest with their probabilities, highest first.</param>
[TypeFormatterSource(typeof(NotebookFormatters))]
public sealed record LensCell(string Token, double Probability, IReadOnlyList<(string Token, double Probability)> Top)
{
    /// <summary>A cell from the highest-ranked tokens alone.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public static LensCell From(IReadOnlyList<(string Token, double Probability)> top)
    {
        ArgumentNullException.ThrowIfNull(top);
        return top.Count > 0 ? new LensCell(top[0].Token, top[0].Probability, top) : throw new ArgumentException("A lens cell needs at least one token.", nameof(top));
    }

    /// <summary>The token and its probability: <c>·She 0.97</c>.</summary>
    public override string ToString() => $"{DisplayText.Token(Token)} {NumberText.Fixed(Probability, 2)}";
}
