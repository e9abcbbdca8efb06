namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>Causal tracing (Meng et al. 2022): the subject's embeddings are drowned in noise, and parts of the clean run are restored.</summary>
/// <remarks>
/// 1. The corrupted run adds Gaussian noise, three standard deviations of the embeddings by default, to the subject's tokens; several draws
/// are the rows of a batch. 2. The metric is the probability of the answer. 3. <c>Patch</c> on the contrast restores clean values part by
/// part; recovery is the normalised effect.
/// </remarks>
public static class CausalTracing
{
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
        _ = clean.Input.Columns(Position.Role(subject)); // names the roles there are when it is not one of them
        var probability = Metric.Of($"probability of \"{answer}\"", logits => logits.softmax(-1).select(-1, token));
        return clean.Contrast(clean.Ablate(Sites.Embed.At(Position.Role(subject)), Ablation.Noise(deviation, seed)), probability);
    }
}
