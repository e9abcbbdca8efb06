namespace Interp;

using static TorchSharp.torch;

/// <summary>Losses that are fractions of the batch's variance: Gao et al. 2024, and sparsify's reading of it.</summary>
/// <remarks>
/// L = |x - x̂|² / |x - x̄|² + α·|e - ê|² / |x - x̄|², e = stop(x - x̂), ê the reconstruction from the largest dead latents. sparsify adds
/// the decoder bias to ê, scales with the number of dead latents, and lets neither this nor the 4k reconstruction reach the encoder.
/// </remarks>
internal static class VarianceLoss
{
    public static LossTerms Of(TrainingPass pass)
    {
        var total = pass.Spread;
        var terms = new LossTerms().Add("mse", (pass.Output - pass.Target).square().sum() / total);
        var sparsify = pass.Options.Recipe == DictionaryRecipe.Sparsify;
        var relu = pass.Latents.Pre.relu();
        if (sparsify)
            relu = relu.detach();
        foreach (var width in pass.Options.Nesting)
            terms.Add($"inner_{width}", (pass.Decode(pass.Latents.Acts, width) - pass.Target).square().sum() / total);
        if (pass.DeadCount > 0 && pass.Options.Auxiliary > 0)
            terms.Add("auxiliary", Auxiliary(pass, relu, sparsify) / total * pass.Options.Auxiliary);
        if (pass.Options.MultiTopK && pass.Activation is TopKLatents { K: var k })
        {
            var more = relu * TopKLatents.Chosen(relu.detach(), 4 * k).to(relu.dtype);
            terms.Add("multi_topk", (pass.Decode(more, pass.Dictionary.Width) - pass.Target).square().sum() / total / 8);
        }
        return terms;
    }

    private static Tensor Auxiliary(TrainingPass pass, Tensor relu, bool sparsify)
    {
        var enough = Math.Max(pass.Dictionary.Config.DIn / 2, 1);
        var latents = pass.LargestDead(relu, Math.Min(enough, pass.DeadCount));
        var residual = (pass.Target - pass.Output).detach();
        var guess = sparsify ? pass.Decoded(latents) : latents.matmul(pass.Dictionary.Weights.Decoder);
        var scale = sparsify ? Math.Min((double)pass.DeadCount / enough, 1) : 1;
        return (guess - residual).square().sum() * scale;
    }
}
