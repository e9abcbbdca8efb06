namespace Interp;

using Interp.Extending;

/// <summary>Gemma 2: Gemma with norms after the sublayers too, soft caps on scores and logits, and a window in every other layer, the first included.</summary>
/// <remarks>Source: Hugging Face's Gemma2ForCausalLM.</remarks>
internal sealed class Gemma2Family : IModelFamily
{
    public IReadOnlyList<string> Architectures { get; } = ["Gemma2ForCausalLM"];

    public string ModelType => "gemma2";

    public TransformerConfig Describe(ConfigFile config)
    {
        var common = GemmaLayout.Describe(config);
        double Cap(string name, double usual) => config.Number(name, config.Mentions(name) ? 0 : usual);
        return common with
        {
            PostNorms = true,
            AttentionScale = Math.Sqrt(config.Number("query_pre_attn_scalar", 256)),
            AttentionSoftCap = Cap("attn_logit_softcapping", 50),
            LogitSoftCap = Cap("final_logit_softcapping", 30),
            Windows = AttentionWindows.ByLayer(config, config.Int("sliding_window", 4096), common.Layers, layer => layer % 2 == 0),
        };
    }

    public TransformerWeights Read(WeightReader reader, ConfigFile file, TransformerConfig config)
    {
        var biased = file.Flag("attention_bias", false);
        return GemmaLayout.Weights(reader, file, config, prefix =>
            GemmaLayout.Block(reader, config, prefix, LlamaLayout.Attention(reader, config, prefix, biased, biased)));
    }

    public bool MayIgnore(string name) => LlamaLayout.MayIgnore(name);
}
