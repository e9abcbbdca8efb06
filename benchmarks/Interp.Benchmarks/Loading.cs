namespace Interp.Benchmarks;

using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Interp.Native;
using TorchSharp;
using static TorchSharp.torch;

/// <summary>
/// Loading weights of GPT-2 small's size from the page cache, against copying the same bytes into new memory, turn by turn; and the most memory that
/// tensors take meanwhile, against the final weights: stored as they are used, converted on the way, and transposed into fused matrices.
/// </summary>
internal static class Loading
{
    private const string Gpt2 =
        """{"architectures":["GPT2LMHeadModel"],"n_layer":12,"n_head":12,"n_embd":768,"n_positions":1024,"vocab_size":50257}""";

    private const string Llama =
        """
        {"architectures":["LlamaForCausalLM"],"num_hidden_layers":8,"num_attention_heads":12,"num_key_value_heads":4,"hidden_size":768,"intermediate_size":2048,
         "vocab_size":32000,"max_position_embeddings":2048,"tie_word_embeddings":false}
        """;

    internal static void Run(string[] args)
    {
        var folder = Directory.CreateTempSubdirectory("interp-loading-").FullName;
        try
        {
            Measure(folder, "GPT-2 small, F32", Gpt2, Gpt2Tensors(), ScalarType.Float32, record: true);
            Measure(Directory.CreateDirectory(Path.Combine(folder, "shards")).FullName, "GPT-2 small, 4 shards", Gpt2, Gpt2Tensors(), ScalarType.Float32, record: true, shards: 4);
            Measure(folder, "GPT-2 small, BF16 to F32", Gpt2, Gpt2Tensors(), ScalarType.BFloat16, record: false);
            Measure(folder, "Llama's form, F32", Llama, LlamaTensors(), ScalarType.Float32, record: false);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Measure(string folder, string title, string config, IEnumerable<(string Name, long[] Shape)> tensors, ScalarType stored, bool record, int shards = 1)
    {
        File.WriteAllText(Path.Combine(folder, "config.json"), config);
        var files = Write(folder, [.. tensors], stored, shards);
        var options = new LoadOptions { ReadTokenizer = false, DType = ScalarType.Float32 };
        var times = Timing.Alternate(9, () => Load(folder, options), () => files.Sum(Copy));
        var ratios = times[0].Zip(times[1], (load, copy) => load / copy).ToArray();
        var (ratio, peak) = (Timing.Median(times[0]) / Timing.Median(times[1]), Peak(folder, options));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{title,-26} load {Timing.Median(times[0]),6:F0} ms, copy {Timing.Median(times[1]),6:F0} ms: {ratio:F2} (median of single ratios {Timing.Median(ratios):F2}); memory at peak {peak:F3} of the weights"));
        if (record)
            Evidence.Record("loading-time", ratio <= 1.5, string.Create(CultureInfo.InvariantCulture, $"{title}: {ratio:F2}, {Timing.Median(times[0]):F0} ms and {Timing.Median(times[1]):F0} ms, medians of 9"));
        Evidence.Record("loading-memory", peak <= 1.15, string.Create(CultureInfo.InvariantCulture, $"{title}: {peak:F3}"));
    }

    // One file, or shards with their index.
    private static string[] Write(string folder, (string Name, long[] Shape)[] tensors, ScalarType stored, int shards)
    {
        var parts = tensors.Chunk((tensors.Length + shards - 1) / shards).ToArray();
        var names = parts.Select((_, i) => shards == 1 ? "model.safetensors" : $"model-{i + 1:00000}-of-{shards:00000}.safetensors").ToArray();
        foreach (var (part, name) in parts.Zip(names))
            using (NewDisposeScope())
                Safetensors.Write(Path.Combine(folder, name), part.Select(tensor => (tensor.Name, (torch.randn(tensor.Shape) * 0.02).to(stored))));
        if (shards > 1)
        {
            var map = parts.Zip(names).SelectMany(p => p.First.Select(tensor => (tensor.Name, File: p.Second))).ToDictionary(t => t.Name, t => t.File);
            File.WriteAllText(Path.Combine(folder, "model.safetensors.index.json"), JsonSerializer.Serialize(new { weight_map = map }));
        }
        TorchRuntime.EmptyCache();
        return [.. names.Select(name => Path.Combine(folder, name))];
    }

    // What the binding keeps of freed memory is given back first: both sides touch new memory.
    private static double Load(string folder, LoadOptions options)
    {
        TorchRuntime.EmptyCache();
        return Timing.Of(() => Models.Load(folder, options).Dispose());
    }

    // The file's bytes into memory that nobody has touched yet, by the system's own call.
    private static unsafe double Copy(string path) => Timing.Of(() =>
    {
        using var file = File.OpenHandle(path);
        var length = RandomAccess.GetLength(file);
        var memory = (byte*)NativeMemory.Alloc((nuint)length);
        for (var start = 0L; start < length;)
            start += RandomAccess.Read(file, new Span<byte>(memory + start, (int)Math.Min(length - start, 1 << 30)), start);
        NativeMemory.Free(memory);
    });

    private static double Peak(string folder, LoadOptions options)
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        TorchRuntime.EmptyCache();
        var before = TorchRuntime.CpuLiveBytes;
        TorchRuntime.ResetPeak();
        using var model = Models.Load(folder, options);
        return (double)(TorchRuntime.CpuPeakBytes - before) / (TorchRuntime.CpuLiveBytes - before);
    }

    private static IEnumerable<(string, long[])> Gpt2Tensors()
    {
        yield return ("wte.weight", [50257, 768]);
        yield return ("wpe.weight", [1024, 768]);
        for (var i = 0; i < 12; i++)
            foreach (var (name, shape) in new (string, long[])[]
            {
                ("ln_1.weight", [768]), ("ln_1.bias", [768]), ("attn.c_attn.weight", [768, 2304]), ("attn.c_attn.bias", [2304]), ("attn.c_proj.weight", [768, 768]),
                ("attn.c_proj.bias", [768]), ("ln_2.weight", [768]), ("ln_2.bias", [768]), ("mlp.c_fc.weight", [768, 3072]), ("mlp.c_fc.bias", [3072]),
                ("mlp.c_proj.weight", [3072, 768]), ("mlp.c_proj.bias", [768]),
            })
                yield return ($"h.{i}.{name}", shape);
        yield return ("ln_f.weight", [768]);
        yield return ("ln_f.bias", [768]);
    }

    private static IEnumerable<(string, long[])> LlamaTensors()
    {
        yield return ("model.embed_tokens.weight", [32000, 768]);
        for (var i = 0; i < 8; i++)
            foreach (var (name, shape) in new (string, long[])[]
            {
                ("input_layernorm", [768]), ("self_attn.q_proj", [768, 768]), ("self_attn.k_proj", [256, 768]), ("self_attn.v_proj", [256, 768]), ("self_attn.o_proj", [768, 768]),
                ("post_attention_layernorm", [768]), ("mlp.gate_proj", [2048, 768]), ("mlp.up_proj", [2048, 768]), ("mlp.down_proj", [768, 2048]),
            })
                yield return ($"model.layers.{i}.{name}.weight", shape);
        yield return ("model.norm.weight", [768]);
        yield return ("lm_head.weight", [32000, 768]);
    }
}
