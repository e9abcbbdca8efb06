namespace Interp.Tests.Model.Loading.Independent;

using System.Runtime.InteropServices;
using Interp.Tests.Support;
using Shouldly;
using Xunit;
using static TorchSharp.torch;

/// <summary>Families and variants that no reference file covers: the library's logits against plain loops.</summary>
[Trait("Tier", "model")]
public sealed class IndependentForwardTests : IDisposable
{
    private const int Width = 24;
    private const int Vocabulary = 31;
    private static readonly int[] Tokens = [.. Enumerable.Range(0, 14).Select(i => (i * 7 + 3) % Vocabulary)];

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("plain", "", false, false)]
    [InlineData("attention_bias", "\"attention_bias\":true,", false, false)]
    [InlineData("mlp_bias", "\"mlp_bias\":true,", false, false)]
    [InlineData("all biases, one on the unembedding", "\"attention_bias\":true,\"mlp_bias\":true,", false, true)]
    [InlineData("SmolLM's tied head", "", true, false)]
    public void Llama_Variants_EqualPlainLoops(string title, string flags, bool tied, bool headBias) =>
        Compare(title, Config("LlamaForCausalLM", flags, tied), Llama(flags.Contains("attention_bias"), flags.Contains("attention_bias"), flags.Contains("mlp_bias"), tied, headBias),
            plain => plain.Llama(Tokens, tied));

    [Theory]
    [InlineData("linear", "{\"type\":\"linear\",\"factor\":4.0}", 64)]
    [InlineData("dynamic", "{\"type\":\"dynamic\",\"factor\":2.0}", 8)]
    [InlineData("yarn", "{\"rope_type\":\"yarn\",\"factor\":8.0,\"original_max_position_embeddings\":512}", 4096)]
    [InlineData("longrope beyond the original context", "{\"rope_type\":\"longrope\",\"original_max_position_embeddings\":8,\"short_factor\":[1,1.5,2],\"long_factor\":[2,3,5]}", 32)]
    [InlineData("longrope within it", "{\"rope_type\":\"longrope\",\"original_max_position_embeddings\":16,\"short_factor\":[1,1.5,2],\"long_factor\":[2,3,5]}", 32)]
    public void Llama_RopeScalings_EqualPlainLoops(string title, string scaling, int context)
    {
        var (frequency, amplitude) = Published(title);
        Compare("Llama, rope scaling " + title, Config("LlamaForCausalLM", $"\"rope_scaling\":{scaling},", false, context), Llama(false, false, false, false, false),
            plain => plain.Llama(Tokens, tied: false), frequency, amplitude);
    }

    [Theory]
    [InlineData("Qwen2ForCausalLM", "\"use_sliding_window\":true,\"sliding_window\":4,\"max_window_layers\":1,")]
    [InlineData("MistralForCausalLM", "\"sliding_window\":5,")]
    public void Windows_InSomeLayers_EqualPlainLoops(string architecture, string flags)
    {
        var qwen = architecture.StartsWith("Qwen", StringComparison.Ordinal);
        Compare($"{architecture}, windows", Config(architecture, flags, false), Llama(qwen, outputBias: false, false, false, false), plain => plain.Llama(Tokens, tied: false),
            window: layer => qwen ? (layer >= 1 ? 4 : 0) : 5);
    }

    [Theory]
    [InlineData(true, 0.25)]
    [InlineData(true, 1)]
    [InlineData(false, 0.25)]
    [InlineData(false, 0.5)]
    public void NeoX_PythiaAndSequentialBlocks_EqualPlainLoops(bool parallel, double part)
    {
        var share = part.ToString(System.Globalization.CultureInfo.InvariantCulture);
        var config = $$"""
            {"architectures":["GPTNeoXForCausalLM"],"hidden_size":{{Width}},"num_attention_heads":3,"num_hidden_layers":2,"intermediate_size":40,"vocab_size":{{Vocabulary}},
             "max_position_embeddings":64,"layer_norm_eps":1e-6,"rotary_pct":{{share}},"use_parallel_residual":{{(parallel ? "true" : "false")}},"hidden_act":"gelu"}
            """;
        var turning = (int)(8 * part);
        Compare($"NeoX, {(parallel ? "parallel (Pythia)" : "sequential")}, {share} rotated", config, NeoX(), plain => plain.NeoX(Tokens, parallel),
            pair => Math.Pow(10000, -2d * pair / turning), heads: 3, kvHeads: 3, headWidth: 8, turning: turning);
    }

    // Per published definition, for heads of 6 dimensions, three pairs.
    private static (Func<int, double> Frequency, double Amplitude) Published(string title)
    {
        static double Plain(int pair) => Math.Pow(10000, -2d * pair / 6);
        // Over 512 positions the pairs turn 81, 3.8 and 0.18 times. 32 turns fall at pair 0.30, one turn at 1.43: rounded outwards 0 and 2.
        static double Yarn(int pair) => Plain(pair) * (1 - pair / 2d) + Plain(pair) / 8 * (pair / 2d);
        double[] far = [2, 3, 5], near = [1, 1.5, 2];
        return title switch
        {
            "linear" => (pair => Plain(pair) / 4, 1),
            // Context 8, text 14: the base grows by (2 · 14 / 8 - 1)^(6 / 4).
            "dynamic" => (pair => Math.Pow(10000 * Math.Pow(2.5, 1.5), -2d * pair / 6), 1),
            "yarn" => (Yarn, 0.1 * Math.Log(8) + 1),
            "longrope within it" => (pair => Plain(pair) / near[pair], Math.Sqrt(1 + Math.Log(2) / Math.Log(16))),
            _ => (pair => Plain(pair) / far[pair], Math.Sqrt(1 + Math.Log(4) / Math.Log(8))),
        };
    }

    private void Compare(
        string title, string config, Dictionary<string, long[]> tensors, Func<PlainForward, double[][]> forward, Func<int, double>? frequency = null, double amplitude = 1,
        Func<int, int>? window = null, int heads = 4, int kvHeads = 2, int headWidth = 6, int turning = 6)
    {
        File.WriteAllText(folder.File("config.json"), config);
        var weights = TinyCheckpoint.Write(folder.File("model.safetensors"), tensors);
        // Centred weights, so that nothing saturates.
        using (NewDisposeScope())
        {
            foreach (var name in weights.Keys.ToArray())
                weights[name] = Array.ConvertAll(weights[name], x => x - 0.45f);
            Safetensors.Write(folder.File("model.safetensors"), weights.Select(pair => (pair.Key, tensor(pair.Value, tensors[pair.Key]))));
        }
        var expected = forward(new PlainForward(weights)
        {
            Layers = 2, Width = Width, Heads = heads, KvHeads = kvHeads, HeadWidth = headWidth, Turning = turning,
            Frequency = frequency ?? (pair => Math.Pow(10000, -2d * pair / 6)), Amplitude = amplitude, Window = window ?? (_ => 0),
        });
        using var scope = NewDisposeScope();
        using var model = Models.Load(folder.Path, new LoadOptions { DType = ScalarType.Float64 });

        var ours = model.On(RunInput.Of([Tokens])).Logits().data<double>().ToArray();

        var flat = expected.SelectMany(row => row).ToArray();
        ours.Length.ShouldBe(flat.Length);
        var difference = ours.Zip(flat, (a, b) => Math.Abs(a - b)).Max() / flat.Max(Math.Abs);
        Evidence.Record("family-independent", difference <= 1e-9, $"{title}: {Evidence.Text(difference)}");
        difference.ShouldBeLessThan(1e-9);
        flat.Max(Math.Abs).ShouldBeGreaterThan(0.1);
    }

    private static string Config(string architecture, string flags, bool tied, int context = 64) =>
        $$"""
        {"architectures":["{{architecture}}"],{{flags}}"hidden_size":{{Width}},"num_attention_heads":4,"num_key_value_heads":2,"num_hidden_layers":2,"intermediate_size":40,
         "vocab_size":{{Vocabulary}},"max_position_embeddings":{{context}},"rms_norm_eps":1e-6,"tie_word_embeddings":{{(tied ? "true" : "false")}}}
        """;

    private static Dictionary<string, long[]> Llama(bool inputBias, bool outputBias, bool mlpBias, bool tied, bool headBias)
    {
        var tensors = new Dictionary<string, long[]> { ["model.embed_tokens.weight"] = [Vocabulary, Width], ["model.norm.weight"] = [Width] };
        void Linear(string name, long outputs, long inputs, bool biased)
        {
            tensors[name + ".weight"] = [outputs, inputs];
            if (biased)
                tensors[name + ".bias"] = [outputs];
        }
        for (var layer = 0; layer < 2; layer++)
        {
            var p = $"model.layers.{layer}.";
            tensors[p + "input_layernorm.weight"] = tensors[p + "post_attention_layernorm.weight"] = [Width];
            Linear(p + "self_attn.q_proj", 24, Width, inputBias);
            Linear(p + "self_attn.k_proj", 12, Width, inputBias);
            Linear(p + "self_attn.v_proj", 12, Width, inputBias);
            Linear(p + "self_attn.o_proj", Width, 24, outputBias);
            Linear(p + "mlp.gate_proj", 40, Width, mlpBias);
            Linear(p + "mlp.up_proj", 40, Width, mlpBias);
            Linear(p + "mlp.down_proj", Width, 40, mlpBias);
        }
        if (!tied)
            Linear("lm_head", Vocabulary, Width, headBias);
        return tensors;
    }

    private static Dictionary<string, long[]> NeoX()
    {
        var tensors = new Dictionary<string, long[]> { ["gpt_neox.embed_in.weight"] = [Vocabulary, Width], ["embed_out.weight"] = [Vocabulary, Width] };
        void Biased(string name, params long[] shape) => (tensors[name + ".weight"], tensors[name + ".bias"]) = (shape, [shape[0]]);
        Biased("gpt_neox.final_layer_norm", Width);
        for (var layer = 0; layer < 2; layer++)
        {
            var p = $"gpt_neox.layers.{layer}.";
            Biased(p + "input_layernorm", Width);
            Biased(p + "post_attention_layernorm", Width);
            Biased(p + "attention.query_key_value", 3 * Width, Width);
            Biased(p + "attention.dense", Width, Width);
            Biased(p + "mlp.dense_h_to_4h", 40, Width);
            Biased(p + "mlp.dense_4h_to_h", Width, 40);
        }
        return tensors;
    }
}
