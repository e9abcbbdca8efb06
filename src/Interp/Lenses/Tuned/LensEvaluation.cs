namespace Interp;

/// <summary>How well a logit lens and a tuned lens foretell the model, layer by layer, over the same tokens; each table is [lens, layer], in nats.</summary>
/// <remarks>The last layer is the model's own distribution: its divergences are 0, its cross-entropy the model's loss.</remarks>
[TypeFormatterSource(typeof(NotebookFormatters))]
public sealed record LensEvaluation : INotebookView
{
    /// <summary>Mean KL divergence of the lens from the model, sum p_model (log p_model - log p_lens).</summary>
    public required LabelledArray Kl { get; init; }

    /// <summary>Mean of -log p_lens(next token).</summary>
    public required LabelledArray CrossEntropy { get; init; }

    /// <summary>
    /// KL divergence of the lens's mean distribution from the model's mean distribution: what it says too often or too seldom, whatever the
    /// text (Belrose et al. 2023, section 3).
    /// </summary>
    public required LabelledArray Bias { get; init; }

    /// <summary>How many tokens the means are over.</summary>
    public required long Tokens { get; init; }

    /// <summary>Writes the three tables to the console.</summary>
    public void Print()
    {
        foreach (var table in new[] { Kl, CrossEntropy, Bias })
            table.Print();
    }

    /// <summary>The divergences from the model by layer, a line for each lens.</summary>
    /// <param name="title">The title; by default says how many tokens were read.</param>
    public Figure Figure(string? title = null) => Kl.LinePlot(title ?? $"KL from the model over {Tokens} tokens, by layer");

    string INotebookView.Html => NotebookHtml.Under(ToString(), Figure().Fragment);

    /// <inheritdoc/>
    public override string ToString()
    {
        string Line(int lens) => string.Join(' ', Enumerable.Range(0, Kl.Shape[1]).Select(layer => NumberText.Fixed(Kl[lens, layer], 3)));
        return $"KL from the model over {Tokens} tokens, by layer: logit lens {Line(0)}, tuned lens {Line(1)}";
    }
}
