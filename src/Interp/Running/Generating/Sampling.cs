namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>How the next token is drawn: which filters its distribution passes, and with which seed.</summary>
/// <remarks>
/// The filters act in Hugging Face's order, in float32 as there: 1. the repetition penalty of <see cref="GenerationOptions"/>, on the logits;
/// 2. temperature; 3. top-k; 4. top-p; 5. min-p; 6. softmax over what is left. A draw depends on seed, prompt, sample and step alone, not on
/// what else is in the batch.
/// </remarks>
[TypeFormatterSource(typeof(NotebookFormatters))]
public sealed record Sampling
{
    /// <summary>What logits are divided by, above 0.</summary>
    public double Temperature { get; init; } = 1;

    /// <summary>Keeps the most probable tokens, and those equal to the last of them; null keeps all.</summary>
    public int? TopK { get; init; }

    /// <summary>Keeps the smallest set of most probable tokens whose probabilities reach this, in (0, 1] (Holtzman et al. 2020); null keeps all.</summary>
    public double? TopP { get; init; }

    /// <summary>Keeps tokens at least this times as probable as the most probable one, 0 to 1 (Nguyen et al. 2024); null keeps all.</summary>
    public double? MinP { get; init; }

    /// <summary>The same seed draws the same tokens.</summary>
    public long Seed { get; init; }

    /// <summary>The probabilities that tokens are drawn with.</summary>
    /// <param name="logits">[.., d_vocab].</param>
    /// <returns>[.., d_vocab], float32, 0 where a filter takes a token out; the caller disposes it.</returns>
    /// <exception cref="ArgumentException">A value is out of its range.</exception>
    public Tensor Probabilities(Tensor logits)
    {
        Validated();
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var scores = logits.to(ScalarType.Float32) / Temperature;
        if (TopK is { } k)
            scores = Without(scores, scores < scores.topk((int)Math.Min(k, scores.shape[^1])).values.narrow(-1, Math.Min(k, scores.shape[^1]) - 1, 1));
        if (TopP is { } p && p < 1)
            scores = Without(scores, OutsideTopP(scores, p));
        if (MinP is { } share)
            scores = Without(scores, MuchLessProbable(scores, share));
        return scores.softmax(-1).MoveToOuterDisposeScope();
    }

    /// <summary>Checks all values.</summary>
    /// <exception cref="ArgumentException">All violations in one message.</exception>
    public Sampling Validated()
    {
        var wrong = Violations().ToList();
        return wrong.Count == 0 ? this : throw new ArgumentException($"These values do not make a distribution: {string.Join("; ", wrong)}.");
    }

    /// <summary>What differs from plain sampling: <c>temperature 0.8, top-p 0.95, seed 3</c>.</summary>
    public override string ToString()
    {
        string?[] parts = [$"temperature {NumberText.Short(Temperature)}", TopK is { } k ? $"top-k {k}" : null,
            TopP is { } p ? $"top-p {NumberText.Short(p)}" : null, MinP is { } m ? $"min-p {NumberText.Short(m)}" : null, $"seed {Seed}"];
        return string.Join(", ", parts.Where(part => part is not null));
    }

    internal IEnumerable<string> Violations()
    {
        if (!(Temperature > 0) || double.IsInfinity(Temperature))
            yield return $"Temperature is {Temperature}, wanted a finite number above 0 (for the most probable token each time leave Sampling null)";
        if (TopK is < 1)
            yield return $"TopK is {TopK}, wanted at least 1, or null for all";
        if (TopP is { } p && !(p > 0 && p <= 1))
            yield return $"TopP is {p}, wanted a number in (0, 1], or null for all";
        if (MinP is { } m && !(m >= 0 && m <= 1))
            yield return $"MinP is {m}, wanted 0 to 1, or null for all";
    }

    private static Tensor Without(Tensor scores, Tensor removed) => scores.masked_fill(removed, double.NegativeInfinity);

    // Least probable first: those whose share together stays at or below 1 - p go; the most probable one never does.
    private static Tensor OutsideTopP(Tensor scores, double p)
    {
        var (sorted, order) = sort(scores, -1, descending: false);
        var removed = sorted.softmax(-1).cumsum(-1) <= 1 - p;
        removed.narrow(-1, removed.shape[^1] - 1, 1).fill_(false);
        return removed.scatter(-1, order, removed);
    }

    private static Tensor MuchLessProbable(Tensor scores, double share)
    {
        var probabilities = scores.softmax(-1);
        return probabilities < probabilities.amax([-1], keepdim: true) * share;
    }
}
