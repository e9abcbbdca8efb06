namespace Interp.Benchmarks;

using Interp.Native;
using TorchSharp;
using static TorchSharp.torch;

/// <summary>A whole TopK step, against the five dense matrix products that it is made of: encode, decode and three gradients.</summary>
/// <remarks>
/// Equality is measured on batches in which no row's k-th and next value are equal in float32: of those each side may choose either, and
/// Adam's first steps make whole learning rates of it. That happens in about one step of forty.
/// </remarks>
internal static class SaeTraining
{
    private const double Limit = 0.7;
    private const double MemoryLimit = 1.2;
    private const int Steps = 3;
    private static readonly DictionaryConfig Config = new() { DIn = 768, Width = 24_576, Activation = LatentActivation.TopK(32) };
    private static readonly DictionaryTrainingOptions Options =
        DictionaryTrainingOptions.Like(DictionaryRecipe.Gao2024, Config.Activation) with { Steps = 1000, BatchRows = 2048, LearningRate = 2e-4, StartAtMedian = false };

    public static void Run(string[] arguments)
    {
        var device = cuda.is_available() ? CUDA : CPU;
        using var scope = NewDisposeScope();
        using var features = SyntheticFeatures.Random(4096, Config.DIn, 0.01, seed: 4);
        var batches = Enumerable.Range(0, Steps).Select(_ => features.Sample(Options.BatchRows).to(device)).ToArray();
        Equality(batches, device);
        Speed(arguments.Length > 0 ? int.Parse(arguments[0]) : 5, batches, device);
    }

    private static void Speed(int rounds, Tensor[] batches, Device device)
    {
        using var dictionary = SparseDictionary.Initialise(Config, 0, Options.Recipe, device: device);
        TorchRuntime.EmptyCache();
        var (managed, live) = (GC.GetTotalMemory(true), TorchRuntime.CpuLiveBytes - Bytes(dictionary));
        TorchRuntime.ResetPeak();
        using var trainer = new DictionaryTrainer(dictionary, Options);
        trainer.Step(batches[0]);
        if (device.type == DeviceType.CPU)
            Memory(TorchRuntime.CpuPeakBytes - live, GC.GetTotalMemory(false) - managed, dictionary, batches.Sum(b => b.numel() * 4));
        var (next, latents) = (0, randn([Options.BatchRows, Config.Width], device: device));
        var times = Timing.Alternate(
            rounds,
            () => Timing.Of(() => { trainer.Step(batches[next++ % batches.Length]); Wait(device); }),
            () => Timing.Of(() => { Products(batches[0], latents, dictionary.Weights); Wait(device); }));
        var (step, products) = (Timing.Median(times[0]), Timing.Median(times[1]));
        var gigaflop = 5 * 2.0 * Options.BatchRows * Config.DIn * Config.Width / 1e9;
        var text = $"{(device.type == DeviceType.CPU ? "CPU" : "CUDA")}: {step / products:f3} times ({step:f0} ms against {products:f0} ms, {gigaflop / products * 1e3:f0} GFLOP/s; "
            + $"{Options.BatchRows / step * 1e3:n0} tokens/s; medians of {rounds})";
        Console.WriteLine(text);
        Evidence.Record(device.type == DeviceType.CPU ? "sae-speed" : "sae-speed-cuda", step / products <= Limit, text);
    }

    private static void Products(Tensor x, Tensor latents, DictionaryWeights weights)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var pre = x.matmul(weights.Encoder); // encode
        var output = latents.matmul(weights.Decoder); // decode
        _ = output.matmul(weights.Decoder.t()); // gradient by the latents
        _ = latents.t().matmul(output); // by the decoder
        _ = x.t().matmul(pre); // by the encoder
    }

    private static void Memory(long native, long managed, SparseDictionary dictionary, long buffer)
    {
        // Weights, two moments, gradients; the activations given; two tensors of [batch, width].
        var wanted = 4 * Bytes(dictionary) + buffer + 2L * Options.BatchRows * Config.Width * 4;
        var ratio = (native + managed) / (double)wanted;
        var text = $"TopK, d 768, width 24,576, batch 2,048: {ratio:f3} times ({native / 1e6:n0} MB in tensors and {managed / 1e6:n0} MB managed, against {wanted / 1e6:n0} MB)";
        Console.WriteLine(text);
        Evidence.Record("sae-memory", ratio <= MemoryLimit, text);
    }

    private static void Equality(Tensor[] batches, Device device)
    {
        using var scope = NewDisposeScope();
        using var dense = SparseDictionary.Initialise(Config, 0, Options.Recipe, device: device);
        using var sparse = SparseDictionary.Initialise(Config, 0, Options.Recipe, device: device);
        using (var trainer = new DictionaryTrainer(dense, Options with { ChosenOnly = false }))
            foreach (var batch in batches)
                trainer.Step(batch);
        using (var trainer = new DictionaryTrainer(sparse, Options))
            foreach (var batch in batches)
                trainer.Step(batch);
        var difference = dense.Weights.Named().Zip(sparse.Weights.Named(), (a, b) => (a.Tensor - b.Tensor).abs().max().ToDouble()).Max();
        var text = $"weights after {Steps} steps: at most {difference:g3} from the dense formulation's";
        Console.WriteLine(text);
        Evidence.Record("sae-speed", difference <= 1e-5, text);
    }

    private static long Bytes(SparseDictionary dictionary) => dictionary.Weights.Named().Sum(w => w.Tensor.numel() * w.Tensor.element_size());

    private static void Wait(Device device)
    {
        if (device.type == DeviceType.CUDA)
            cuda.synchronize();
    }
}
