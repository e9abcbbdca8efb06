namespace Interp.Tests.Parity.Circuits;

using Interp.Tests.Support;
using Xunit;
using static Interp.Sites;
using static TorchSharp.torch;

/// <summary>Attribution of queries and keys, plain and with the softmax recomputed, and the exact patches, noising, float64.</summary>
[Trait("Tier", "parity")]
public sealed class AtpTests
{
    [SkippableTheory]
    [InlineData("gpt2")]
    [InlineData("neox")]
    [InlineData("llama_gqa")]
    public void QkFix_GoldenModel_EqualsTheReference(string model)
    {
        using var edges = SafetensorsFile.Open(Repository.Shared("golden", "circuits", $"{model}.eap.safetensors"));
        using var file = SafetensorsFile.Open(Repository.Shared("golden", "circuits", $"{model}.atp.safetensors"));
        using var transformer = GoldenModel.Load(model, processed: false, ScalarType.Float64);
        var study = EdgeTests.Study(transformer, edges);
        var compare = new GoldenCompare($"{model} AtP*", ScalarType.Float64);
        var grouped = transformer.Config.KvHeads != transformer.Config.Heads;
        void Add(string key, AttributionResult ours) => compare.Add(key, PerPrompt(ours), file.ReadDoubles(key), 1e-10);
        Add("qkfix/q_blhp", study.AttributeWithQkFix(Q.ByHead().ByPosition()));
        Add("atp/q_blhp", study.Attribute(Q.ByHead().ByPosition()));
        compare.Add("exact/q_lhp", Effects(study.Patch(Q.ByHead().ByPosition())), file.ReadDoubles("exact/q_lhp"), 1e-10);
        compare.Add("exact/q_all_lh", Effects(study.Patch(Q.ByHead())), file.ReadDoubles("exact/q_all_lh"), 1e-10);
        if (!grouped) // the reference has a key and a value per query head
        {
            Add("qkfix/k_blhp", study.AttributeWithQkFix(K.ByHead().ByPosition()));
            Add("atp/k_blhp", study.Attribute(K.ByHead().ByPosition()));
            Add("atp/v_blhp", study.Attribute(V.ByHead().ByPosition()));
            compare.Add("exact/k_lhp", Effects(study.Patch(K.ByHead().ByPosition())), file.ReadDoubles("exact/k_lhp"), 1e-10);
            compare.Add("exact/v_lhp", Effects(study.Patch(V.ByHead().ByPosition())), file.ReadDoubles("exact/v_lhp"), 1e-10);
        }
        Evidence.Record("circuit-atp", compare.Holds, compare.Figure);
        compare.ShouldHold(grouped ? 4 : 9);
    }

    private static double[] Effects(PatchResult result) => [.. result.Effect.Values];

    // [layer, head, pos] with the prompts' own values to [prompt, layer, head, pos].
    private static double[] PerPrompt(AttributionResult result)
    {
        var cells = Enumerable.Range(0, result.Effect.Count).Select(result.PerPrompt).ToArray();
        return [.. Enumerable.Range(0, cells[0].Length).SelectMany(prompt => cells.Select(c => c[prompt]))];
    }
}
