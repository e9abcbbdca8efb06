namespace Interp.Tests.Parity.Attribution;

using Interp.Tests.Support;
using TorchSharp;
using Xunit;
using static Interp.Sites;
using static TorchSharp.torch;

/// <summary>Attribution tables equal TransformerLens's gradient times difference, array by array.</summary>
[Trait("Tier", "parity")]
public sealed class GoldenAttributionTests
{
    public static TheoryData<string> Models => GoldenReading.Models;

    [SkippableTheory]
    [MemberData(nameof(Models))]
    public void Attribute_EveryTableOfTheFile_EqualsTheReference(string name) =>
        GoldenReading.Compare(name, "attribution", (reading, compare) =>
        {
            var (group, names) = (reading.Group("attribution"), reading.Golden.Names(reading.Group("attribution")));
            var contrast = reading.Model.Contrast(
                RunInput.Of(reading.Golden.Rows("tokens/clean")), RunInput.Of(reading.Golden.Rows("tokens/corrupt")),
                Metric.LogitDifference(reading.Golden.Correct, reading.Golden.Incorrect));
            var tables = names.Where(n => Grid(n) is not null).ToArray();
            var results = contrast.Attribute(tables.Select(n => Grid(n)!)); // one forward and backward for all tables
            void Add(string array, ReadOnlySpan<double> ours) =>
                compare.Add(array, ours, reading.Golden.Values($"{group}/{array}"), reading.TableTolerance);
            for (var i = 0; i < tables.Length; i++)
                Add(tables[i], results[i].Effect.Values);
            Add("metric_clean", [results[0].Clean]);
            Add("metric_corrupt", [results[0].Corrupted]);
            Add("attention_attr_clean", AttentionAttribution(contrast));
            return names.Length;
        });

    // [batch, layer, head, dest, src]; the reference differentiates the mean over the batch.
    private static double[] AttentionAttribution(Contrast contrast)
    {
        var result = contrast.Model.On(contrast.Clean).AttributeZeroAblation(contrast.Metric, Pattern.ByHead().ByPosition().BySource());
        var (cells, prompts) = (result.Effect.Count, contrast.Clean.Batch);
        var values = new double[cells * prompts];
        for (var cell = 0; cell < cells; cell++)
        {
            var own = result.PerPrompt(cell);
            for (var prompt = 0; prompt < prompts; prompt++)
                values[prompt * cells + cell] = own[prompt] / prompts;
        }
        return values;
    }

    private static UnitGrid? Grid(string table) => table switch
    {
        "resid_pre" => ResidPre.ByPosition(),
        "resid_mid" => ResidMid.ByPosition(),
        "resid_post" => ResidPost.ByPosition(),
        "attn_out" => AttnOut.ByPosition(),
        "mlp_out" => MlpOut.ByPosition(),
        "head_q" => Q.ByHead(),
        "head_k" => K.ByHead(),
        "head_v" => V.ByHead(),
        "head_z" => Z.ByHead(),
        "head_q_by_pos" => Q.ByHead().ByPosition(),
        "head_k_by_pos" => K.ByHead().ByPosition(),
        "head_v_by_pos" => V.ByHead().ByPosition(),
        "head_z_by_pos" => Z.ByHead().ByPosition(),
        "head_result_by_pos" => Result.ByHead().ByPosition(),
        "pattern" => Pattern.ByHead().ByPosition().BySource(),
        "pattern_by_dest" => Pattern.ByHead().ByPosition(),
        "pattern_head" => Pattern.ByHead(),
        "mlp_post_neuron_sum_pos" => MlpPost.ByNeuron(),
        _ => null,
    };
}
