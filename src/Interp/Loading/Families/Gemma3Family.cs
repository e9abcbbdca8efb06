namespace Interp;

using Interp.Extending;

/// <summary>Gemma 3: Gemma 2 with norms over queries and keys in place of soft caps, and a rotary embedding of its own in the layers with a window.</summary>
/// <remarks>
/// Source: Hugging Face's Gemma3ForCausalLM and its defaults. Of a checkpoint that also sees, the text model is read: it stands under
/// <c>language_model.</c>, its configuration under <c>text_config</c>.
/// </remarks>
internal sealed class Gemma3Family : IModelFamily
{
    private static readonly string[] Prefixes = ["model.", "language_model.model.", "model.language_model."];

    public IReadOnlyList<string> Architectures { get; } = ["Gemma3ForCausalLM", "Gemma3ForConditionalGeneration"];

    public string ModelType => "gemma3_text";

    public TransformerConfig Describe(ConfigFile config)
    {
        var text = Text(config);
        var layers = text.Int("num_hidden_layers", 26);
        var heads = text.Int("num_attention_heads", 8);
        var pattern = Math.Max(text.Int("sliding_window_pattern", text.Int("_sliding_window_pattern", 6)), 1);
        return new TransformerConfig
        {
            Layers = layers,
            DModel = text.Int("hidden_size", 2304),
            Heads = heads,
            KeyValueHeads = text.Int("num_key_value_heads", 4),
            DHead = text.Int("head_dim", 256),
            DMlp = text.Int("intermediate_size", 9216),
            DVocab = text.Int("vocab_size", 262208),
            Context = text.Int("max_position_embeddings", 131072),
            Activation = ActivationNames.Read(text, "hidden_activation", "gelu_pytorch_tanh"),
            GatedMlp = true,
            Norm = NormKind.Rms,
            Epsilon = text.Number("rms_norm_eps", 1e-6),
            Positions = PositionKind.Rotary,
            Rotary = RotarySettings.Read(Rope(text, "full_attention") ?? text, 1e6),
            LocalRotary = Rope(text, "sliding_attention") is { } local
                ? RotarySettings.Read(local)
                : new RotaryConfig { Base = text.Number("rope_local_base_freq", 10000) },
            AttentionScale = Math.Sqrt(text.Number("query_pre_attn_scalar", 256)),
            AttentionSoftCap = text.Number("attn_logit_softcapping", 0),
            LogitSoftCap = text.Number("final_logit_softcapping", 0),
            QueryKeyNorm = true,
            PostNorms = true,
            Windows = AttentionWindows.ByLayer(text, text.Int("sliding_window", 4096), layers, layer => (layer + 1) % pattern != 0),
        };
    }

    public TransformerWeights Read(WeightReader reader, ConfigFile file, TransformerConfig config)
    {
        var text = Text(file);
        var biased = text.Flag("attention_bias", false);
        NormWeights Norm(string prefix, string name) => GemmaLayout.Norm(reader, config.DHead, $"{prefix}self_attn.{name}.weight");
        BlockWeights Block(string prefix) => GemmaLayout.Block(reader, config, prefix,
            LlamaLayout.Attention(reader, config, prefix, biased, biased, norms: (Norm(prefix, "q_norm"), Norm(prefix, "k_norm"))));
        var root = Array.Find(Prefixes, prefix => reader.Contains(prefix + "embed_tokens.weight")) ?? Prefixes[0];
        return GemmaLayout.Weights(reader, text, config, Block, root);
    }

    // The eyes, and a head that is tied.
    public bool MayIgnore(string name) =>
        LlamaLayout.MayIgnore(name) || name == "language_model.lm_head.weight"
        || name.Contains("vision_tower.", StringComparison.Ordinal) || name.Contains("multi_modal_projector.", StringComparison.Ordinal);

    private static ConfigFile Text(ConfigFile config) => config.Section("text_config") ?? config;

    // The newest spelling keeps one set of rope parameters for each type of layer.
    private static ConfigFile? Rope(ConfigFile config, string type) => config.Section("rope_parameters")?.Section(type);
}
