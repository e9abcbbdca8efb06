namespace Interp;

using TorchSharp;
using static Interp.Sites;
using static TorchSharp.torch;

/// <summary>Identities that hold on every model, whatever its weights.</summary>
internal static class SelfTest
{
    private static readonly Site[] Wanted = [ResidPre, AttnOut, ResidMid, MlpOut, ResidPost, Pattern, UnembedIn];

    /// <summary>What the identities need.</summary>
    public static IEnumerable<Unit> Sites(HookedTransformer model) => model.HookNames.Where(name => Wanted.Contains(name.Site)).Select(name => (Unit)name);

    public static IEnumerable<SiteCheck> Checks(HookedTransformer model, Run run, double tolerance)
    {
        var available = run.Cache.Names.ToHashSet();
        for (var layer = 0; layer < model.Config.Layers; layer++)
            foreach (var check in OfBlock(model.Blocks[layer], run, layer, available, tolerance))
                yield return check;
        var logits = matmul(run[UnembedIn], model.WU) + model.BU;
        var cap = model.Config.LogitSoftCap;
        yield return ArrayAgreement.Of("logits = unembed.hook_in · W_U + b_U", run.Logits, cap > 0 ? (logits / cap).tanh() * cap : logits, tolerance);
    }

    private static IEnumerable<SiteCheck> OfBlock(Block block, Run run, int layer, HashSet<HookName> available, double tolerance)
    {
        if (available.Contains(new HookName(Pattern, layer)))
            foreach (var check in OfPattern(run, layer, tolerance))
                yield return check;
        var sum = run[ResidPre[layer]] + run[AttnOut[layer]];
        if (available.Contains(new HookName(ResidMid, layer)))
        {
            sum = Through(block.SumNorm1, sum);
            yield return ArrayAgreement.Of($"blocks.{layer}: resid_mid = resid_pre + attn_out", run[ResidMid[layer]], sum, tolerance);
        }
        if (block.Mlp is not null)
            sum = Through(block.SumNorm2, sum + run[MlpOut[layer]]);
        yield return ArrayAgreement.Of($"blocks.{layer}: resid_post = the stream and what is added", run[ResidPost[layer]], sum, tolerance);
        if (available.Contains(new HookName(ResidPre, layer + 1)))
            yield return ArrayAgreement.Of($"blocks.{layer}: resid_post = the next resid_pre", run[ResidPre[layer + 1]], run[ResidPost[layer]], tolerance);
    }

    private static IEnumerable<SiteCheck> OfPattern(Run run, int layer, double tolerance)
    {
        var pattern = run[Pattern[layer]]; // [batch, head, query, key]
        var sums = pattern.sum(-1);
        yield return ArrayAgreement.Of($"blocks.{layer}: rows of attn.hook_pattern = 1", sums, ones_like(sums), tolerance);
        if (run.Model.Config.Causal)
            yield return ArrayAgreement.Of($"blocks.{layer}: attn.hook_pattern sees no future", pattern, pattern.tril(), tolerance);
    }

    private static Tensor Through(Interp.Extending.INorm? norm, Tensor x) => norm is Norm own ? own.Apply(x) : x;
}
