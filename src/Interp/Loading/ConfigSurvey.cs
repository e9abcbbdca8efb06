namespace Interp;

using Interp.Extending;

/// <summary>What stands between a configuration that no family knows and a model: the list for the error.</summary>
internal static class ConfigSurvey
{
    private static readonly string[][] Sizes =
    [
        ["hidden_size", "n_embd", "d_model"], ["num_hidden_layers", "n_layer", "num_layers", "n_layers"], ["num_attention_heads", "n_head", "num_heads", "n_heads"], ["vocab_size"],
    ];

    private static readonly (string Key, string What)[] Beyond =
    [
        ("quantization_config", "quantised weights"), ("kv_lora_rank", "keys and values of low rank"), ("encoder_layers", "an encoder"), ("num_decoder_layers", "an encoder beside the decoder"),
        ("vision_config", "pictures"), ("audio_config", "sound"), ("state_size", "a state space"), ("ssm_cfg", "a state space"), ("linear_num_key_heads", "linear attention"),
        ("shared_expert_intermediate_size", "an expert that every token passes"), ("n_shared_experts", "experts that every token passes"), ("relative_attention_num_buckets", "relative positions"),
        ("logit_scale", "scaled logits"), ("residual_multiplier", "a scaled residual stream"), ("embedding_multiplier", "a scaled embedding"),
    ];

    /// <summary>What the configuration lacks of what every family needs, and what it asks for that no part computes; empty where nothing of either is found.</summary>
    public static string Text(ConfigFile config)
    {
        var absent = Sizes.Where(names => !names.Any(config.Has)).Select(names => string.Join(" or ", names)).ToArray();
        var asked = Beyond.Where(row => config.Has(row.Key)).Select(row => $"{row.What} ('{row.Key}')").ToArray();
        return (absent.Length > 0 ? $". It lacks what every family needs: {string.Join("; ", absent)}" : "")
            + (asked.Length > 0 ? $". It asks for what no part here computes: {string.Join(", ", asked)}" : "");
    }

    /// <exception cref="InvalidDataException">The weights are quantised.</exception>
    public static void RefuseQuantised(ConfigFile config)
    {
        if (config.Section("quantization_config") is { } quantised)
            throw config.Error($"its weights are quantised ('quantization_config': {quantised.OptionalText("quant_method") ?? "of a method it does not name"}), which is not read: take the model's unquantised weights");
    }
}
