namespace Interp.Tests.Model.Loading;

using Interp.Extending;
using Interp.Tests.Support;
using Shouldly;
using Xunit;
using static TorchSharp.torch;

[Trait("Tier", "model")]
public sealed class ModelsTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("")]
    [InlineData("transformer.")]
    public void Load_Gpt2_TiedUnlessToldOtherwise(string prefix)
    {
        var values = Write(TinyCheckpoint.Gpt2Config, TinyCheckpoint.Gpt2(prefix));
        using var model = Models.Load(folder.Path);
        using var unembedding = model.WU.t();

        TensorAssert.Doubles(unembedding).ShouldBe(values[prefix + "wte.weight"].Select(x => (double)x));
        model.Config.DMlp.ShouldBe(16);
        model.Tokenizer.ShouldBeNull();
    }

    [Fact]
    public void Load_Gpt2WithItsOwnHead_ReadsIt()
    {
        var tensors = TinyCheckpoint.Gpt2();
        tensors["lm_head.weight"] = [5, 4];
        var values = Write(With(TinyCheckpoint.Gpt2Config, "\"tie_word_embeddings\":false"), tensors);
        using var model = Models.Load(folder.Path);
        using var unembedding = model.WU.t();

        TensorAssert.Doubles(unembedding).ShouldBe(values["lm_head.weight"].Select(x => (double)x));
    }

    [Fact]
    public void Load_LlamaWithEveryBias_PutsEachInItsPlace()
    {
        var values = Write(TinyCheckpoint.LlamaConfig, TinyCheckpoint.Llama());
        using var model = Models.Load(folder.Path);
        using var keys = model.BK(0);
        var mlp = model.Weights.Blocks[0].Mlp.ShouldNotBeNull();

        string[] branches = ["gate_proj", "up_proj"];
        TensorAssert.Doubles(keys).ShouldBe(Stored("self_attn.k_proj.bias"));
        TensorAssert.Doubles(mlp.InBias!).ShouldBe(branches.SelectMany(name => Stored($"mlp.{name}.bias")));
        TensorAssert.Doubles(mlp.OutBias!).ShouldBe(Stored("mlp.down_proj.bias"));
        TensorAssert.Doubles(model.Weights.Blocks[0].Attention.OutputBias!).ShouldBe(Stored("self_attn.o_proj.bias"));
        Should.Throw<InvalidOperationException>(model.ToTransformerLens).Message.ShouldContain("inside its gate");

        IEnumerable<double> Stored(string name) => values["model.layers.0." + name].Select(x => (double)x);
    }

    [Fact]
    public void Load_ShardedFolder_EqualsTheSingleFile()
    {
        Write(TinyCheckpoint.LlamaConfig, TinyCheckpoint.Llama());
        using var whole = Models.Load(folder.Path);
        Split();
        using var sharded = Models.Load(folder.Path);

        foreach (var (ours, theirs) in sharded.Weights.Tensors().Zip(whole.Weights.Tensors()))
            TensorAssert.Doubles(ours.Tensor).ShouldBe(TensorAssert.Doubles(theirs.Tensor), ours.Name);
    }

    [Fact]
    public void Load_MissingTensor_NamesItAndTheNearest()
    {
        var tensors = TinyCheckpoint.Gpt2();
        tensors.Remove("h.0.mlp.c_fc.weight");
        tensors["h.0.mlp.c_fc.wieght"] = [4, 16];
        Write(TinyCheckpoint.Gpt2Config, tensors);

        var error = Should.Throw<InvalidDataException>(() => Models.Load(folder.Path));

        error.Message.ShouldContain("no tensor 'h.0.mlp.c_fc.weight'");
        error.Message.ShouldContain("Nearest: 'h.0.mlp.c_fc.wieght'");
    }

    [Fact]
    public void Load_WrongShape_StatesBoth()
    {
        var tensors = TinyCheckpoint.Gpt2();
        tensors["wpe.weight"] = [7, 4];
        Write(TinyCheckpoint.Gpt2Config, tensors);

        var error = Should.Throw<InvalidDataException>(() => Models.Load(folder.Path));

        error.Message.ShouldContain("'wpe.weight'");
        error.Message.ShouldContain("[7, 4]");
        error.Message.ShouldContain("[3, 4]");
    }

    [Fact]
    public void Load_TensorsOfMoreLayersThanConfigured_IsRefusedInsteadOfDropped()
    {
        var tensors = TinyCheckpoint.Gpt2();
        tensors["h.1.attn.c_attn.weight"] = [4, 12];
        Write(TinyCheckpoint.Gpt2Config, tensors);

        Should.Throw<InvalidDataException>(() => Models.Load(folder.Path)).Message.ShouldContain("1 tensors that its configuration has no use for, among them 'h.1.attn.c_attn.weight'");
    }

    [Fact]
    public void Load_BuffersAndASecondHead_AreLeftAlone()
    {
        var tensors = TinyCheckpoint.Gpt2();
        tensors["h.0.attn.bias"] = [1, 1, 3, 3];
        tensors["h.0.attn.masked_bias"] = [];
        tensors["lm_head.weight"] = [5, 4];
        Write(TinyCheckpoint.Gpt2Config, tensors);

        using var model = Models.Load(folder.Path);

        model.Config.Layers.ShouldBe(1);
    }

    [Fact]
    public void Load_UnknownArchitecture_ListsTheKnown()
    {
        Write("""{"architectures":["MambaForCausalLM"],"model_type":"mamba"}""", TinyCheckpoint.Gpt2());

        var error = Should.Throw<InvalidDataException>(() => Models.Load(folder.Path));

        error.Message.ShouldContain("'MambaForCausalLM'");
        error.Message.ShouldContain("GPT2LMHeadModel");
        error.Message.ShouldContain("LlamaForCausalLM");
        error.Message.ShouldContain("IModelFamily");
    }

    [Fact]
    public void Load_WithoutArchitectures_ModelTypeDecides()
    {
        Write(TinyCheckpoint.Gpt2Config.Replace("\"architectures\":[\"GPT2LMHeadModel\"],", ""), TinyCheckpoint.Gpt2());

        using var model = Models.Load(folder.Path);

        model.Config.Norm.ShouldBe(NormKind.LayerNorm);
    }

    [Fact]
    public void Load_AHeadThatIsNoLanguageModel_IsRefused()
    {
        Write(TinyCheckpoint.Gpt2Config.Replace("GPT2LMHeadModel", "GPT2ForSequenceClassification"), TinyCheckpoint.Gpt2());

        Should.Throw<InvalidDataException>(() => Models.Load(folder.Path)).Message.ShouldContain("'GPT2ForSequenceClassification'");
    }

    [Fact]
    public void Load_FamilyOfOnesOwn_IsAskedFirst()
    {
        Write("""{"architectures":["Bigram"],"n":5}""", new Dictionary<string, long[]> { ["in"] = [5, 4], ["out"] = [5, 4] });

        using var model = Models.Load(folder.Path, new LoadOptions { Families = [new BigramFamily()], DType = ScalarType.Float64 });

        model.Config.DVocab.ShouldBe(5);
        model.Dtype.ShouldBe(ScalarType.Float64);
    }

    [Fact]
    public void Load_NoSuchFolder_SaysWhatIsWanted() =>
        Should.Throw<FileNotFoundException>(() => Models.Load(folder.File("gpt2"))).Message.ShouldContain("config.json and model.safetensors");

    [Fact]
    public void Load_FolderWithoutConfiguration_NamesBothKinds() =>
        Should.Throw<FileNotFoundException>(() => Models.Load(folder.Path)).Message.ShouldContain("neither config.json (Hugging Face) nor tl_config.json");

    [Fact]
    public void Load_ConfigurationThatDoesNotHoldTogether_IsAnErrorOfTheFile()
    {
        Write(TinyCheckpoint.LlamaConfig.Replace("\"num_key_value_heads\":1", "\"num_key_value_heads\":3"), TinyCheckpoint.Llama());

        Should.Throw<InvalidDataException>(() => Models.Load(folder.Path)).Message.ShouldContain("2 query heads cannot share 3 key-value heads");
    }

    [Fact]
    public void Load_FailingHalfway_LeavesNoTensor()
    {
        var tensors = TinyCheckpoint.Gpt2();
        tensors["ln_f.bias"] = [9];
        Write(TinyCheckpoint.Gpt2Config, tensors);
        var before = TotalAlive();

        Should.Throw<InvalidDataException>(() => Models.Load(folder.Path));

        TotalAlive().ShouldBe(before);
    }

    [Fact]
    public void Dispose_LoadedAndProcessedModel_LeavesNoTensor()
    {
        Write(TinyCheckpoint.LlamaConfig, TinyCheckpoint.Llama());
        var before = TotalAlive();

        using (var model = Models.Load(folder.Path))
        using (model.Process(WeightProcessing.TransformerLens))
            TotalAlive().ShouldBeGreaterThan(before);

        TotalAlive().ShouldBe(before);
    }

    private static long TotalAlive() => TorchSharp.DisposeScopeManager.Statistics.ThreadTotalLiveCount;

    private static string With(string config, string more) => config[..^1] + "," + more + "}";

    private Dictionary<string, float[]> Write(string config, Dictionary<string, long[]> tensors)
    {
        folder.Write("config.json", config);
        return TinyCheckpoint.Write(folder.File("model.safetensors"), tensors);
    }

    private void Split()
    {
        using (var file = SafetensorsFile.Open(folder.File("model.safetensors")))
        {
            var owners = file.Names.Select((name, i) => (Name: name, Shard: $"model-{i % 3}.safetensors")).ToArray();
            foreach (var shard in owners.GroupBy(owner => owner.Shard, owner => owner.Name))
            {
                var writer = new SafetensorsWriter();
                foreach (var name in shard)
                    writer.Add(name, file.Entry(name).Type, [.. file.Entry(name).Shape], file.ReadBytes(name));
                writer.Save(folder.File(shard.Key), null);
            }
            var map = string.Join(",", owners.Select(owner => $"\"{owner.Name}\":\"{owner.Shard}\""));
            folder.Write("model.safetensors.index.json", "{\"weight_map\":{" + map + "}}");
        }
        File.Delete(folder.File("model.safetensors"));
    }

    private sealed class BigramFamily : IModelFamily
    {
        public IReadOnlyList<string> Architectures { get; } = ["Bigram"];

        public string ModelType => "bigram";

        public TransformerConfig Describe(ConfigFile config) => new()
        {
            Layers = 1, DModel = 4, Heads = 1, DHead = 4, DVocab = config.Int("n"), Context = 8, Norm = NormKind.None, Positions = PositionKind.None,
        };

        public TransformerWeights Read(WeightReader reader, ConfigFile file, TransformerConfig config) => new()
        {
            Embedding = reader.Read("in", config.DVocab, 4),
            Blocks = [new BlockWeights { Attention = new AttentionWeights { Qkv = zeros([4, 12], dtype: reader.DType), Output = zeros([4, 4], dtype: reader.DType) } }],
            Unembedding = reader.Linear(4, ("out", config.DVocab)),
        };

        public bool MayIgnore(string name) => false;
    }
}
