namespace Interp;

using System.Text;

/// <summary>The tokens at both ends of directions of the residual stream.</summary>
/// <remarks>A direction has no sign of its own where it comes from a decomposition: look at both ends.</remarks>
[TypeFormatterSource(typeof(NotebookFormatters))]
public sealed class DirectionTokens
{
    internal DirectionTokens(string title, LabelledArray weights, IReadOnlyList<IReadOnlyList<(string Token, double Score)>> top, IReadOnlyList<IReadOnlyList<(string Token, double Score)>> bottom) =>
        (Title, Weights, Top, Bottom) = (title, weights, top, bottom);

    /// <summary>What the directions are.</summary>
    public string Title { get; }

    /// <summary>The weight of each direction, [direction]: its singular value, or its length.</summary>
    public LabelledArray Weights { get; }

    /// <summary>For each direction the tokens with the largest products, largest first.</summary>
    public IReadOnlyList<IReadOnlyList<(string Token, double Score)>> Top { get; }

    /// <summary>For each direction the tokens with the smallest products, smallest first.</summary>
    public IReadOnlyList<IReadOnlyList<(string Token, double Score)>> Bottom { get; }

    /// <summary>Writes the table to the console.</summary>
    public void Print() => Console.Out.WriteLine(ToString());

    /// <inheritdoc/>
    public override string ToString()
    {
        var table = new TextTable("direction", "weight", "top", "bottom").Left(2, 3);
        for (var row = 0; row < Top.Count; row++)
            table.Add(Weights.Axes[0].Labels[row], NumberText.Short(Weights[row]), Tokens(Top[row]), Tokens(Bottom[row]));
        var text = new StringBuilder(Title).Append('\n');
        table.Append(text, int.MaxValue);
        return text.ToString().TrimEnd('\n');
    }

    private static string Tokens(IEnumerable<(string Token, double Score)> tokens) => string.Join(' ', tokens.Select(t => DisplayText.Token(t.Token)));
}
