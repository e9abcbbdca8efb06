namespace Interp;

using System.Text;
using System.Text.Json;

/// <content>Writing.</content>
internal static partial class TransformerLensConfig
{
    /// <summary>The configuration as TransformerLens writes it, as JSON.</summary>
    /// <exception cref="InvalidOperationException">Layers have windows of different lengths, which that configuration cannot say.</exception>
    public static string Write(TransformerConfig config)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            WriteSizes(json, config);
            WriteKinds(json, config);
            WriteAttention(json, config);
            if (config.Positions == PositionKind.Rotary)
                WriteRotary(json, config);
            if (NeedsOwn(config))
                WriteOwn(json, config);
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    private static void WriteSizes(Utf8JsonWriter json, TransformerConfig config)
    {
        json.WriteString("model_name", config.ModelName);
        json.WriteNumber("n_layers", config.Layers);
        json.WriteNumber("d_model", config.DModel);
        json.WriteNumber("n_heads", config.Heads);
        json.WriteNumber("d_head", config.DHead);
        if (config.KvHeads != config.Heads)
            json.WriteNumber("n_key_value_heads", config.KvHeads);
        if (!config.AttentionOnly)
            json.WriteNumber("d_mlp", config.DMlp);
        json.WriteNumber("n_ctx", config.Context);
        json.WriteNumber("d_vocab", config.DVocab);
        json.WriteNumber("d_vocab_out", config.VocabOut);
    }

    private static void WriteKinds(Utf8JsonWriter json, TransformerConfig config)
    {
        json.WriteBoolean("attn_only", config.AttentionOnly);
        if (!config.AttentionOnly)
            json.WriteString("act_fn", ActivationNames.Name(config.Activation));
        json.WriteBoolean("gated_mlp", config.GatedMlp);
        json.WriteString("normalization_type", config.Norm switch
        {
            NormKind.LayerNorm => "LN",
            NormKind.LayerNormPre => "LNPre",
            NormKind.Rms => "RMS",
            NormKind.RmsPre => "RMSPre",
            _ => null,
        });
        json.WriteNumber("eps", config.Epsilon);
        json.WriteString("positional_embedding_type", config.Positions switch
        {
            PositionKind.Learned => "standard",
            PositionKind.Rotary => "rotary",
            PositionKind.Alibi => "alibi",
            PositionKind.Shortformer => "shortformer",
            _ => "none",
        });
        json.WriteBoolean("parallel_attn_mlp", config.ParallelBlocks);
        json.WriteBoolean("use_normalization_before_and_after", config.PostNorms);
        json.WriteNumber("output_logits_soft_cap", config.LogitSoftCap);
        json.WriteBoolean("post_embedding_ln", config.EmbeddingNorm);
        if (config.Experts == 0)
            return;
        json.WriteNumber("num_experts", config.Experts);
        json.WriteNumber("experts_per_token", config.ExpertsPerToken);
    }

    private static void WriteAttention(Utf8JsonWriter json, TransformerConfig config)
    {
        json.WriteNumber("attn_scale", config.ScoreScale);
        json.WriteString("attention_dir", config.Causal ? "causal" : "bidirectional");
        json.WriteBoolean("use_qk_norm", config.QueryKeyNorm);
        json.WriteNumber("attn_scores_soft_cap", config.AttentionSoftCap);
        int[] windows = config.Windows.IsDefaultOrEmpty ? [] : [.. config.Windows.Where(window => window > 0).Distinct()];
        if (windows.Length == 0)
            return;
        if (windows.Length > 1)
            throw new InvalidOperationException($"'{config.ModelName}' has attention windows of {string.Join(" and ", windows)}, and TransformerLens's configuration holds one.");
        json.WriteBoolean("use_local_attn", true);
        json.WriteNumber("window_size", windows[0]);
        json.WriteStartArray("attn_types");
        foreach (var window in config.Windows)
            json.WriteStringValue(window > 0 ? "local" : "global");
        json.WriteEndArray();
    }

    private static void WriteRotary(Utf8JsonWriter json, TransformerConfig config)
    {
        var rotary = config.Rotary;
        if (config.LocalRotary is { } local)
            json.WriteNumber("rotary_base_local", local.Base);
        json.WriteNumber("rotary_base", rotary.Base);
        json.WriteNumber("rotary_dim", rotary.Dim(config.DHead));
        json.WriteBoolean("rotary_adjacent_pairs", rotary.AdjacentPairs);
        json.WriteBoolean("use_NTK_by_parts_rope", rotary.Scaling is Llama3RopeScaling);
        if (rotary.Scaling is not Llama3RopeScaling scaling)
            return;
        json.WriteNumber("NTK_by_parts_factor", scaling.Factor);
        json.WriteNumber("NTK_by_parts_low_freq_factor", scaling.LowFrequencyFactor);
        json.WriteNumber("NTK_by_parts_high_freq_factor", scaling.HighFrequencyFactor);
        json.WriteNumber("NTK_original_ctx_len", scaling.OriginalContext);
    }
}
