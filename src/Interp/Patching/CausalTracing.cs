namespace Interp;

using System.Collections.Immutable;
using TorchSharp;
using static TorchSharp.torch;

/// <summary>Causal tracing (Meng et al. 2022): the subject's embeddings are drowned in noise, and parts of the clean run are restored.</summary>
/// <remarks>
/// 1. The corrupted run adds Gaussian noise, three standard deviations of the embeddings by default, to the subject's tokens; several draws
/// are the rows of a batch. 2. The metric is the probability of the answer. 3. <c>Patch</c> on the contrast restores clean values part by
/// part: <c>ResidPre.ByPosition()</c>, windows of layers with <c>MlpOut.ByPosition().Window(10)</c>, classes of tokens with
/// <c>ResidPre.ByRole(CausalTracing.TokenClasses)</c>. 4. <c>Normalised</c> is the recovery rate, (restored - corrupted) / (clean - corrupted).
/// </remarks>
public static class CausalTracing
{
    /// <summary>
    /// The classes of tokens of a traced prompt, as roles: <c>first subject</c>, <c>middle subject</c>, <c>last subject</c>, <c>after subject</c>,
    /// <c>further</c>, <c>last</c>. A prompt has those that hold a token: name these where a class is empty.
    /// </summary>
    public static IReadOnlyList<string> TokenClasses { get; } = ["first subject", "middle subject", "last subject", "after subject", "further", "last"];

    /// <summary>A contrast between a prompt and the same prompt with noise on its subject.</summary>
    /// <param name="model">The model.</param>
    /// <param name="prompt">The prompt, with the subject marked: <c>Prompt.Parse("{subject:The Space Needle} is in")</c>.</param>
    /// <param name="answer">A text that is one token.</param>
    /// <param name="subject">The role that is corrupted.</param>
    /// <param name="samples">How many draws of the noise.</param>
    /// <param name="multiple">The noise's standard deviation in standard deviations of the token embeddings.</param>
    /// <param name="seed">The seed of the noise.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no sample, or no noise.</exception>
    /// <exception cref="KeyNotFoundException">The prompt has no such role.</exception>
    public static Contrast CausalTrace(
        this HookedTransformer model, Prompt prompt, string answer, string subject = "subject", int samples = 10, double multiple = 3, long seed = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(samples);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(multiple);
        using var scope = NewDisposeScope();
        var deviation = multiple * model.Weights.Embedding.to(ScalarType.Float32).std(unbiased: false).ToDouble();
        var token = model.SingleToken(answer);
        var clean = model.On(Enumerable.Repeat(prompt, samples));
        clean = clean with { Input = clean.Input.WithMoreRoles(Classes(clean.Input, clean.Input.Columns(Position.Role(subject)))) };
        var probability = Metric.Of($"probability of \"{answer}\"", logits => logits.softmax(-1).select(-1, token));
        return clean.Contrast(clean.Ablate(Sites.Embed.At(Position.Role(subject)), Ablation.Noise(deviation, seed)), probability);
    }

    // A one-token subject is its last token.
    private static IEnumerable<(string, ImmutableArray<int>[])> Classes(RunInput input, int[][] subject)
    {
        ImmutableArray<int>[] Each(Func<int[], int, IEnumerable<int>> places) => [.. subject.Select((s, row) => places(s, input.Rows[row].Length).ToImmutableArray())];
        yield return ("first subject", Each((s, _) => s.Take(s.Length - 1).Take(1)));
        yield return ("middle subject", Each((s, _) => s.Skip(1).SkipLast(1)));
        yield return ("last subject", Each((s, _) => s.TakeLast(1)));
        yield return ("after subject", Each((s, length) => s[^1] + 2 < length ? [s[^1] + 1] : []));
        yield return ("further", Each((s, length) => Enumerable.Range(s[^1] + 2, Math.Max(length - 3 - s[^1], 0))));
    }
}
