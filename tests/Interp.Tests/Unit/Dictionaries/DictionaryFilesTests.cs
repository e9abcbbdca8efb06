namespace Interp.Tests.Unit.Dictionaries;

using Interp.Tests.Support;
using Shouldly;
using Xunit;
using static TorchSharp.torch;

/// <summary>Dictionaries on disk, and what is refused.</summary>
[Trait("Tier", "unit")]
public sealed class DictionaryFilesTests
{
    public static TheoryData<string> Kinds => ["standard", "topk", "batchtopk", "jumprelu", "log jumprelu", "gated", "skip transcoder", "matryoshka", "nested topk"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Save_ThenLoad_SameBits(string kind)
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        using var dictionary = Random(kind);
        dictionary.Save(folder.Path);
        using var loaded = DictionaryFiles.Load(folder.Path);
        loaded.Config.ShouldBe(dictionary.Config);
        loaded.BatchThreshold.ShouldBe(dictionary.BatchThreshold);
        var (ours, theirs) = (dictionary.Weights.Named().ToArray(), loaded.Weights.Named().ToArray());
        theirs.Select(w => w.Name).ShouldBe(ours.Select(w => w.Name));
        foreach (var (a, b) in ours.Zip(theirs))
        {
            b.Tensor.dtype.ShouldBe(a.Tensor.dtype);
            GoldenCompare.Doubles(b.Tensor).ShouldBe(GoldenCompare.Doubles(a.Tensor));
        }
        Evidence.Record("sae-files", true, $"{kind}: equal");
    }

    [Fact]
    public void Load_OlderFlatConfiguration_TopK()
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        using var dictionary = Random("topk");
        dictionary.Save(folder.Path);
        folder.Write("cfg.json", """
            {"architecture": "standard", "d_in": 6, "d_sae": 10, "dtype": "torch.float32", "activation_fn_str": "topk", "activation_fn_kwargs": {"k": 3},
             "model_name": "tiny", "hook_name": "blocks.1.hook_resid_pre", "apply_b_dec_to_input": true, "normalize_activations": "none"}
            """);
        using var loaded = DictionaryFiles.Load(folder.Path);
        loaded.Config.Activation.ShouldBe(LatentActivation.TopK(3));
        loaded.Config.Input.ShouldBe(new HookName(Sites.ResidPre, 1));
    }

    [Fact]
    public void Save_TrainedNested_SaysItWhereSaeLensDoes()
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        using var dictionary = Random("batchtopk");
        using (var trainer = new DictionaryTrainer(dictionary, new DictionaryTrainingOptions { Steps = 5, Nesting = [3, 7] }))
            trainer.Step(randn([4, 6]));
        dictionary.Save(folder.Path);
        var text = File.ReadAllText(folder.File("cfg.json"));
        var json = System.Text.Json.JsonDocument.Parse(text).RootElement;
        json.GetProperty("architecture").GetString().ShouldBe("matryoshka_batchtopk");
        json.GetProperty("matryoshka_widths").EnumerateArray().Select(width => width.GetInt32()).ShouldBe([3, 7, 10]);
        using var loaded = DictionaryFiles.Load(folder.Path);
        loaded.Config.Nesting.ShouldBe([3, 7]);
        loaded.Config.ShouldBe(dictionary.Config);
        loaded.Config.ShouldNotBe(dictionary.Config with { Nesting = [3] });
        folder.Write("cfg.json", System.Text.RegularExpressions.Regex.Replace(text, @"\[\s*3,\s*7,\s*10\s*\]", "[7, 3, 10]"));
        Should.Throw<InvalidDataException>(() => DictionaryFiles.Load(folder.Path)).Message.ShouldContain("nested widths [7, 3]");
    }

    [Fact]
    public void Load_TruncatedOrForeign_SaysSo()
    {
        using var folder = new TemporaryFolder();
        using var dictionary = Random("standard");
        dictionary.Save(folder.Path);
        var weights = folder.File("sae_weights.safetensors");
        var bytes = File.ReadAllBytes(weights);
        File.WriteAllBytes(weights, bytes[..^8]);
        Should.Throw<InvalidDataException>(() => DictionaryFiles.Load(folder.Path));
        File.WriteAllBytes(weights, bytes);
        folder.Write("cfg.json", File.ReadAllText(folder.File("cfg.json")).Replace("\"d_sae\": 10", "\"d_sae\": 11"));
        Should.Throw<InvalidDataException>(() => DictionaryFiles.Load(folder.Path)).Message.ShouldContain("11");
        folder.Write("cfg.json", File.ReadAllText(folder.File("cfg.json")).Replace("\"standard\"", "\"matching_pursuit\""));
        Should.Throw<InvalidDataException>(() => DictionaryFiles.Load(folder.Path)).Message.ShouldContain("matching_pursuit");
    }

    [Fact]
    public void Validated_BadDescriptions_NameEveryViolation()
    {
        var config = new DictionaryConfig { DIn = 4, Width = 8, Activation = LatentActivation.TopK(9) };
        Should.Throw<ArgumentException>(() => SparseDictionary.Initialise(config, 0)).Message.ShouldContain("k = 9");
        Should.Throw<ArgumentException>(() => (config with { Width = 0 }).Validated()).Message.ShouldContain("at least 1");
        Should.Throw<ArgumentException>(() => (config with { DOut = 3, Activation = LatentActivation.Relu }).Validated()).Message.ShouldContain("CentreInput");
    }

    [Fact]
    public void Step_NaNActivations_Throws()
    {
        using var scope = NewDisposeScope();
        using var dictionary = Random("standard");
        using var trainer = new DictionaryTrainer(dictionary, new DictionaryTrainingOptions { Steps = 5 });
        Should.Throw<ArithmeticException>(() => trainer.Step(full([4, 6], double.NaN, dtype: ScalarType.Float32))).Message.ShouldContain("NaN");
        dictionary.Weights.Encoder.requires_grad.ShouldBeFalse();
    }

    private static SparseDictionary Random(string kind)
    {
        LatentActivation activation = kind switch
        {
            "topk" or "nested topk" => LatentActivation.TopK(3),
            "batchtopk" or "matryoshka" => LatentActivation.BatchTopK(2.5),
            "jumprelu" => LatentActivation.JumpRelu(0.125),
            "log jumprelu" => new JumpReluLatents { InLogSpace = true },
            "gated" => LatentActivation.Gated,
            _ => LatentActivation.Relu,
        };
        var skip = kind == "skip transcoder";
        var config = new DictionaryConfig
        {
            DIn = 6, DOut = skip ? 5 : 6, Width = 10, Nesting = kind is "matryoshka" or "nested topk" ? [2, 5] : [], Activation = activation, CentreInput = !skip, ModelName = "tiny",
            RescaleByDecoderNorm = kind is "topk" or "batchtopk",
            Input = new HookName(skip ? Sites.MlpInput : Sites.ResidPre, 1), Output = new HookName(skip ? Sites.MlpOutRaw : Sites.ResidPre, 1),
        };
        Tensor Draw(params long[] shape) => randn(shape, dtype: ScalarType.Float32).DetachFromDisposeScope();
        return SparseDictionary.Create(config, new DictionaryWeights
        {
            Encoder = Draw(6, 10), EncoderBias = Draw(10), Decoder = Draw(10, config.DOut), DecoderBias = Draw(config.DOut),
            Skip = skip ? Draw(6, config.DOut) : null, Latent = activation.OwnWeights.ToDictionary(name => name, _ => Draw(10)),
        }, kind is "batchtopk" or "matryoshka" ? 0.3125 : null);
    }
}
