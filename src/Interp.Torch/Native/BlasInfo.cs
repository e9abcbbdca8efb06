using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace Interp.Native;

/// <summary>Which BLAS libtorch is linked to, found among the process's mapped files.</summary>
internal sealed unsafe record BlasInfo(string Description, string? Advice)
{
    private static BlasInfo? s_current;

    internal static BlasInfo Current => s_current ??= Read();

    private static BlasInfo Read()
    {
        var files = Mapped();
        if (files.FirstOrDefault(f => Path.GetFileName(f).StartsWith("libopenblas", StringComparison.Ordinal)) is { } open) return OpenBlas(open);
        if (files.Any(f => Path.GetFileName(f).StartsWith("libmkl", StringComparison.Ordinal))) return new("MKL", null);
        if (files.FirstOrDefault(f => Path.GetFileName(f).StartsWith("libblas", StringComparison.Ordinal)) is { } plain)
        {
            return new($"the reference BLAS ({plain})",
                "apt install libopenblas0-openmp (tens of times the speed), then update-alternatives --config libblas.so.3-x86_64-linux-gnu");
        }
        return new("libtorch's built-in BLAS", null);
    }

    private static BlasInfo OpenBlas(string file)
    {
        if (!NativeLibrary.TryLoad(file, out var library)) return new($"OpenBLAS ({file})", null);
        var config = Call(library, "openblas_get_config").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var version = config.Length > 1 && config[0] == "OpenBLAS" ? config[1] : "";
        var kernel = Call(library, "openblas_get_corename");
        var parallel = NativeLibrary.TryGetExport(library, "openblas_get_parallel", out var f) ? ((delegate* unmanaged<int>)f)() : -1;
        var threads = parallel switch { 0 => "serial", 1 => "pthread", 2 => "openmp", _ => "unknown threading" };
        return new($"OpenBLAS {version} ({threads}), kernel {kernel}", AdviceFor(parallel, kernel));
    }

    private static string? AdviceFor(int parallel, string kernel)
    {
        var advice = new List<string>();
        if (parallel == 1) advice.Add("apt install libopenblas0-openmp (the pthread build competes with libtorch's OpenMP threads, up to 4 times slower)");
        if (parallel == 0) advice.Add("apt install libopenblas0-openmp (this build uses one thread)");
        var wide = Avx512F.IsSupported && Avx512BW.IsSupported && Avx512DQ.IsSupported;
        var preset = Environment.GetEnvironmentVariable("OPENBLAS_CORETYPE");
        if (wide && !string.IsNullOrEmpty(preset) && kernel is "Haswell" or "Zen" or "Sandybridge" or "Nehalem" or "Prescott")
        {
            advice.Add($"unset OPENBLAS_CORETYPE={preset} (this processor has AVX-512, about twice as fast)");
        }
        return advice.Count == 0 ? null : string.Join("; ", advice);
    }

    private static string Call(nint library, string name) =>
        NativeLibrary.TryGetExport(library, name, out var f) ? TorchRuntime.Text(((delegate* unmanaged<nint>)f)()) : "";

    private static List<string> Mapped()
    {
        var result = new List<string>();
        foreach (var line in File.ReadLines("/proc/self/maps"))
        {
            var at = line.IndexOf('/');
            if (at < 0) continue;
            var file = line[at..];
            if (file.Contains(".so", StringComparison.Ordinal) && (result.Count == 0 || result[^1] != file)) result.Add(file);
        }
        return result;
    }
}
