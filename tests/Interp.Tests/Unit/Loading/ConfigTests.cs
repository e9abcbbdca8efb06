namespace Interp.Tests.Unit.Loading;

using Interp.Extending;
using Shouldly;
using Xunit;

[Trait("Tier", "unit")]
public sealed class ConfigTests
{
    private const string Lens = """{"n_layers":2,"d_model":8,"n_heads":2,"d_head":4,"n_ctx":5,"d_vocab":7,"act_fn":"relu"}""";

    [Theory]
    [InlineData("", 2)]
    [InlineData("\"attn_scale\":\"sqrt(d_head)\"", 2)]
    [InlineData("\"attn_scale\":-1", 2)]
    [InlineData("\"attn_scale\":null", 2)]
    [InlineData("\"attn_scale\":8.0", 8)]
    [InlineData("\"use_attn_scale\":false,\"attn_scale\":8.0", 1)]
    public void Read_AttentionScale_AbsentOrTextIsTheRoot(string more, double scale) => Read(more).ScoreScale.ShouldBe(scale);

    [Theory]
    [InlineData("", 32)]
    [InlineData("\"d_mlp\":null", 32)]
    [InlineData("\"d_mlp\":3", 3)]
    [InlineData("\"attn_only\":true,\"d_mlp\":3", 0)]
    public void Read_MlpWidth_FallsBackToFourTimesTheModel(string more, int width) => Read(more).DMlp.ShouldBe(width);

    [Fact]
    public void Read_SoftCapsOfMinusOne_MeanNone()
    {
        var config = Read("\"attn_scores_soft_cap\":-1.0,\"output_logits_soft_cap\":30.0");

        config.AttentionSoftCap.ShouldBe(0);
        config.LogitSoftCap.ShouldBe(30);
    }

    [Fact]
    public void Read_LocalAttention_GivesAWindowPerLayer() =>
        Read("\"use_local_attn\":true,\"window_size\":4,\"attn_types\":[\"global\",\"local\"]").Windows.ShouldBe([0, 4]);

    [Theory]
    [InlineData("\"normalization_type\":\"Batch\"", "'Batch'")]
    [InlineData("\"positional_embedding_type\":\"relative\"", "'relative'")]
    [InlineData("\"attention_dir\":\"sideways\"", "'sideways'")]
    [InlineData("\"scale_attn_by_inverse_layer_idx\":true", "a scale per layer")]
    [InlineData("\"normalization_type\":\"LN\",\"final_rms\":true", "'final_rms'")]
    [InlineData("\"gated_mlp\":1", "'gated_mlp' is 1, wanted true or false")]
    [InlineData("\"d_vocab_out\":\"7\"", "'d_vocab_out' is \"7\", wanted a whole number")]
    [InlineData("\"eps\":\"small\"", "wanted a number")]
    public void Read_WhatIsNotSupportedOrWrong_IsNamed(string more, string fact) =>
        Should.Throw<InvalidDataException>(() => Read(more)).Message.ShouldContain(fact);

    [Fact]
    public void Read_AbsentKey_NamesItAndTheNearest()
    {
        var file = ConfigFile.Parse(Lens.Replace("d_vocab", "d_vokab"), "there.json");

        var error = Should.Throw<InvalidDataException>(() => TransformerLensConfig.Read(file));

        error.Message.ShouldContain("there.json");
        error.Message.ShouldContain("'d_vocab' is absent");
        error.Message.ShouldContain("'d_vokab'");
    }

    [Theory]
    [InlineData("\"rope_theta\":500000.0,\"rope_scaling\":{\"rope_type\":\"llama3\",\"factor\":8.0,\"low_freq_factor\":1.0,\"high_freq_factor\":4.0,\"original_max_position_embeddings\":64}")]
    [InlineData("\"rope_theta\":500000,\"rope_scaling\":{\"type\":\"llama3\",\"factor\":8,\"low_freq_factor\":1,\"high_freq_factor\":4,\"original_max_position_embeddings\":64}")]
    [InlineData("\"rope_parameters\":{\"rope_theta\":500000.0,\"rope_type\":\"llama3\",\"factor\":8.0,\"low_freq_factor\":1.0,\"high_freq_factor\":4.0,\"original_max_position_embeddings\":64}")]
    public void RotarySettings_EverySpelling_MeansTheSame(string json)
    {
        var rotary = RotarySettings.Read(ConfigFile.Parse($"{{{json}}}", "config.json"));

        rotary.Base.ShouldBe(500000);
        rotary.Scaling.ShouldBe(new Llama3RopeScaling(8, 1, 4, 64));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("{\"rope_scaling\":null}")]
    [InlineData("{\"rope_parameters\":{\"rope_type\":\"default\",\"rope_theta\":10000.0}}")]
    public void RotarySettings_WithoutScaling_IsPlain(string json) =>
        RotarySettings.Read(ConfigFile.Parse(json, "config.json")).ShouldBe(new RotaryConfig());

    [Fact]
    public void RotarySettings_UnknownScaling_IsNamed() =>
        Should.Throw<InvalidDataException>(() => RotarySettings.Read(ConfigFile.Parse("""{"rope_scaling":{"type":"xpos","factor":2}}""", "config.json")))
            .Message.ShouldContain("'xpos'");

    [Theory]
    [InlineData("[]", "not a JSON object")]
    [InlineData("{", "not valid JSON")]
    [InlineData("{\"a\":1,\"a\":2}", "not valid JSON")]
    public void Parse_NoObject_IsRefused(string json, string fact) =>
        Should.Throw<InvalidDataException>(() => ConfigFile.Parse(json, "config.json")).Message.ShouldContain(fact);

    private static TransformerConfig Read(string more) =>
        TransformerLensConfig.Read(ConfigFile.Parse(more.Length == 0 ? Lens : Lens[..^1] + "," + more + "}", "tl_config.json"));
}
