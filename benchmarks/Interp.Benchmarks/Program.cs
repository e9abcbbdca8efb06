using Interp.Benchmarks;
using Interp.Native;
using static TorchSharp.torch;

// dotnet run -c Release --project benchmarks/Interp.Benchmarks -- NAME [arguments]
(string Name, string Summary, Action<string[]> Run, bool Measures)[] programs =
[
    ("torch-overhead", "what the binding adds to a bare call of libtorch's dispatcher", TorchOverhead.Run, true),
    ("forward", "a forward pass with nothing captured, against the same operators by hand and in Python", ForwardOverhead.Run, true),
    ("capture", "capturing every residual site, against the plain forward pass", CaptureOverhead.Run, true),
    ("patching-sweep", "planned sweeps, against a whole forward pass for each patch; arguments: rounds, the number of a sweep", PatchingSweep.Run, true),
    ("sae-training", "a whole TopK step of a sparse dictionary, against the five dense matrix products of the step", SaeTraining.Run, true),
    ("attribution", "attribution for all heads and EAP of all edges, against one forward and one backward pass", AttributionSpeed.Run, true),
    ("peers", "the same work in bare PyTorch, TransformerLens and SAELens, where they are installed; arguments: --only WORK, --json FOLDER, or table FILE...", Peers.Run, false),
    ("train", "trains a bundled model; arguments: induction-2l, modadd-59 or tinyworld, the folder to write to, steps", TrainOrganism.Run, false),
    ("loading", "weights of GPT-2 small's size from the page cache, against copying the bytes, and memory at peak", Loading.Run, true),
    ("tokenizer-speed", "tokens a second that one thread encodes; argument: the folder of the optional data", TokenizerSpeed.Run, true),
];

var chosen = args.Length == 0 ? [] : programs.Where(p => p.Name == args[0] || (args[0] == "all" && p.Measures)).ToArray();
if (chosen.Length == 0)
{
    Console.Error.WriteLine("Name a benchmark, or 'all' for those that measure:");
    foreach (var (name, summary, _, _) in programs)
        Console.Error.WriteLine($"  {name,-18} {summary}");
    return 2;
}
if (Environment.GetEnvironmentVariable("OPENBLAS_CORETYPE") is { Length: > 0 } preset)
{
    Console.Error.WriteLine($"OPENBLAS_CORETYPE={preset} holds OpenBLAS to that kernel: unset it before measuring.");
    if (Environment.GetEnvironmentVariable("INTERP_EVIDENCE") is { Length: > 0 } && chosen.Any(p => p.Measures))
        return 2; // no evidence under a preset kernel
}
foreach (var (name, summary, run, _) in chosen)
{
    set_num_threads(int.TryParse(Environment.GetEnvironmentVariable("OMP_NUM_THREADS"), out var threads) && threads > 0 ? threads : Math.Min(2, Environment.ProcessorCount));
    Console.WriteLine($"\n{name}: {summary}");
    Console.WriteLine($"libtorch {TorchRuntime.LibTorchVersion}, {TorchRuntime.Blas}, {TorchRuntime.Threads} threads, {Environment.ProcessorCount} processors");
    run(args[1..]);
}
return 0;
