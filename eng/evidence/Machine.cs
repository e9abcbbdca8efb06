namespace Interp;

using System.Runtime.InteropServices;

/// <summary>What the figures were measured on, in one line.</summary>
internal static class Machine
{
    /// <summary>Processor, cores, BLAS and the kernel it chose.</summary>
    public static string Describe() => $"{Processor()}, {Environment.ProcessorCount} cores, {Blas()}";

    private static string Processor()
    {
        if (!File.Exists("/proc/cpuinfo"))
            return RuntimeInformation.ProcessArchitecture.ToString();
        var lines = File.ReadAllLines("/proc/cpuinfo");
        var model = Value(lines, "model name") ?? RuntimeInformation.ProcessArchitecture.ToString();
        var flags = Value(lines, "flags") ?? "";
        return flags.Contains(" avx512f") ? model + " (AVX-512)"
            : flags.Contains(" avx2") ? model + " (AVX2)"
            : model;
    }

    private static string? Value(string[] lines, string key) =>
        lines.FirstOrDefault(line => line.StartsWith(key, StringComparison.Ordinal))?.Split(':', 2)[1].Trim();

    // OpenBLAS says itself how it was built and which kernel it picked for this processor.
    private static string Blas()
    {
        if (Environment.GetEnvironmentVariable("INTERP_LIBTORCH") is { Length: > 0 } folder)
            return $"libtorch of {Path.GetFileName(Path.TrimEndingDirectorySeparator(folder))} with its own BLAS";
        if (!NativeLibrary.TryLoad("libopenblas.so.0", out var library))
            return "a BLAS other than OpenBLAS";
        var threads = Call(library, "openblas_get_config")?.Contains("USE_OPENMP") == true ? "OpenMP" : "own threads";
        var version = Call(library, "openblas_get_config")?.Split(' ').ElementAtOrDefault(1) ?? "";
        return $"OpenBLAS {version} ({threads}), kernel {Call(library, "openblas_get_corename") ?? "unknown"}";
    }

    private static unsafe string? Call(nint library, string name) =>
        NativeLibrary.TryGetExport(library, name, out var function)
            ? Marshal.PtrToStringUTF8(((delegate* unmanaged[Cdecl]<nint>)function)())
            : null;
}
