namespace Interp.Tests.Unit.Loading;

using System.Text.RegularExpressions;
using Interp.Extending;
using Interp.Tests.Support;
using Shouldly;
using Xunit;

[Trait("Tier", "unit")]
public sealed partial class ModelFamiliesTests
{
    [Fact]
    public void DocsPage_ListsEveryArchitectureOfTheRegistry()
    {
        var rows = File.ReadLines(Path.Combine(Repository.Root, "docs", "models.md")).Where(line => line.StartsWith("| `", StringComparison.Ordinal));
        var listed = rows.SelectMany(row => Name().Matches(row.Split('|')[1]).Select(match => match.Groups[1].Value)).ToArray();

        listed.ShouldBe(ModelFamilies.Known.SelectMany(family => family.Architectures));
    }

    [Fact]
    public void Families_NameEachArchitectureAndTypeOnce()
    {
        ModelFamilies.Known.SelectMany(family => family.Architectures).ShouldBeUnique();
        ModelFamilies.Known.Select(family => family.ModelType).ShouldBeUnique();
    }

    [Fact]
    public void Find_ModelTypeWithoutArchitectures_Decides()
    {
        foreach (var family in ModelFamilies.Known)
            ModelFamilies.Find(ConfigFile.Parse($$"""{"model_type":"{{family.ModelType}}"}""", "config.json"), []).ShouldBeSameAs(family);
    }

    [Fact]
    public void Find_UnknownArchitecture_ListsWhatIsMissing()
    {
        var error = Should.Throw<InvalidDataException>(() => ModelFamilies.Find(ConfigFile.Parse(
            """{"architectures":["DeepForCausalLM"],"hidden_size":4,"vocab_size":5,"kv_lora_rank":2,"quantization_config":{"quant_method":"fp8"}}""", "config.json"), [])).Message;

        error.ShouldContain("'DeepForCausalLM'");
        error.ShouldContain("LlamaForCausalLM");
        error.ShouldContain("lacks what every family needs: num_hidden_layers or n_layer or num_layers or n_layers; num_attention_heads");
        error.ShouldContain("keys and values of low rank ('kv_lora_rank')");
        error.ShouldContain("quantised weights ('quantization_config')");
        error.ShouldContain("Implement IModelFamily");
        Models.Architectures.ShouldContain("MixtralForCausalLM");
    }

    [Fact]
    public void Find_QuantisedWeights_AreRefusedByName() => Should.Throw<InvalidDataException>(() => ModelFamilies.Find(ConfigFile.Parse(
        """{"architectures":["LlamaForCausalLM"],"quantization_config":{"quant_method":"gptq"}}""", "config.json"), [])).Message.ShouldContain("gptq");

    [GeneratedRegex("`([A-Za-z0-9]+)`")]
    private static partial Regex Name();
}
