namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>Log-probabilities of texts.</summary>
public static class ScoringExtensions
{
    /// <summary>The log-probability of each text, sum log p(token | those before) over its tokens, a beginning token first; in nats, [text].</summary>
    /// <param name="model">The model.</param>
    /// <param name="texts">The texts.</param>
    /// <param name="bos">Whether a beginning token is put first; without one the first token is not scored.</param>
    /// <param name="batch">How many texts run together; the numbers do not depend on it, up to rounding.</param>
    /// <param name="cancellation">Ends scoring between two batches.</param>
    /// <exception cref="InvalidOperationException">The model has no tokenizer.</exception>
    /// <exception cref="ArgumentException">There is no text, or one has a single token.</exception>
    public static LabelledArray LogProbabilities(
        this HookedTransformer model, IEnumerable<string> texts, Bos bos = Bos.Always, int batch = 32, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(texts);
        ArgumentOutOfRangeException.ThrowIfLessThan(batch, 1);
        var all = texts.ToArray();
        var scores = Scores(model, [.. all.Select(t => model.Tokens(t, bos))], i => $"text {i}, \"{all[i]}\",", batch, cancellation);
        return new LabelledArray([new Axis("text", all)], scores, "log-probability (nats)", new Provenance { Model = model.Config.ModelName, Method = "sum of log-probabilities" });
    }

    /// <summary>Scores minimal pairs: which of two texts is likelier, by the sum of log-probabilities, a beginning token first.</summary>
    /// <param name="model">The model.</param>
    /// <param name="pairs">The pairs.</param>
    /// <param name="bos">Whether a beginning token is put first.</param>
    /// <param name="batch">How many texts run together.</param>
    /// <param name="cancellation">Ends scoring between two batches.</param>
    /// <exception cref="InvalidOperationException">The model has no tokenizer.</exception>
    /// <exception cref="ArgumentException">There is no pair, or a text has a single token.</exception>
    public static MinimalPairResult MinimalPairs(
        this HookedTransformer model, IEnumerable<MinimalPair> pairs, Bos bos = Bos.Always, int batch = 32, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(pairs);
        var all = pairs.ToArray();
        if (all.Length == 0)
            throw new ArgumentException("There are no minimal pairs to score: give at least one.", nameof(pairs));
        var scores = model.LogProbabilities(all.SelectMany(p => new[] { p.Good, p.Bad }), bos, batch, cancellation);
        return new MinimalPairResult
        {
            LogProbabilities = new LabelledArray(
                [new Axis("pair", all.Select(p => p.Good)), new Axis("text", ["good", "bad"])], scores.Values, scores.Quantity, scores.Provenance),
        };
    }

    // Texts of like length run together, so that little is padded.
    private static double[] Scores(
        HookedTransformer model, IReadOnlyList<int>[] rows, Func<int, string> name, int batch, CancellationToken cancellation)
    {
        if (rows.Length == 0)
            throw new ArgumentException("There is no text to score: give at least one.");
        if (Array.FindIndex(rows, r => r.Count < 2) is var brief and >= 0)
            throw new ArgumentException($"A log-probability needs two tokens: {name(brief)} has {rows[brief].Count}. Put a beginning token first (Bos.Always).");
        var scores = new double[rows.Length];
        foreach (var chunk in Enumerable.Range(0, rows.Length).OrderBy(i => rows[i].Count).Chunk(batch))
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            var own = model.On(RunInput.Of(chunk.Select(i => rows[i]))).SequenceLogProbability(cancellation).Doubles();
            for (var i = 0; i < chunk.Length; i++)
                scores[chunk[i]] = own[i];
        }
        return scores;
    }
}
