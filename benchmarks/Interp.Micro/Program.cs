using BenchmarkDotNet.Running;
using Interp.Micro;
using Interp.Native;
using static TorchSharp.torch;

// dotnet run -c Release --project benchmarks/Interp.Micro                                every benchmark, a short job
// dotnet run -c Release --project benchmarks/Interp.Micro -- --filter '*Sweep*'          BenchmarkDotNet's own arguments
if (Environment.GetEnvironmentVariable("OPENBLAS_CORETYPE") is { Length: > 0 } preset)
    Console.WriteLine($"OPENBLAS_CORETYPE={preset} holds OpenBLAS to that kernel: unset it before measuring.");
set_num_threads(Math.Min(2, Environment.ProcessorCount));
Console.WriteLine($"libtorch {TorchRuntime.LibTorchVersion}, {TorchRuntime.Blas}, {TorchRuntime.Threads} threads, {Environment.ProcessorCount} processors");
string[] chosen = args.Length > 0 ? args : ["--job", "short", "--filter", "*"];
// One process: another would have to be generated and built for each benchmark, and each would load libtorch anew.
var summaries = BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(["--inProcess", .. chosen], new MicroConfig());
return summaries.Any(s => s.HasCriticalValidationErrors || s.Reports.Any(r => !r.Success)) ? 1 : 0;
