namespace Interp;

using System.Globalization;

/// <summary>A logit, or a difference of two, taken apart: shares that sum to it.</summary>
[TypeFormatterSource(typeof(NotebookFormatters))]
public sealed class LogitAttribution : INotebookView
{
    private readonly TransformerConfig config;

    internal LogitAttribution(TransformerConfig config, LogitParts parts, LabelledArray shares) => (this.config, Parts, Shares) = (config, parts, shares);

    /// <summary>Into which parts.</summary>
    public LogitParts Parts { get; }

    /// <summary>
    /// Each part's share, [component, prompt, pos]. The last one, <c>constant</c>, is what no part adds: b_U, and on unfolded weights the final
    /// norm's bias.
    /// </summary>
    public LabelledArray Shares { get; }

    /// <summary>The shares' sum: the logit, or the difference, [prompt, pos]; before the soft cap, where the model has one.</summary>
    public LabelledArray Total => Shares.Sum("component").With(BeforeSoftCap ? "logits before the soft cap" : "logits");

    /// <summary>Whether the model caps its logits behind what is shown here.</summary>
    public bool BeforeSoftCap => config.LogitSoftCap > 0;

    /// <summary>The heads' shares, [layer, head, prompt, pos].</summary>
    /// <exception cref="InvalidOperationException">The logit was not taken apart into heads.</exception>
    public LabelledArray Heads => Parts == LogitParts.Components
        ? throw new InvalidOperationException("The logit was taken apart by components: ask for LogitParts.Heads.")
        : Block('H', "head", config.Heads);

    /// <summary>The neurons' shares, [layer, neuron, prompt, pos].</summary>
    /// <exception cref="InvalidOperationException">The logit was not taken apart into neurons, or the model has none.</exception>
    public LabelledArray Neurons => Parts != LogitParts.Neurons || config.AttentionOnly
        ? throw new InvalidOperationException(config.AttentionOnly ? $"{config.ModelName} has no neurons." : "The logit was not taken apart into neurons: ask for LogitParts.Neurons.")
        : Block('N', "neuron", config.DMlp);

    /// <summary>The parts with the largest shares at one place, by magnitude.</summary>
    /// <param name="count">How many, at most.</param>
    /// <param name="prompt">Which prompt.</param>
    /// <param name="place">Which of the places that were read; the last by default.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such prompt or place.</exception>
    public IReadOnlyList<LabelledValue> Top(int count, int prompt = 0, Index? place = null) => Shares["prompt", prompt]["pos", place ?? ^1].Top(count);

    /// <summary>The largest shares at one place as bars.</summary>
    /// <param name="count">How many, at most.</param>
    /// <param name="prompt">Which prompt.</param>
    /// <param name="place">Which of the places that were read; the last by default.</param>
    /// <param name="title">The title; by default says what was taken apart.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such prompt or place.</exception>
    public Figure Figure(int count = 15, int prompt = 0, Index? place = null, string? title = null) =>
        Top(count, prompt, place).BarChart(title ?? $"{Parts} with the largest shares", Shares.Quantity);

    string INotebookView.Html => NotebookHtml.Under(ToString(), Figure().Fragment);

    /// <inheritdoc/>
    public override string ToString() =>
        $"{Shares.Shape[0]} {Shares.Quantity.Replace("share", "shares")} by {Parts.ToString().ToLowerInvariant()}, {Shares.Shape[1]} prompts, {Shares.Shape[2]} positions"
        + (BeforeSoftCap ? $", before the soft cap of {config.LogitSoftCap.ToString("0.###", CultureInfo.InvariantCulture)}" : "");

    private LabelledArray Block(char kind, string axis, int count)
    {
        var first = Shares.AxisOf("component").IndexOf($"L0{kind}0");
        var values = Shares["component", first..(first + config.Layers * count)].Values;
        return new LabelledArray([new Axis("layer", config.Layers), new Axis(axis, count), Shares.Axes[1], Shares.Axes[2]], values, Shares.Quantity, Shares.Provenance);
    }
}
