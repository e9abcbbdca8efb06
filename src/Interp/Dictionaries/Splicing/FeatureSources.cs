namespace Interp;

/// <summary>What each source position and head adds to features of an attention output, at one destination.</summary>
[TypeFormatterSource(typeof(NotebookFormatters))]
public sealed class FeatureSources : INotebookView
{
    internal FeatureSources(LabelledArray contributions, LabelledArray constant) => (Contributions, Constant) = (contributions, constant);

    /// <summary>Shares of the pre-activations, [feature, head, source].</summary>
    public LabelledArray Contributions { get; }

    /// <summary>What no source adds: b_enc, less what the decoder's bias takes away, [feature].</summary>
    public LabelledArray Constant { get; }

    /// <summary>Shares by source position, [feature, source].</summary>
    public LabelledArray BySource => Contributions.Sum("head");

    /// <summary>Shares by head, [feature, head].</summary>
    public LabelledArray ByHead => Contributions.Sum("source");

    /// <summary>The pre-activations: all shares and the constant, [feature].</summary>
    public LabelledArray PreActivations => BySource.Sum("source") + Constant;

    /// <summary>Prints the shares by source position.</summary>
    public void Print() => BySource.Print();

    /// <summary>The source tokens coloured by their shares, a line a feature.</summary>
    /// <param name="title">The title.</param>
    public Figure Figure(string? title = null) => BySource.ColouredTokens(title ?? "Which source tokens make the feature");

    string INotebookView.Html => NotebookHtml.Under(ToString(), Figure().Fragment);

    /// <summary>How many features, heads and positions.</summary>
    public override string ToString() => LabelledArray.Describe(Contributions.Axes);
}
