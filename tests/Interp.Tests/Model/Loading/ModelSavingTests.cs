namespace Interp.Tests.Model.Loading;

using Interp.Tests.Support;
using Shouldly;
using Xunit;
using static TorchSharp.torch;

[Trait("Tier", "model")]
public sealed class ModelSavingTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public static TheoryData<string> Foundation => [.. GoldenModel.Foundation];

    public void Dispose() => folder.Dispose();

    [SkippableTheory]
    [MemberData(nameof(Foundation))]
    public void Save_AndLoad_IsTheSameModel(string name)
    {
        using var model = GoldenModel.Load(name, processed: false, ScalarType.Float64);

        model.Save(folder.File("model.safetensors"));

        using var fromFile = Models.Load(folder.File("model.safetensors"));
        using var fromMemory = Models.Load(File.ReadAllBytes(folder.File("model.safetensors")), "resource");
        foreach (var loaded in new[] { fromFile, fromMemory })
        {
            loaded.Config.ScoreScale.ShouldBe(model.Config.ScoreScale);
            (loaded.Config with
            {
                KeyValueHeads = model.Config.KeyValueHeads, AttentionScale = model.Config.AttentionScale, Windows = model.Config.Windows,
                Rotary = loaded.Config.Rotary with { Dimensions = model.Config.Rotary.Dimensions },
            }).ShouldBe(model.Config);
            ShouldBeEqual(loaded, model);
        }
    }

    [SkippableFact]
    public void Save_ProcessedModel_StaysProcessed()
    {
        using var model = GoldenModel.Load("gpt2", processed: true, ScalarType.Float32);

        model.Save(folder.File("model.safetensors"));

        using var loaded = Models.Load(folder.File("model.safetensors"));
        loaded.Config.Norm.ShouldBe(NormKind.LayerNormPre);
        ShouldBeEqual(loaded, model);
    }

    [SkippableFact]
    public void Load_FileWithoutConfiguration_SaysWhatToDo()
    {
        var path = Path.Combine(GoldenModel.Folder("gpt2"), "model.safetensors");

        Should.Throw<InvalidDataException>(() => Models.Load(path)).Message.ShouldContain("give the model's folder");
    }

    [SkippableFact]
    public void Save_OtherEnding_IsRefused()
    {
        using var model = GoldenModel.Load("attn_only", processed: false, ScalarType.Float32);

        Should.Throw<ArgumentException>(() => model.Save(folder.File("model.bin"))).Message.ShouldContain(".safetensors");
    }

    private static void ShouldBeEqual(HookedTransformer loaded, HookedTransformer model)
    {
        using var ours = loaded.ToTransformerLens();
        using var theirs = model.ToTransformerLens();
        ours.Keys.Order().ShouldBe(theirs.Keys.Order());
        foreach (var (key, tensor) in ours)
            TensorAssert.Doubles(tensor).ShouldBe(TensorAssert.Doubles(theirs[key]), key);
    }
}
