namespace Interp;

using static TorchSharp.torch;

/// <summary>The losses of dictionary_learning 0.1.0, by kind of dictionary.</summary>
/// <remarks>
/// Reconstruction: mean over rows of the sum of squared errors; nested: the mean over widths of the weighted errors. The auxiliary loss
/// decodes the rectified dead latents without bias and is divided by the variance of the residual.
/// </remarks>
internal static class DictionaryLearningLoss
{
    public static LossTerms Of(TrainingPass pass)
    {
        var terms = new LossTerms().Add("mse", Reconstruction(pass));
        return pass.Activation switch
        {
            GatedLatents => Gated(pass, terms),
            JumpReluLatents jump => terms.Add("sparsity", TargetL0(pass, jump)),
            { FixesSparsity: true } => Auxiliary(pass, terms),
            _ => terms.Add("sparsity", Penalty(pass)),
        };
    }

    private static Tensor Reconstruction(TrainingPass pass)
    {
        var options = pass.Options;
        if (options.Nesting.IsEmpty)
            return pass.Squares(pass.Output);
        var widths = options.Nesting.Add(pass.Dictionary.Width);
        return widths.Select((width, i) => pass.Squares(pass.Decode(pass.Latents.Acts, width)) * Weight(options, i, widths.Length))
            .Aggregate((a, b) => a + b) / widths.Length;
    }

    internal static double Weight(DictionaryTrainingOptions options, int i, int count) => options.NestingWeights.IsEmpty ? 1.0 / count : options.NestingWeights[i];

    private static Tensor Penalty(TrainingPass pass)
    {
        var acts = pass.Options.PenaliseByDecoderNorm ? pass.Latents.Acts * pass.Norms : pass.Latents.Acts;
        return pass.Mean(acts.sum(-1)) * pass.Sparsity;
    }

    private static LossTerms Gated(TrainingPass pass, LossTerms terms)
    {
        var (gate, weights) = (pass.Latents.Gate!.relu(), pass.Dictionary.Weights);
        terms.Add("sparsity", pass.Mean(gate.sum(-1)) * pass.Sparsity);
        // The frozen decoder of the paper: the gate learns to reconstruct, directions do not move towards it.
        return terms.Add("auxiliary", pass.Squares(gate.matmul(weights.Decoder.detach()) + weights.DecoderBias.detach()));
    }

    // The step is taken of the latents, not of the pre-activations as in the paper.
    private static Tensor TargetL0(TrainingPass pass, JumpReluLatents jump)
    {
        var threshold = jump.Thresholds(pass.Dictionary.Weights.Latent[jump.OwnWeights[0]]);
        var active = pass.Mean(StraightThrough.Step(pass.Latents.Acts, threshold, jump.Bandwidth).sum(-1));
        if (pass.Whole is not { Active: { } all } whole)
            return (active / pass.Options.TargetL0 - 1).square() * pass.Sparsity;
        // The square of a mean is no sum over rows: these take their share of its value, and its slope at the whole batch's.
        var excess = all / pass.Options.TargetL0 - 1;
        return (excess * excess * pass.Target.shape[0] / whole.Rows + (active - active.detach()) * (2 * excess / pass.Options.TargetL0)) * pass.Sparsity;
    }

    private static LossTerms Auxiliary(TrainingPass pass, LossTerms terms)
    {
        if (pass.DeadCount == 0 || pass.Options.Auxiliary == 0)
            return terms;
        var count = Math.Min(Math.Max(pass.Dictionary.Config.DIn / 2, 1), pass.DeadCount);
        var residual = (pass.Target - pass.Output).detach();
        var guess = pass.LargestDead(pass.Latents.Pre.relu(), count).matmul(pass.Dictionary.Weights.Decoder);
        var variance = pass.Whole?.ResidualSpread ?? pass.SquaresTo(residual.mean([0L], keepdim: true), residual);
        return terms.Add("auxiliary", (pass.SquaresTo(guess, residual) / variance).nan_to_num() * pass.Options.Auxiliary);
    }
}
