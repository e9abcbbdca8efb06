namespace Interp;

/// <summary>Where causal experiments start.</summary>
public static class ContrastExtensions
{
    /// <summary>A contrast of one clean and one corrupted text.</summary>
    /// <param name="model">The model.</param>
    /// <param name="clean">The text that shows the behaviour.</param>
    /// <param name="corrupted">The text that does not, of equally many tokens.</param>
    /// <param name="metric">What is measured.</param>
    /// <param name="bos">Whether a beginning-of-sequence token is put first.</param>
    /// <exception cref="ArgumentException">The texts have different numbers of tokens; the message shows both tokenisations.</exception>
    public static Contrast Contrast(this HookedTransformer model, string clean, string corrupted, Metric metric, Bos bos = Bos.Default) =>
        model.Contrast([clean], [corrupted], metric, bos);

    /// <summary>A contrast measured by the difference of two tokens' logits after the text.</summary>
    /// <param name="model">The model.</param>
    /// <param name="clean">The text after which <paramref name="correct"/> is right.</param>
    /// <param name="corrupted">The text after which it is not.</param>
    /// <param name="correct">A text that is one token, such as <c>" She"</c>.</param>
    /// <param name="incorrect">Likewise, such as <c>" He"</c>.</param>
    /// <param name="bos">Whether a beginning-of-sequence token is put first.</param>
    public static Contrast Contrast(
        this HookedTransformer model, string clean, string corrupted, string correct, string incorrect, Bos bos = Bos.Default) =>
        model.Contrast(clean, corrupted, Metric.LogitDifference(model.SingleToken(correct), model.SingleToken(incorrect)), bos);

    /// <summary>A contrast of several texts.</summary>
    public static Contrast Contrast(this HookedTransformer model, IEnumerable<string> clean, IEnumerable<string> corrupted, Metric metric, Bos bos = Bos.Default) =>
        new(model, RunInput.Of(clean.Select(p => model.Tokens(p, bos))), RunInput.Of(corrupted.Select(p => model.Tokens(p, bos))), metric);

    /// <summary>A contrast of rows of token ids.</summary>
    public static Contrast Contrast(this HookedTransformer model, RunInput clean, RunInput corrupted, Metric metric) => new(model, clean, corrupted, metric);

    /// <summary>A contrast of two runs, one of which may have edits: the corruption may be one of activations.</summary>
    public static Contrast Contrast(this RunPlan clean, RunPlan corrupted, Metric metric) => new(clean, corrupted, metric);
}
