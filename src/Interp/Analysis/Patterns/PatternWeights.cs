namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>Which places of a pattern hold real tokens.</summary>
internal static class PatternWeights
{
    /// <summary>1 where a token is real, [batch, pos]; ones where the cache does not hold the prompts.</summary>
    public static Tensor Real(ActivationCache cache, Tensor pattern)
    {
        using var scope = NewDisposeScope();
        var mask = cache.Input?.MaskTensor(pattern.device);
        return (mask is null
            ? ones([pattern.shape[0], pattern.shape[2]], dtype: pattern.dtype, device: pattern.device)
            : mask.repeat(pattern.shape[0] / mask.shape[0], 1).to(pattern.dtype)).MoveToOuterDisposeScope();
    }

    /// <summary>The column of each prompt's first real token, [batch].</summary>
    public static Tensor First(Tensor real) => real.argmax(1L);

    /// <summary>The mean over prompts and weighted queries, [head].</summary>
    /// <param name="values">[batch, head, query].</param>
    /// <param name="weights">[batch, query].</param>
    public static Tensor Mean(Tensor values, Tensor weights) => (values * weights.unsqueeze(1)).sum([0, 2]) / weights.sum();
}
