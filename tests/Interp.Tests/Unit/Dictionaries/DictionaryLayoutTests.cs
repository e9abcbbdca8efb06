namespace Interp.Tests.Unit.Dictionaries;

using Interp.Tests.Support;
using Shouldly;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

/// <summary>Dictionaries in the layouts of other libraries, and what is refused.</summary>
[Trait("Tier", "unit")]
public sealed class DictionaryLayoutTests
{
    [Theory]
    [InlineData("autoencoder", ScalarType.Float32)]
    [InlineData("transcoder", ScalarType.Float32)]
    [InlineData("skip transcoder", ScalarType.Float32)]
    [InlineData("nested autoencoder", ScalarType.Float32)]
    [InlineData("autoencoder", ScalarType.BFloat16)]
    [InlineData("autoencoder", ScalarType.Float64)]
    public void Save_Sparsify_LoadsTheSameBits(string kind, ScalarType dtype)
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        using var dictionary = TopK(kind, dtype);
        dictionary.Save(folder.Path, DictionaryLayout.Sparsify);
        using var file = SafetensorsFile.Open(folder.File("sae.safetensors"));
        file.Entry("encoder.weight").Shape.ShouldBe([10, 6]);
        file.Entry("W_dec").Shape.ShouldBe([10, 6]);
        using var loaded = DictionaryFiles.Load(folder.Path);
        SameBits(dictionary, loaded);
        Evidence.Record("sae-layouts", true, $"sparsify {kind}: equal");
    }

    [Fact]
    public void Load_SparsifyAsItsLibraryWritesIt_ReadsFolderNameAndComputesItsOutput()
    {
        using var scope = NewDisposeScope();
        using var root = new TemporaryFolder();
        var folder = Directory.CreateDirectory(root.File("layers.3.mlp")).FullName;
        var (encoder, bias, decoder, shift, skip) = (randn([10, 6]), randn([10]), randn([10, 6]), randn([6]), randn([6, 6]));
        Safetensors.Write(Path.Combine(folder, "sae.safetensors"),
            [("encoder.weight", encoder), ("encoder.bias", bias), ("W_dec", decoder), ("b_dec", shift), ("W_skip", skip)]);
        File.WriteAllText(Path.Combine(folder, "cfg.json"), """
            {"activation": "topk", "expansion_factor": 32, "normalize_decoder": true, "num_latents": 10, "k": 2, "multi_topk": false,
             "skip_connection": true, "transcode": true, "d_in": 6}
            """);
        using var loaded = DictionaryFiles.Load(folder);
        loaded.Config.Input.ShouldBe(new HookName(Sites.MlpInput, 3));
        loaded.Config.Output.ShouldBe(new HookName(Sites.MlpOutRaw, 3));
        var x = randn([5, 6]);
        var pre = nn.functional.relu(x.matmul(encoder.t()) + bias);
        var (values, places) = pre.topk(2, -1);
        var expected = zeros_like(pre).scatter_(-1, places, values).matmul(decoder) + shift + x.matmul(skip.t());
        (loaded.Reconstruct(x) - expected).abs().max().ToDouble().ShouldBeLessThan(1e-5);
    }

    [Theory]
    [InlineData("layers.7", "blocks.7.hook_resid_post")]
    [InlineData("h.0.attn", "blocks.0.attn.hook_out")]
    [InlineData("gpt_neox.layers.2.mlp", "blocks.2.mlp.hook_out")]
    [InlineData("somewhere", null)]
    public void Load_SparsifyFolderNames_AreHookPoints(string name, string? expected)
    {
        using var scope = NewDisposeScope();
        using var root = new TemporaryFolder();
        var folder = root.File(name);
        using var dictionary = TopK("autoencoder", ScalarType.Float32, named: false);
        dictionary.Save(folder, DictionaryLayout.Sparsify);
        var config = Path.Combine(folder, "cfg.json");
        File.WriteAllText(config, string.Join('\n', File.ReadAllLines(config).Where(l => !l.Contains("hook_name") && !l.Contains("model_"))).Replace("\"d_in\": 6,", "\"d_in\": 6"));
        using var loaded = DictionaryFiles.Load(folder);
        loaded.Config.Input?.ToString().ShouldBe(expected);
    }

    [Fact]
    public void Save_KindsALayoutLacks_AreRefused()
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        using var relu = SparseDictionary.Initialise(new DictionaryConfig { DIn = 6, Width = 10, Activation = LatentActivation.Relu }, 0);
        Should.Throw<ArgumentException>(() => relu.Save(folder.Path, DictionaryLayout.Sparsify)).Message.ShouldContain("TopK");
        using var transcoder = TopK("transcoder", ScalarType.Float32);
        Should.Throw<ArgumentException>(() => transcoder.Save(folder.Path)).Message.ShouldContain("DictionaryLayout.Sparsify");
        using var batch = SparseDictionary.Initialise(transcoder.Config with { Activation = LatentActivation.BatchTopK(3) }, 0);
        Should.Throw<ArgumentException>(() => batch.Save(folder.Path)).Message.ShouldContain("ForInference");
        Directory.GetFiles(folder.Path).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("\"activation\": \"topk\"", "\"activation\": \"groupmax\"", "groupmax")]
    [InlineData("\"num_latents\": 10", "\"num_latents\": 11", "11")]
    [InlineData("\"k\": 3", "\"k\": 12", "k = 12")]
    [InlineData("\"k\": 3", "\"k\": 3, \"embed_skip\": true", "embed_skip")]
    public void Load_DamagedSparsify_SaysSo(string old, string changed, string expected)
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        using var dictionary = TopK("autoencoder", ScalarType.Float32);
        dictionary.Save(folder.Path, DictionaryLayout.Sparsify);
        var config = File.ReadAllText(folder.File("cfg.json"));
        config.ShouldContain(old);
        folder.Write("cfg.json", config.Replace(old, changed));
        Should.Throw<InvalidDataException>(() => DictionaryFiles.Load(folder.Path)).Message.ShouldContain(expected);
    }

    [Fact]
    public void Load_TruncatedOrMissingWeights_SaysSoAndLeavesNothing()
    {
        using var folder = new TemporaryFolder();
        using (var dictionary = TopK("autoencoder", ScalarType.Float32))
            dictionary.Save(folder.Path, DictionaryLayout.Sparsify);
        var bytes = File.ReadAllBytes(folder.File("sae.safetensors"));
        var config = File.ReadAllText(folder.File("cfg.json"));
        folder.Write("cfg.json", config.Replace("\"num_latents\": 10", "\"num_latents\": 11"));
        LiveTensors.ShouldStayEqual(() => Should.Throw<InvalidDataException>(() => DictionaryFiles.Load(folder.Path)));
        folder.Write("cfg.json", config);
        folder.Write("sae.safetensors", bytes[..^8]);
        Should.Throw<InvalidDataException>(() => DictionaryFiles.Load(folder.Path)).Message.ShouldContain("sae.safetensors");
        File.Delete(folder.File("sae.safetensors"));
        Should.Throw<FileNotFoundException>(() => DictionaryFiles.Load(folder.Path)).Message.ShouldContain("sae_weights.safetensors");
    }

    [Theory]
    [InlineData("\"hook_head_index\": null", "\"hook_head_index\": 3", "hook_head_index")]
    [InlineData("\"d_in\": 6", "\"d_in\": 6, \"finetuning_scaling_factor\": true", "finetuning_scaling_factor")]
    [InlineData("\"hook_name\": \"blocks.1.hook_resid_pre\"", "\"hook_name\": \"blocks.1.hook_nothing\"", "hook_nothing")]
    public void Load_SaeLensOfAnotherKind_SaysSo(string old, string changed, string expected)
    {
        using var folder = new TemporaryFolder();
        using var dictionary = TopK("autoencoder", ScalarType.Float32);
        dictionary.Save(folder.Path);
        var config = File.ReadAllText(folder.File("cfg.json"));
        config.ShouldContain(old);
        folder.Write("cfg.json", config.Replace(old, changed));
        Should.Throw<InvalidDataException>(() => DictionaryFiles.Load(folder.Path)).Message.ShouldContain(expected);
    }

    internal static void SameBits(SparseDictionary dictionary, SparseDictionary loaded)
    {
        loaded.Config.ShouldBe(dictionary.Config);
        loaded.BatchThreshold.ShouldBe(dictionary.BatchThreshold);
        var (ours, theirs) = (dictionary.Weights.Named().ToArray(), loaded.Weights.Named().ToArray());
        theirs.Select(w => w.Name).ShouldBe(ours.Select(w => w.Name));
        foreach (var (a, b) in ours.Zip(theirs))
        {
            b.Tensor.dtype.ShouldBe(a.Tensor.dtype);
            GoldenCompare.Doubles(b.Tensor).ShouldBe(GoldenCompare.Doubles(a.Tensor));
        }
    }

    private static SparseDictionary TopK(string kind, ScalarType dtype, bool named = true)
    {
        var transcoder = kind.EndsWith("transcoder");
        var config = new DictionaryConfig
        {
            DIn = 6, Width = 10, Nesting = kind.StartsWith("nested") ? [2, 5] : [], Activation = LatentActivation.TopK(3), CentreInput = !transcoder, ModelName = named ? "tiny" : null,
            ModelFingerprint = named ? "0123456789abcdef" : null,
            Input = named ? new HookName(transcoder ? Sites.MlpInput : Sites.ResidPre, 1) : null, Output = named ? new HookName(transcoder ? Sites.MlpOutRaw : Sites.ResidPre, 1) : null,
        };
        Tensor Draw(params long[] shape) => randn(shape, dtype: ScalarType.Float32).to(dtype).DetachFromDisposeScope();
        return SparseDictionary.Create(config, new DictionaryWeights
        {
            Encoder = Draw(6, 10), EncoderBias = Draw(10), Decoder = Draw(10, 6), DecoderBias = Draw(6), Skip = kind == "skip transcoder" ? Draw(6, 6) : null,
        });
    }
}
