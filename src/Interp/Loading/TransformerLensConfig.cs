namespace Interp;

using System.Collections.Immutable;
using Interp.Extending;

/// <summary>Translates TransformerLens's configuration (its <c>HookedTransformerConfig</c> as JSON).</summary>
/// <remarks>
/// A scale that is absent, a text or -1 means the root of d_head; a soft cap of -1 means none. Source: TransformerLens 2.18.
/// </remarks>
internal static partial class TransformerLensConfig
{
    /// <exception cref="InvalidDataException">Something is absent, wrong or not supported.</exception>
    public static TransformerConfig Read(ConfigFile config)
    {
        RefuseUnsupported(config);
        var (width, heads) = (config.Int("d_model"), config.Int("n_heads"));
        var attentionOnly = config.Flag("attn_only", false);
        var norm = Norm(config);
        var read = new TransformerConfig
        {
            ModelName = config.OptionalText("model_name") ?? "custom",
            Layers = config.Int("n_layers"),
            DModel = width,
            Heads = heads,
            KeyValueHeads = config.Int("n_key_value_heads", heads),
            DHead = config.Int("d_head"),
            DMlp = attentionOnly ? 0 : config.Int("d_mlp", 4 * width),
            DVocab = config.Int("d_vocab"),
            DVocabOut = Math.Max(config.Int("d_vocab_out", 0), 0),
            Context = config.Int("n_ctx"),
            Activation = attentionOnly ? Activation.Gelu : ActivationNames.Read(config, "act_fn", "none"),
            GatedMlp = config.Flag("gated_mlp", false),
            Norm = norm,
            Epsilon = config.Number("eps", 1e-5),
            Positions = Positions(config),
            Rotary = Rotary(config),
            LocalRotary = config.Has("rotary_base_local") ? Rotary(config) with { Base = config.Number("rotary_base_local"), Scaling = null } : null,
            AttentionScale = Scale(config),
            Causal = Causal(config),
            Windows = Windows(config),
            ParallelBlocks = config.Flag("parallel_attn_mlp", false),
            PostNorms = config.Flag("use_normalization_before_and_after", false),
            EmbeddingNorm = config.Flag("post_embedding_ln", false),
            QueryKeyNorm = config.Flag("use_qk_norm", false),
            Experts = config.Int("num_experts", 0),
            ExpertsPerToken = config.Int("experts_per_token", 0),
            AttentionSoftCap = Math.Max(config.Number("attn_scores_soft_cap", 0), 0),
            LogitSoftCap = Math.Max(config.Number("output_logits_soft_cap", 0), 0),
        };
        return WithOwn(read, config.Section(Own));
    }

    private static void RefuseUnsupported(ConfigFile config)
    {
        if (config.Flag("scale_attn_by_inverse_layer_idx", false))
            throw config.Error("'scale_attn_by_inverse_layer_idx' is true, and a scale per layer is not supported");
    }

    private static NormKind Norm(ConfigFile config)
    {
        var kind = config.OptionalText("normalization_type") switch
        {
            null => NormKind.None,
            "LN" => NormKind.LayerNorm,
            "LNPre" => NormKind.LayerNormPre,
            "RMS" => NormKind.Rms,
            "RMSPre" => NormKind.RmsPre,
            var other => throw config.Error($"'normalization_type' is '{other}', and known are LN, LNPre, RMS, RMSPre and null"),
        };
        if (kind is NormKind.LayerNorm or NormKind.LayerNormPre && config.Flag("final_rms", false))
            throw config.Error("'final_rms' is true with LayerNorm in the blocks, and two kinds of norm in one model are not supported");
        return kind;
    }

    private static PositionKind Positions(ConfigFile config) => (config.OptionalText("positional_embedding_type") ?? "standard") switch
    {
        "standard" => PositionKind.Learned,
        "rotary" => PositionKind.Rotary,
        "alibi" => PositionKind.Alibi,
        "shortformer" => PositionKind.Shortformer,
        "none" => PositionKind.None,
        var other => throw config.Error($"'positional_embedding_type' is '{other}', and known are standard, rotary, alibi, shortformer, none"),
    };

    private static RotaryConfig Rotary(ConfigFile config) => new()
    {
        Base = config.Number("rotary_base", 10000),
        Dimensions = config.Int("rotary_dim", 0),
        AdjacentPairs = config.Flag("rotary_adjacent_pairs", false),
        Scaling = !config.Flag("use_NTK_by_parts_rope", false) ? null : new Llama3RopeScaling(
            config.Number("NTK_by_parts_factor", 8),
            config.Number("NTK_by_parts_low_freq_factor", 1),
            config.Number("NTK_by_parts_high_freq_factor", 4),
            config.Int("NTK_original_ctx_len", 8192)),
    };

    private static double Scale(ConfigFile config)
    {
        if (!config.Flag("use_attn_scale", true))
            return 1;
        return config.IsText("attn_scale") ? 0 : Math.Max(config.Number("attn_scale", 0), 0);
    }

    private static bool Causal(ConfigFile config) => (config.OptionalText("attention_dir") ?? "causal") switch
    {
        "causal" => true,
        "bidirectional" => false,
        var other => throw config.Error($"'attention_dir' is '{other}', and known are causal, bidirectional"),
    };

    private static ImmutableArray<int> Windows(ConfigFile config)
    {
        if (!config.Flag("use_local_attn", false))
            return [];
        var window = config.Int("window_size");
        return [.. config.Texts("attn_types").Select(type => type == "local" ? window : 0)];
    }
}
