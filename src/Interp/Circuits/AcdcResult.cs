namespace Interp;

/// <summary>What ACDC found.</summary>
/// <param name="Circuit">The edges that were kept; an edge's score is the rise of the divergence when it was taken out.</param>
/// <param name="Trace">Every visit, in order.</param>
/// <param name="Divergence">KL(clean || circuit), mean over prompts, in nats.</param>
[TypeFormatterSource(typeof(NotebookFormatters))]
public sealed record AcdcResult(Circuit Circuit, IReadOnlyList<AcdcStep> Trace, double Divergence) : INotebookView
{
    string INotebookView.Html => NotebookHtml.Under(ToString(), Circuit.Draw().Fragment);

    /// <inheritdoc/>
    public override string ToString() => $"{Circuit}, divergence {NumberText.Short(Divergence)}";
}
