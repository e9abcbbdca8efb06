namespace Interp.Tests.Model.Loading;

using System.Runtime.InteropServices;

/// <summary>Hugging Face folders of random weights, written by the test itself.</summary>
internal static class TinyCheckpoint
{
    public const string Gpt2Config =
        """{"architectures":["GPT2LMHeadModel"],"model_type":"gpt2","n_layer":1,"n_head":2,"n_embd":4,"n_positions":3,"vocab_size":5}""";

    public const string LlamaConfig =
        """
        {"architectures":["LlamaForCausalLM"],"model_type":"llama","num_hidden_layers":1,"num_attention_heads":2,"num_key_value_heads":1,
         "hidden_size":4,"intermediate_size":6,"vocab_size":5,"max_position_embeddings":3,"attention_bias":true,"mlp_bias":true}
        """;

    /// <summary>The tensors of <see cref="Gpt2Config"/>.</summary>
    public static Dictionary<string, long[]> Gpt2(string prefix = "") => new()
    {
        [prefix + "wte.weight"] = [5, 4],
        [prefix + "wpe.weight"] = [3, 4],
        [prefix + "h.0.ln_1.weight"] = [4],
        [prefix + "h.0.ln_1.bias"] = [4],
        [prefix + "h.0.attn.c_attn.weight"] = [4, 12],
        [prefix + "h.0.attn.c_attn.bias"] = [12],
        [prefix + "h.0.attn.c_proj.weight"] = [4, 4],
        [prefix + "h.0.attn.c_proj.bias"] = [4],
        [prefix + "h.0.ln_2.weight"] = [4],
        [prefix + "h.0.ln_2.bias"] = [4],
        [prefix + "h.0.mlp.c_fc.weight"] = [4, 16],
        [prefix + "h.0.mlp.c_fc.bias"] = [16],
        [prefix + "h.0.mlp.c_proj.weight"] = [16, 4],
        [prefix + "h.0.mlp.c_proj.bias"] = [4],
        [prefix + "ln_f.weight"] = [4],
        [prefix + "ln_f.bias"] = [4],
    };

    /// <summary>The tensors of <see cref="LlamaConfig"/>, with every bias and a head of its own.</summary>
    public static Dictionary<string, long[]> Llama() => new()
    {
        ["model.embed_tokens.weight"] = [5, 4],
        ["model.layers.0.input_layernorm.weight"] = [4],
        ["model.layers.0.self_attn.q_proj.weight"] = [4, 4],
        ["model.layers.0.self_attn.q_proj.bias"] = [4],
        ["model.layers.0.self_attn.k_proj.weight"] = [2, 4],
        ["model.layers.0.self_attn.k_proj.bias"] = [2],
        ["model.layers.0.self_attn.v_proj.weight"] = [2, 4],
        ["model.layers.0.self_attn.v_proj.bias"] = [2],
        ["model.layers.0.self_attn.o_proj.weight"] = [4, 4],
        ["model.layers.0.self_attn.o_proj.bias"] = [4],
        ["model.layers.0.post_attention_layernorm.weight"] = [4],
        ["model.layers.0.mlp.gate_proj.weight"] = [6, 4],
        ["model.layers.0.mlp.gate_proj.bias"] = [6],
        ["model.layers.0.mlp.up_proj.weight"] = [6, 4],
        ["model.layers.0.mlp.up_proj.bias"] = [6],
        ["model.layers.0.mlp.down_proj.weight"] = [4, 6],
        ["model.layers.0.mlp.down_proj.bias"] = [4],
        ["model.norm.weight"] = [4],
        ["lm_head.weight"] = [5, 4],
    };

    /// <summary>Writes tensors of seeded random numbers and returns them by name.</summary>
    public static Dictionary<string, float[]> Write(string path, IEnumerable<KeyValuePair<string, long[]>> tensors)
    {
        var random = new Random(0);
        var values = new Dictionary<string, float[]>();
        var writer = new SafetensorsWriter();
        foreach (var (name, shape) in tensors)
        {
            var data = new float[shape.Aggregate(1L, (product, extent) => product * extent)];
            for (var i = 0; i < data.Length; i++)
                data[i] = (float)random.NextDouble();
            values[name] = data;
            writer.Add(name, SafetensorsType.Float32, shape, MemoryMarshal.AsBytes(data.AsSpan()).ToArray());
        }
        writer.Save(path, null);
        return values;
    }
}
