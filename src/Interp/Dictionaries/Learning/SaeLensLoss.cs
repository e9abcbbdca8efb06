namespace Interp;

using static TorchSharp.torch;

/// <summary>The losses of SAELens 6.18, by kind of dictionary.</summary>
/// <remarks>
/// Reconstruction: mean over rows of the sum of squared errors; every nested width adds its own. The auxiliary loss decodes the raw
/// pre-activations of the largest dead latents with the decoder bias, and falls off when fewer than d_in / 2 are dead.
/// </remarks>
internal static class SaeLensLoss
{
    public static LossTerms Of(TrainingPass pass)
    {
        var terms = new LossTerms().Add("mse", pass.Squares(pass.Output));
        foreach (var width in pass.Options.Nesting)
            terms.Add($"inner_{width}", pass.Squares(pass.Decode(pass.Latents.Acts, width)));
        return pass.Activation switch
        {
            GatedLatents => Gated(pass, terms),
            JumpReluLatents jump => Jump(pass, jump, terms),
            { FixesSparsity: true } => Auxiliary(pass, terms),
            _ => terms.Add("sparsity", Penalty(pass)),
        };
    }

    private static Tensor Penalty(TrainingPass pass) =>
        pass.Mean(Weighed(pass, pass.Latents.Acts).norm(-1, keepdim: false, p: (float)pass.Options.SparsityNorm)) * pass.Sparsity;

    private static Tensor Weighed(TrainingPass pass, Tensor acts) => pass.Options.PenaliseByDecoderNorm ? acts * pass.Norms : acts;

    private static LossTerms Gated(TrainingPass pass, LossTerms terms)
    {
        var gate = pass.Latents.Gate!.relu();
        terms.Add("sparsity", pass.Mean(Weighed(pass, gate).sum(-1)) * pass.Sparsity);
        return terms.Add("auxiliary", pass.Squares(pass.Decode(gate, pass.Dictionary.Width)));
    }

    private static LossTerms Jump(TrainingPass pass, JumpReluLatents jump, LossTerms terms)
    {
        var (pre, options) = (pass.Latents.Pre, pass.Options);
        var threshold = jump.Thresholds(pass.Dictionary.Weights.Latent[jump.OwnWeights[0]]);
        var active = options.JumpPenalty == JumpPenalty.Step
            ? StraightThrough.Step(pre, threshold, jump.Bandwidth)
            : (pass.Latents.Acts * pass.Norms * options.TanhScale).tanh();
        terms.Add("sparsity", pass.Mean(active.sum(-1)) * pass.Sparsity);
        if (options.PreActivationPenalty == 0)
            return terms;
        var below = (threshold - pre).relu() * pass.Dead.to(pre.dtype) * pass.Norms;
        return terms.Add("pre_activation", pass.Mean(below.sum(-1)) * options.PreActivationPenalty);
    }

    private static LossTerms Auxiliary(TrainingPass pass, LossTerms terms)
    {
        if (pass.DeadCount == 0 || pass.Options.Auxiliary == 0)
            return terms;
        var enough = Math.Max(pass.Dictionary.Config.DIn / 2, 1);
        var latents = pass.LargestDead(pass.Latents.Pre, Math.Min(enough, pass.DeadCount));
        var residual = (pass.Target - pass.Output).detach();
        var loss = pass.SquaresTo(pass.Decoded(latents), residual);
        return terms.Add("auxiliary", loss * (pass.Options.Auxiliary * Math.Min((double)pass.DeadCount / enough, 1)));
    }
}
