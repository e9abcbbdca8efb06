namespace Interp;

using Interp.Extending;
using TorchSharp;
using static TorchSharp.torch;

/// <summary>OPT: GPT-2 with ReLU, separate matrices stored [out, in], and positions that begin at row 2; the 350M size normalises behind its sums and embeds through a bottleneck.</summary>
/// <remarks>
/// Source: Hugging Face's OPTForCausalLM. Names begin with <c>model.decoder.</c> or, in files of the bare model, <c>decoder.</c>. The
/// bottleneck's matrices are multiplied into the embedding and the head, which then read and write d_model like any other.
/// </remarks>
internal sealed class OptFamily : IModelFamily
{
    private const int Offset = 2;

    public IReadOnlyList<string> Architectures { get; } = ["OPTForCausalLM", "OPTModel"];

    public string ModelType => "opt";

    public TransformerConfig Describe(ConfigFile config)
    {
        foreach (var (flag, usual) in new[] { ("_remove_final_layer_norm", false), ("layer_norm_elementwise_affine", true) })
            if (config.Flag(flag, usual) != usual)
                throw config.Error($"'{flag}' is {(usual ? "false" : "true")}, which is not supported");
        var (width, heads) = (config.Int("hidden_size"), config.Int("num_attention_heads"));
        return new TransformerConfig
        {
            Layers = config.Int("num_hidden_layers"),
            DModel = width,
            Heads = heads,
            DHead = width / Math.Max(heads, 1),
            DMlp = config.Int("ffn_dim"),
            DVocab = config.Int("vocab_size"),
            Context = config.Int("max_position_embeddings", 2048),
            Activation = ActivationNames.Read(config, "activation_function", "relu"),
            Norm = NormKind.LayerNorm,
            Positions = PositionKind.Learned,
            SumNorms = !config.Flag("do_layer_norm_before", true),
        };
    }

    public TransformerWeights Read(WeightReader reader, ConfigFile file, TransformerConfig config)
    {
        var prefix = reader.Contains("decoder.embed_tokens.weight") ? "decoder." : "model.decoder.";
        var biased = file.Flag("enable_bias", true);
        var bottleneck = file.Int("word_embed_proj_dim", config.DModel);
        var (embedding, unembedding) = Ends(reader, file, config, prefix, bottleneck);
        return new TransformerWeights
        {
            Embedding = embedding,
            Positions = reader.Read(prefix + "embed_positions.weight", config.Context + Offset, config.DModel).narrow(0, Offset, config.Context),
            Blocks = [.. Enumerable.Range(0, config.Layers).Select(layer => Block(reader, config, $"{prefix}layers.{layer}.", biased))],
            FinalNorm = config.SumNorms ? null : reader.Norm(config.DModel, prefix + "final_layer_norm.weight", prefix + "final_layer_norm.bias"),
            Unembedding = unembedding,
        };
    }

    public bool MayIgnore(string name) => name == LlamaLayout.Head;

    private static (Tensor Embedding, Tensor Unembedding) Ends(WeightReader reader, ConfigFile file, TransformerConfig config, string prefix, int bottleneck)
    {
        var tied = file.Flag("tie_word_embeddings", true);
        var name = prefix + "embed_tokens.weight";
        if (bottleneck == config.DModel)
        {
            var embedding = reader.Read(name, config.DVocab, config.DModel);
            return (embedding, tied ? embedding.t() : reader.Linear(config.DModel, (LlamaLayout.Head, config.DVocab)));
        }
        using var scope = NewDisposeScope();
        var narrow = reader.ReadWide(name, config.DVocab, bottleneck); // [d_vocab, bottleneck]
        var head = tied ? narrow : reader.ReadWide(LlamaLayout.Head, config.DVocab, bottleneck);
        var entry = mm(narrow, reader.ReadWide(prefix + "project_in.weight", config.DModel, bottleneck).t()); // [d_vocab, d_model]
        var exit = mm(head, reader.ReadWide(prefix + "project_out.weight", bottleneck, config.DModel)).t().contiguous(); // [d_model, d_vocab]
        return (entry.to(reader.DType).MoveToOuterDisposeScope(), exit.to(reader.DType).MoveToOuterDisposeScope());
    }

    private static BlockWeights Block(WeightReader reader, TransformerConfig config, string prefix, bool biased)
    {
        var (d, hidden, attention) = (config.DModel, config.DMlp, prefix + "self_attn.");
        (string, long)[] Parts(string kind) => [($"{attention}q_proj.{kind}", d), ($"{attention}k_proj.{kind}", d), ($"{attention}v_proj.{kind}", d)];
        NormWeights Norm(string name) => reader.Norm(d, $"{prefix}{name}.weight", $"{prefix}{name}.bias");
        return new BlockWeights
        {
            Norm1 = Norm("self_attn_layer_norm"),
            Attention = new AttentionWeights
            {
                Qkv = reader.Linear(d, Parts("weight")),
                QkvBias = biased ? reader.Vectors(Parts("bias")) : null,
                Output = reader.Linear(d, (attention + "out_proj.weight", d)),
                OutputBias = biased ? reader.Read(attention + "out_proj.bias", d) : null,
            },
            Norm2 = Norm("final_layer_norm"),
            Mlp = new MlpWeights
            {
                In = reader.Linear(d, (prefix + "fc1.weight", hidden)),
                InBias = biased ? reader.Read(prefix + "fc1.bias", hidden) : null,
                Out = reader.Linear(hidden, (prefix + "fc2.weight", d)),
                OutBias = biased ? reader.Read(prefix + "fc2.bias", d) : null,
            },
        };
    }
}
