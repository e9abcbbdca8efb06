namespace Interp.Tests.Parity.Loading;

using System.Text.Json.Nodes;
using Interp.Tests.Support;
using Shouldly;
using Xunit;
using static TorchSharp.torch;

/// <summary>The other spellings in which configurations and checkpoints of the same model exist.</summary>
[Trait("Tier", "parity")]
public sealed class FamilySpellingTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [SkippableTheory]
    [InlineData("language_model.model.")]
    [InlineData("model.language_model.")]
    public void Gemma3_WithEyes_ReadsItsTextModel(string prefix) => ShouldStay(
        "gemma3",
        config => new JsonObject { ["architectures"] = new JsonArray("Gemma3ForConditionalGeneration"), ["model_type"] = "gemma3", ["text_config"] = config.DeepClone() },
        name => name.Replace("model.", prefix, StringComparison.Ordinal),
        "vision_tower.vision_model.embeddings.patch_embedding.weight", "multi_modal_projector.mm_soft_emb_norm.weight");

    [SkippableFact]
    public void Gemma3_LayerTypes_MeanThePattern() => ShouldStay("gemma3", config =>
    {
        config.Remove("sliding_window_pattern");
        config["layer_types"] = new JsonArray("sliding_attention", "sliding_attention", "full_attention");
        return config;
    });

    [SkippableFact]
    public void Gemma3_RopeParametersByLayerType_MeanTheTwoBases() => ShouldStay("gemma3", config =>
    {
        foreach (var old in new[] { "rope_theta", "rope_local_base_freq", "rope_scaling" })
            config.Remove(old);
        config["rope_parameters"] = JsonNode.Parse(
            """{"full_attention":{"rope_type":"default","rope_theta":1000000.0},"sliding_attention":{"rope_type":"default","rope_theta":10000.0}}""");
        return config;
    });

    [SkippableFact]
    public void Opt_FilesOfTheBareModel_HaveAShorterPrefix() =>
        ShouldStay("opt", config => config, name => name.Replace("model.decoder.", "decoder.", StringComparison.Ordinal));

    [SkippableFact]
    public void NeoX_BuffersOfOldVersions_AreLeftAlone() => ShouldStay(
        "neox", config => config, name => name,
        "gpt_neox.layers.0.attention.bias", "gpt_neox.layers.0.attention.masked_bias", "gpt_neox.layers.0.attention.rotary_emb.inv_freq");

    [SkippableFact]
    public void NeoX_RopeParameters_HoldBaseAndPart() => ShouldStay("neox", config =>
    {
        config.Remove("rotary_pct");
        config.Remove("rotary_emb_base");
        config["rope_parameters"] = JsonNode.Parse("""{"rope_type":"default","rope_theta":10000,"partial_rotary_factor":0.25}""");
        return config;
    });

    [SkippableFact]
    public void GptNeo_AttentionTypes_AreWrittenOut() => ShouldStay("gpt_neo", config =>
    {
        config.Remove("attention_layers");
        return config;
    });

    [SkippableFact]
    public void Mistral_NullWindow_IsNone()
    {
        using var model = Rewritten("mistral", config =>
        {
            config["sliding_window"] = null;
            return config;
        }, name => name);

        model.Config.Windows.ShouldBeEmpty();
    }

    [SkippableFact]
    public void Mistral_WindowLeftOut_IsTheUsualOne()
    {
        using var model = Rewritten("mistral", config =>
        {
            config.Remove("sliding_window");
            return config;
        }, name => name);

        model.Config.Windows.ShouldBe([4096, 4096, 4096]);
    }

    [SkippableFact]
    public void Qwen2_WindowInUse_StandsInTheUpperLayers()
    {
        using var model = Rewritten("qwen2", config =>
        {
            (config["use_sliding_window"], config["sliding_window"], config["max_window_layers"]) = (true, 4, 2);
            return config;
        }, name => name);

        model.Config.Windows.ShouldBe([0, 0, 4]);
    }

    [SkippableTheory]
    [InlineData("bloom", "apply_residual_connection_post_layernorm", true)]
    [InlineData("opt", "_remove_final_layer_norm", true)]
    [InlineData("phi", "qk_layernorm", true)]
    [InlineData("mixtral", "num_hidden_layers", int.MaxValue)]
    public void Load_WhatIsNotSupported_IsNamed(string name, string key, object value)
    {
        // Here, so that a skip is not taken for the exception that is expected below.
        Repository.Shared("golden", name);

        var error = Should.Throw<InvalidDataException>(() => Rewritten(name, config =>
        {
            config[key] = JsonValue.Create(value);
            return config;
        }, tensor => tensor));

        error.Message.ShouldContain(value is int ? "2147483647 layers" : $"'{key}' is true");
    }

    private void ShouldStay(string name, Func<JsonObject, JsonObject> rewrite, Func<string, string>? rename = null, params string[] more)
    {
        using var scope = NewDisposeScope();
        using var golden = GoldenFile.Open(name);
        using var model = FamilyCases.Load(name, ScalarType.Float64);
        using var rewritten = Rewritten(name, rewrite, rename ?? (tensor => tensor), more);
        var rows = golden.Rows("tokens/clean");

        GoldenCompare.Doubles(model.On(rows).Logits() - rewritten.On(rows).Logits()).Max(Math.Abs).ShouldBe(0);
    }

    // The model with another config.json, its tensors under other names, and more tensors that mean nothing to it.
    private HookedTransformer Rewritten(string name, Func<JsonObject, JsonObject> rewrite, Func<string, string> rename, params string[] more)
    {
        var source = Repository.Shared("golden", name);
        var config = JsonNode.Parse(File.ReadAllText(Path.Combine(source, "config.json")))!.AsObject();
        File.WriteAllText(folder.File("config.json"), rewrite(config).ToJsonString());
        using var file = SafetensorsFile.Open(Path.Combine(source, "model.safetensors"));
        using var scope = NewDisposeScope();
        var tensors = file.Names.Select(tensor => (rename(tensor), file.Read(tensor))).Concat(more.Select(extra => (extra, zeros([2])))).ToArray();
        Safetensors.Write(folder.File("model.safetensors"), tensors, new Dictionary<string, string> { ["format"] = "pt" });
        return Models.Load(Path.GetDirectoryName(folder.File("config.json"))!, new LoadOptions { DType = ScalarType.Float64 });
    }
}
