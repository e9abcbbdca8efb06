namespace Interp.Tests.Unit.Dictionaries;

using Interp.Tests.Support;
using Shouldly;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

/// <summary>dictionary_learning's files: both ways, as its classes compute, and what is refused.</summary>
[Trait("Tier", "unit")]
public sealed class DictionaryLearningLayoutTests
{
    public static TheoryData<string, string> Kinds => new()
    {
        { "relu", "AutoEncoder" }, { "uncentred", "AutoEncoderNew" }, { "topk", "AutoEncoderTopK" }, { "batchtopk", "BatchTopKSAE" },
        { "jumprelu", "JumpReluAutoEncoder" }, { "gated", "GatedAutoEncoder" }, { "matryoshka", "MatryoshkaBatchTopKSAE" }, { "nested topk", "AutoEncoderTopK" },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Save_DictionaryLearning_LoadsTheSameBits(string kind, string expected)
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        using var dictionary = Random(kind);
        dictionary.Save(folder.Path, DictionaryLayout.DictionaryLearning);
        File.ReadAllText(folder.File("config.json")).ShouldContain($"\"dict_class\": \"{expected}\"");
        using var loaded = DictionaryFiles.Load(folder.Path);
        DictionaryLayoutTests.SameBits(dictionary, loaded);
        var bytes = File.ReadAllBytes(folder.File("ae.pt"));
        dictionary.Save(folder.Path, DictionaryLayout.DictionaryLearning);
        File.ReadAllBytes(folder.File("ae.pt")).ShouldBe(bytes);
        Evidence.Record("sae-layouts", true, $"dictionary_learning {kind}: equal");
    }

    [Fact]
    public void Load_GatedAsItsLibraryWritesIt_ComputesItsOutput()
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        var (encoder, decoder, shift, r, gate, mag) = (randn([10, 6]), randn([6, 10]), randn([6]), randn([10]), randn([10]), randn([10]));
        PickledTensors.Write(folder.File("ae.pt"),
            [("decoder_bias", shift), ("r_mag", r), ("gate_bias", gate), ("mag_bias", mag), ("encoder.weight", encoder), ("decoder.weight", decoder)]);
        folder.Write("config.json", """{"trainer": {"dict_class": "GatedAutoEncoder", "layer": 3, "lm_name": "EleutherAI/pythia-70m", "submodule_name": "mlp_out_layer_3"}, "buffer": {}}""");
        using var loaded = DictionaryFiles.Load(folder.Path);
        loaded.Config.Input.ShouldBe(new HookName(Sites.MlpOutRaw, 3));
        loaded.Config.ModelName.ShouldBe("EleutherAI/pythia-70m");
        var x = randn([5, 6]);
        var projected = (x - shift).matmul(encoder.t());
        var latents = (projected + gate > 0).to(ScalarType.Float32) * nn.functional.relu(projected * r.exp() + mag);
        (loaded.Reconstruct(x) - (latents.matmul(decoder.t()) + shift)).abs().max().ToDouble().ShouldBeLessThan(1e-5);
    }

    [Fact]
    public void Load_MatryoshkaAsItsLibraryWritesIt_UsesItsThreshold()
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        var (encoder, bias, decoder, shift) = (randn([6, 10]), randn([10]), randn([10, 6]), randn([6]));
        PickledTensors.Write(folder.File("ae.pt"),
        [
            ("k", full([], 3, dtype: ScalarType.Int32)), ("threshold", full([], 0.25, dtype: ScalarType.Float32)), ("group_sizes", tensor(new long[] { 4, 6 })),
            ("W_enc", encoder), ("b_enc", bias), ("W_dec", decoder), ("b_dec", shift),
        ]);
        folder.Write("config.json", """{"trainer": {"dict_class": "MatryoshkaBatchTopKSAE", "k": 3, "layer": 8, "lm_name": "google/gemma-2-2b", "submodule_name": "resid_post_layer_8"}}""");
        using var loaded = DictionaryFiles.Load(folder.Path);
        loaded.Config.Activation.ShouldBe(LatentActivation.BatchTopK(3));
        loaded.Config.Nesting.ShouldBe([4]);
        loaded.BatchThreshold.ShouldBe(0.25);
        loaded.Config.Input.ShouldBe(new HookName(Sites.ResidPost, 8));
        var x = randn([5, 6]);
        var relu = nn.functional.relu((x - shift).matmul(encoder) + bias);
        (loaded.Encode(x) - relu * (relu > 0.25).to(ScalarType.Float32)).abs().max().ToDouble().ShouldBeLessThan(1e-5);
    }

    [Fact]
    public void Load_DamagedOrForeign_SaysSo()
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        using var dictionary = Random("topk");
        dictionary.Save(folder.Path, DictionaryLayout.DictionaryLearning);
        var (config, weights) = (File.ReadAllText(folder.File("config.json")), File.ReadAllBytes(folder.File("ae.pt")));
        string Refusal() => Should.Throw<InvalidDataException>(() => DictionaryFiles.Load(folder.Path)).Message;
        folder.Write("config.json", config.Replace("AutoEncoderTopK", "CrossCoder"));
        Refusal().ShouldContain("CrossCoder");
        folder.Write("config.json", config.Replace("AutoEncoderTopK", "GatedAutoEncoder"));
        Refusal().ShouldContain("'gate_bias'");
        folder.Write("config.json", "{}");
        Refusal().ShouldContain("'trainer'");
        folder.Write("config.json", config);
        folder.Write("ae.pt", weights[..(weights.Length / 2)]);
        Refusal().ShouldContain("ae.pt");
    }

    [Fact]
    public void Save_KindsItLacks_AreRefused()
    {
        using var folder = new TemporaryFolder();
        foreach (var config in new[]
        {
            new DictionaryConfig { DIn = 6, Width = 10, Activation = LatentActivation.TopK(3), CentreInput = false },
            new DictionaryConfig { DIn = 6, Width = 10, Activation = LatentActivation.BatchTopK(2.5) },
            new DictionaryConfig { DIn = 6, Width = 10, Activation = LatentActivation.TopK(3), RescaleByDecoderNorm = true },
            new DictionaryConfig { DIn = 6, DOut = 5, Width = 10, Activation = LatentActivation.Relu, CentreInput = false },
        })
        {
            using var dictionary = SparseDictionary.Initialise(config, 0);
            Should.Throw<ArgumentException>(() => dictionary.Save(folder.Path, DictionaryLayout.DictionaryLearning)).Message.ShouldContain("no such dictionary");
        }
        Directory.GetFiles(folder.Path).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(ScalarType.Float64)]
    [InlineData(ScalarType.Float16)]
    [InlineData(ScalarType.BFloat16)]
    [InlineData(ScalarType.Int64)]
    [InlineData(ScalarType.Byte)]
    [InlineData(ScalarType.Bool)]
    public void Write_TypesShapesAndStrides_ReadBackTheSame(ScalarType type)
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        var values = (randn([3, 4, 300]) * 50).to(type);
        (string, Tensor)[] tensors = [("plain", values), ("turned", values.permute(2, 0, 1)), ("scalar", values[0, 0, 0]), ("empty", values.narrow(0, 0, 0)), ("π.β", values[1])];
        PickledTensors.Write(folder.File("x.pt"), tensors);
        using var file = PickledTensors.Open(folder.File("x.pt"));
        file.Names.ShouldBe(tensors.Select(t => t.Item1));
        foreach (var (name, tensor) in tensors)
        {
            var read = file.Read(name);
            read.dtype.ShouldBe(type);
            read.shape.ShouldBe(tensor.shape);
            GoldenCompare.Doubles(read).ShouldBe(GoldenCompare.Doubles(tensor));
        }
        Should.Throw<ArgumentException>(() => PickledTensors.Write(folder.File("y.pt"), [("a", values), ("a", values)])).Message.ShouldContain("'a'");
        File.Exists(folder.File("y.pt")).ShouldBeFalse();
    }

    private static SparseDictionary Random(string kind)
    {
        LatentActivation activation = kind switch
        {
            "topk" or "nested topk" => LatentActivation.TopK(3), "batchtopk" or "matryoshka" => LatentActivation.BatchTopK(2), "jumprelu" => LatentActivation.JumpRelu(0.125), "gated" => LatentActivation.Gated,
            _ => LatentActivation.Relu,
        };
        var config = new DictionaryConfig
        {
            DIn = 6, Width = 10, Nesting = kind is "matryoshka" or "nested topk" ? [2, 5] : [], Activation = activation, CentreInput = kind is not ("uncentred" or "jumprelu"), ModelName = "tiny", Input = new HookName(Sites.ResidPost, 1),
        };
        Tensor Draw(params long[] shape) => randn(shape, dtype: ScalarType.Float32).DetachFromDisposeScope();
        return SparseDictionary.Create(config, new DictionaryWeights
        {
            Encoder = Draw(6, 10), EncoderBias = Draw(10), Decoder = Draw(10, 6), DecoderBias = Draw(6), Latent = activation.OwnWeights.ToDictionary(name => name, _ => Draw(10)),
        }, kind is "batchtopk" or "matryoshka" ? 0.1 : kind is "topk" ? 0.3 : null);
    }
}
