namespace Interp.Extensions.Tests;

using Interp.Extending;
using Shouldly;
using TorchSharp;
using Xunit;
using static Interp.Sites;
using static TorchSharp.torch;

/// <summary>A model family of a user's own, from a checkpoint folder to patching.</summary>
[Trait("Tier", "model")]
public sealed class CustomFamilyTests : IDisposable
{
    private const string Config = """{"architectures":["WordsForCausalLM"],"layers":2,"width":8,"words":11}""";

    private readonly string folder = Directory.CreateTempSubdirectory("interp-family-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Load_FamilyOfOnesOwn_RunsPatchesAndGenerates()
    {
        Write();
        using var model = Models.Load(folder, new LoadOptions { Families = [new WordsFamily()], DType = ScalarType.Float64 });
        model.Config.Layers.ShouldBe(2);
        model.Config.AttentionOnly.ShouldBeTrue();
        using var run = model.On([[1, 2, 3]]).Capture(ResidPost, Z).Run();
        run.Logits.shape.ShouldBe([1, 3, 11]);
        model.Contrast(RunInput.Of([[1, 2, 3]]), RunInput.Of([[1, 7, 3]]), Metric.LogitDifference(1, 2)).Patch(Z.ByHead()).Patched.Shape.ShouldBe([2, 2]);
        model.On([[1, 2, 3]]).GenerateTokens(4)[0].Length.ShouldBe(4);
    }

    [Fact]
    public void Load_WithoutTheFamily_SaysHowToGiveIt()
    {
        Write();
        Should.Throw<InvalidDataException>(() => Models.Load(folder)).Message.ShouldContain("LoadOptions.Families");
    }

    private void Write()
    {
        File.WriteAllText(Path.Combine(folder, "config.json"), Config);
        using var scope = NewDisposeScope();
        using var generator = new Generator(5);
        Tensor Draw(params long[] shape) => randn(shape, ScalarType.Float32, generator: generator) * 0.3;
        List<(string, Tensor)> tensors = [("words", Draw(11, 8)), ("places", Draw(16, 8))];
        for (var layer = 0; layer < 2; layer++)
            tensors.AddRange([($"{layer}.mix", Draw(8, 24)), ($"{layer}.out", Draw(8, 8))]);
        Safetensors.Write(Path.Combine(folder, "model.safetensors"), tensors);
    }

    private sealed class WordsFamily : IModelFamily
    {
        public IReadOnlyList<string> Architectures => ["WordsForCausalLM"];

        public string ModelType => "words";

        public TransformerConfig Describe(ConfigFile config) => new()
        {
            Layers = config.Int("layers"), DModel = config.Int("width"), Heads = 2, DHead = config.Int("width") / 2, DVocab = config.Int("words"),
            Context = 16, Norm = NormKind.None,
        };

        public TransformerWeights Read(WeightReader reader, ConfigFile file, TransformerConfig config)
        {
            var words = reader.Read("words", config.DVocab, config.DModel);
            return new TransformerWeights
            {
                Embedding = words,
                Positions = reader.Read("places", config.Context, config.DModel),
                Blocks =
                [
                    .. Enumerable.Range(0, config.Layers).Select(layer => new BlockWeights
                    {
                        Attention = new AttentionWeights
                        {
                            Qkv = reader.Read($"{layer}.mix", config.DModel, 3 * config.DModel), Output = reader.Read($"{layer}.out", config.DModel, config.DModel),
                        },
                    }),
                ],
                Unembedding = words.t(),
            };
        }

        public bool MayIgnore(string name) => false;
    }
}
