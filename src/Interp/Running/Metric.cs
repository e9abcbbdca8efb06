namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>A number read off the logits of each prompt.</summary>
/// <remarks>A metric says at which positions it reads, so that only those are unembedded.</remarks>
[TypeFormatterSource(typeof(NotebookFormatters))]
public abstract class Metric
{
    /// <summary>What the number is, such as <c>logit difference</c>.</summary>
    public abstract string Name { get; }

    /// <summary>The positions at which logits are read.</summary>
    public virtual Indices Positions => Position.Last;

    /// <summary>The metric of each prompt.</summary>
    /// <param name="logits">[batch, place, d_vocab], the places being those of <see cref="Positions"/>.</param>
    /// <returns>[batch].</returns>
    public abstract Tensor PerPrompt(Tensor logits);

    /// <summary>
    /// For metrics linear in the logits at one position: the residual direction whose product with the normed residual stream is the
    /// metric, and the constant beside it. Null for others. Sweeps then read two directions instead of the vocabulary.
    /// </summary>
    /// <param name="unembedding">[d_model, d_vocab].</param>
    /// <param name="bias">[d_vocab] or null.</param>
    /// <returns>Directions [batch, d_model] and offsets [batch].</returns>
    public virtual (Tensor Directions, Tensor Offsets)? Linear(Tensor unembedding, Tensor? bias) => null;

    /// <summary>The same metric for another set of prompts: rows [start, start + count) of those it was made for.</summary>
    public virtual Metric Rows(int start, int count) => this;

    /// <summary>Logit of the correct token minus logit of the incorrect one, at each prompt's last position.</summary>
    /// <param name="correct">One token for all prompts, or one for each.</param>
    /// <param name="incorrect">Likewise.</param>
    public static Metric LogitDifference(IReadOnlyList<int> correct, IReadOnlyList<int> incorrect) => new LogitDifferenceMetric(correct, incorrect);

    /// <summary>Logit of the correct token minus logit of the incorrect one, at each prompt's last position.</summary>
    public static Metric LogitDifference(int correct, int incorrect) => new LogitDifferenceMetric([correct], [incorrect]);

    /// <summary>Any function of the logits at the last position.</summary>
    /// <param name="name">What the number is.</param>
    /// <param name="perPrompt">From [batch, d_vocab] to [batch].</param>
    public static Metric Of(string name, Func<Tensor, Tensor> perPrompt) => new FunctionMetric(name, perPrompt);

    /// <summary>-log p of the correct token at each prompt's last position.</summary>
    /// <param name="correct">One token for all prompts, or one for each.</param>
    public static Metric NegativeLogProbability(IReadOnlyList<int> correct) =>
        new FunctionMetric(
            "negative log-probability", logits => -Pick(logits.log_softmax(-1), correct, 0),
            (start, count) => NegativeLogProbability(correct.Count == 1 ? correct : [.. correct.Skip(start).Take(count)]));

    /// <summary>KL divergence of the last position's distribution from given log-probabilities: sum p (log p - log q), p given.</summary>
    /// <param name="logProbabilities">[batch, d_vocab]; it stays the caller's and must outlive the metric.</param>
    public static Metric KlFrom(Tensor logProbabilities) =>
        new FunctionMetric(
            "KL divergence", logits => (logProbabilities.exp() * (logProbabilities - logits.log_softmax(-1))).sum(-1),
            (start, count) => KlFrom(logProbabilities.narrow(0, start, count)));

    /// <inheritdoc/>
    public override string ToString() => Name;

    /// <summary>The entries of each row's own column, [batch].</summary>
    internal static Tensor Pick(Tensor rows, IReadOnlyList<int> columns, int start) =>
        rows.gather(-1, Columns(columns, rows.shape[0], start, rows.device).unsqueeze(-1)).squeeze(-1);

    /// <summary>One token per row, [batch].</summary>
    internal static Tensor Columns(IReadOnlyList<int> tokens, long batch, int start, Device device)
    {
        if (tokens.Count != 1 && tokens.Count != batch)
            throw new ArgumentException($"The metric has {tokens.Count} answer tokens for {batch} prompts: give one for all, or one for each.");
        return tensor(Enumerable.Range(0, (int)batch).Select(i => (long)tokens[tokens.Count == 1 ? 0 : i + start]).ToArray(), device: device);
    }

    private sealed class FunctionMetric(string name, Func<Tensor, Tensor> perPrompt, Func<int, int, Metric>? rows = null) : Metric
    {
        public override string Name => name;

        public override Tensor PerPrompt(Tensor logits) => perPrompt(logits.squeeze(1));

        public override Metric Rows(int start, int count) => rows?.Invoke(start, count) ?? this;
    }
}
