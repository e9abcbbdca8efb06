using Interp.Benchmarks;
using Interp.Native;

// dotnet run -c Release --project benchmarks/Interp.Benchmarks -- <name> [arguments]
var benchmarks = new Dictionary<string, Action<string[]>>(StringComparer.OrdinalIgnoreCase)
{
    ["torch-overhead"] = TorchOverhead.Run,
};

if (args.Length == 0 || !benchmarks.TryGetValue(args[0], out var chosen))
{
    Console.Error.WriteLine($"Name a benchmark: {string.Join(", ", benchmarks.Keys)}.");
    return 2;
}
Console.WriteLine($"libtorch {TorchRuntime.LibTorchVersion}, {TorchRuntime.Blas}, {TorchRuntime.Threads} threads, {Environment.ProcessorCount} processors");
chosen(args[1..]);
return 0;
