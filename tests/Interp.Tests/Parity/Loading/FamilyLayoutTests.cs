namespace Interp.Tests.Parity.Loading;

using Interp.Tests.Support;
using Shouldly;
using Xunit;
using static TorchSharp.torch;

/// <summary>Families in TransformerLens's layout: exported, read, processed and saved.</summary>
[Trait("Tier", "parity")]
public sealed class FamilyLayoutTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    // OLMo 2 came from a copy of TransformerLens with other names for its norms.
    public static TheoryData<string> Stored => [.. FamilyCases.Cached.Where(name => name != "olmo2")];

    public static TheoryData<string> Families => [.. FamilyCases.All];

    public void Dispose() => folder.Dispose();

    [SkippableTheory]
    [MemberData(nameof(Stored))]
    public void ToTransformerLens_OfHuggingFaceFolder_EqualsTheStoredWeights(string name)
    {
        using var model = FamilyCases.Load(name, ScalarType.Float32);
        CompareWeights(model, Repository.Shared("golden", name, "tl_raw.safetensors"), 2e-7);
    }

    [SkippableTheory]
    [MemberData(nameof(Stored))]
    public void Process_AsTransformerLens_EqualsTheStoredWeights(string name)
    {
        using var raw = FamilyCases.Load(name, ScalarType.Float64);
        using var model = raw.Process(WeightProcessing.TransformerLens);
        CompareWeights(model, Repository.Shared("golden", name, "tl_processed.safetensors"), 2e-6);
    }

    [SkippableTheory]
    [MemberData(nameof(Stored))]
    public void FromTransformerLens_RawWeights_LogitsEqualTheHuggingFaceFolders(string name)
    {
        using var scope = NewDisposeScope();
        using var golden = GoldenFile.Open(name);
        using var model = GoldenModel.Load(name, processed: false, ScalarType.Float64);
        using var folderModel = FamilyCases.Load(name, ScalarType.Float64);
        var rows = golden.Rows("tokens/clean");

        Worst(model.On(rows).Logits() - folderModel.On(rows).Logits()).ShouldBeLessThan(FamilyCases.Tolerance(name, ScalarType.Float64));
    }

    [SkippableTheory]
    [MemberData(nameof(Families))]
    public void Process_AsTransformerLens_KeepsLogProbabilities(string name)
    {
        using var scope = NewDisposeScope();
        using var golden = GoldenFile.Open(name);
        using var raw = FamilyCases.Load(name, ScalarType.Float64);
        using var processed = raw.Process(WeightProcessing.TransformerLens);
        var rows = golden.Rows("tokens/clean");

        Worst(raw.On(rows).Logits().log_softmax(-1) - processed.On(rows).Logits().log_softmax(-1)).ShouldBeLessThan(1e-11);
    }

    [SkippableTheory]
    [MemberData(nameof(Families))]
    public void Save_AndLoad_LogitsStay(string name)
    {
        using var scope = NewDisposeScope();
        using var golden = GoldenFile.Open(name);
        using var model = FamilyCases.Load(name, ScalarType.Float64);
        var rows = golden.Rows("tokens/clean");

        model.Save(folder.File("model.safetensors"));

        using var loaded = Models.Load(folder.File("model.safetensors"));
        Worst(model.On(rows).Logits() - loaded.On(rows).Logits()).ShouldBe(0);
    }

    private static void CompareWeights(HookedTransformer model, string path, double tolerance)
    {
        using var exported = model.ToTransformerLens();
        using var file = SafetensorsFile.Open(path);
        // TransformerLens centres an unembedding that a soft cap follows, which changes probabilities: ours does not (gemma2).
        var centred = path.EndsWith("processed.safetensors", StringComparison.Ordinal) && model.Config.LogitSoftCap > 0;
        // An ALiBi model's positional embedding is not used; key-value parameters have an underscore only where groups are smaller than all heads here.
        var names = file.Names.Where(stored => stored != "pos_embed.W_pos" || model.Config.Positions != PositionKind.Alibi).ToArray();
        var compare = new GoldenCompare($"weights of {path}", ScalarType.Float32);
        foreach (var stored in names.Where(stored => !(centred && stored == "unembed.W_U")))
        {
            var ours = exported.ContainsKey(stored) ? stored : stored.Replace("attn._", "attn.", StringComparison.Ordinal);
            compare.Add(stored, exported[ours], file.ReadDoubles(stored), [.. file.Entry(stored).Shape], tolerance);
        }
        exported.Count.ShouldBe(names.Length);
        compare.ShouldHold(names.Length - (centred ? 1 : 0));
    }

    private static double Worst(Tensor difference) => GoldenCompare.Doubles(difference).Max(Math.Abs);
}
