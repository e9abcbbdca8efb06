namespace Interp.Tests.Parity.Patching;

using Interp.Tests.Support;
using TorchSharp;
using static Interp.Sites;
using static TorchSharp.torch;

/// <summary>Computes, for each patching table of a reference, ours by the planned sweep.</summary>
internal sealed class PatchingTables
{
    private readonly GoldenFile golden;
    private readonly HookedTransformer model;
    private readonly Contrast study;
    private readonly Tensor clean;

    public PatchingTables(GoldenFile golden, HookedTransformer model)
    {
        (this.golden, this.model) = (golden, model);
        study = Study(golden.Rows("tokens/clean").Length, int.MaxValue);
        clean = model.On(golden.Rows("tokens/clean")).LogitsAt(Position.Last).Logits().squeeze(1).log_softmax(-1);
    }

    public double[] Ours(string name) => name switch
    {
        "resid_pre" => Values(ResidPre.ByPosition()),
        "resid_mid" => Values(ResidMid.ByPosition()),
        "attn_out" => Values(AttnOut.ByPosition()),
        "mlp_out" => Values(MlpOut.ByPosition()),
        "head_out_all_pos" => Values(Z.ByHead()),
        "head_q_all_pos" => Values(Q.ByHead()),
        "head_k_all_pos" => Values(K.ByHead()),
        "head_v_all_pos" => Values(V.ByHead()),
        "head_out_by_pos" => Values(Z.ByPosition().ByHead()),
        "head_q_by_pos" => Values(Q.ByPosition().ByHead()),
        "head_k_by_pos" => Values(K.ByPosition().ByHead()),
        "head_v_by_pos" => Values(V.ByPosition().ByHead()),
        "pattern_all_pos" => Values(Pattern.ByHead()),
        "pattern_by_pos" => Values(Pattern.ByHead().ByPosition()),
        "pattern_dest_src" => [.. Study(4, 6).Patch(Pattern.ByHead().ByPosition().BySource()).Patched.Values],
        "every_head_all_pos" => [.. Values(Z.ByHead()), .. Values(Q.ByHead()), .. Padded(K.ByHead()), .. Padded(V.ByHead()), .. Values(Pattern.ByHead())],
        "resid_pre__normalized" => [.. study.Patch(ResidPre.ByPosition()).Normalised.Values],
        "resid_pre__kl" => With(Metric.KlFrom(clean)),
        "resid_pre__neg_log_prob" => With(Metric.NegativeLogProbability(golden.Correct)),
        _ => throw new ArgumentException($"the reference's '{name}' is not known to this test"),
    };

    /// <summary>A normalised table is measured by the scale of the un-normalised one.</summary>
    public double? Scale(string name, GoldenFile file, string group)
    {
        if (name != "resid_pre__normalized")
            return null;
        return file.Values($"{group}/resid_pre").Max(Math.Abs) / Math.Abs(Range);
    }

    // What the normalised table is divided by: the clean metric less the corrupted one.
    private double Range => study.CleanMetric().Average() - study.CorruptedMetric().Average();

    private double[] Values(UnitGrid grid) => [.. study.Patch(grid).Patched.Values];

    private double[] With(Metric metric) => [.. model.Contrast(study.Clean, study.Corrupted, metric).Patch(ResidPre.ByPosition()).Patched.Values];

    // The reference pads keys and values with zeros where there are fewer key-value heads than heads.
    private double[] Padded(UnitGrid grid)
    {
        var (values, heads, kv) = (Values(grid), model.Config.Heads, model.Config.KvHeads);
        return [.. Enumerable.Range(0, model.Config.Layers * heads).Select(i => i % heads < kv ? values[i / heads * kv + i % heads] : 0)];
    }

    private Contrast Study(int rows, int length)
    {
        RunInput Of(string name) => RunInput.Of(golden.Rows(name).Take(rows).Select(r => r.Take(length).ToArray()));
        return model.Contrast(Of("tokens/clean"), Of("tokens/corrupt"), Metric.LogitDifference(golden.Correct, golden.Incorrect));
    }
}
