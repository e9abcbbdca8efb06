using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

namespace Interp.Native;

/// <summary>A libtorch found on the machine.</summary>
/// <param name="Lib">The folder of libtorch_cpu.so.</param>
/// <param name="Include">The folder of its headers, or null where they are not installed.</param>
/// <param name="Version">e.g. 1.13.1.</param>
/// <param name="Cuda">Whether libtorch_cuda stands beside it.</param>
/// <param name="NewAbi">The value of _GLIBCXX_USE_CXX11_ABI it was built with.</param>
/// <param name="Origin">How it was found.</param>
internal sealed record LibTorch(string Lib, string? Include, string Version, bool Cuda, bool NewAbi, string Origin)
{
    internal const string Variable = "INTERP_LIBTORCH";

    /// <summary>The first libtorch: the one the variable names, else an installed PyTorch's, else the system's.</summary>
    /// <exception cref="DllNotFoundException">There is none; the text lists the folders looked at and what to install.</exception>
    internal static LibTorch Find()
    {
        var looked = new List<string>();
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named)
        {
            return InFolder(named, Variable, looked) ?? throw new DllNotFoundException(
                $"{Variable} names '{named}', but there is no libtorch_cpu.so in {string.Join(", ", looked)}. " +
                "Give the folder of an installed PyTorch (site-packages/torch) or of an unpacked libtorch.");
        }
        foreach (var folder in PythonFolders())
        {
            if (InFolder(folder, "an installed PyTorch", looked) is { } found) return found;
        }
        foreach (var folder in SystemFolders())
        {
            if (InFolder(folder, "the system", looked) is { } found) return found;
        }
        throw new DllNotFoundException(
            "No libtorch (libtorch_cpu.so) on this machine. Looked for an installed PyTorch and for the system's, in: " +
            $"{string.Join(", ", looked.Distinct())}. On Debian or Ubuntu: apt install libtorch-dev libopenblas0-openmp g++. " +
            $"Elsewhere: pip install torch, or unpack a libtorch and set {Variable} to its folder.");
    }

    private static LibTorch? InFolder(string folder, string origin, List<string> looked)
    {
        foreach (var lib in (string[])[folder, Path.Combine(folder, "lib"), Path.Combine(folder, "torch", "lib")])
        {
            looked.Add(lib);
            var cpu = Library(lib, "libtorch_cpu.so");
            if (cpu is null) continue;
            var include = IncludeOf(lib);
            return new(lib, include, VersionOf(include, cpu), Library(lib, "libtorch_cuda.so") is not null, UsesNewAbi(lib), origin);
        }
        return null;
    }

    /// <summary>The file of a library in a folder, with or without a version at its end.</summary>
    internal static string? Library(string folder, string name)
    {
        var plain = Path.Combine(folder, name);
        if (File.Exists(plain)) return plain;
        return Directory.Exists(folder) ? Directory.EnumerateFiles(folder, name + ".*").Order(StringComparer.Ordinal).FirstOrDefault() : null;
    }

    private static IEnumerable<string> PythonFolders()
    {
        var roots = new List<string?> { Environment.GetEnvironmentVariable("VIRTUAL_ENV"), Environment.GetEnvironmentVariable("CONDA_PREFIX") };
        foreach (var bin in (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator))
        {
            var python = Path.Combine(bin, "python3");
            if (!File.Exists(python)) continue;
            roots.Add(Path.GetDirectoryName(bin));
            if (File.ResolveLinkTarget(python, true) is { } real) roots.Add(Path.GetDirectoryName(Path.GetDirectoryName(real.FullName)));
        }
        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        roots.Add(Path.Combine(home, ".local"));
        if (Directory.Exists(Path.Combine(home, ".pyenv", "versions"))) roots.AddRange(Directory.EnumerateDirectories(Path.Combine(home, ".pyenv", "versions")));
        return roots.Where(r => !string.IsNullOrEmpty(r)).Distinct().SelectMany(r => PackagesIn(Path.Combine(r!, "lib")));
    }

    private static IEnumerable<string> PackagesIn(string lib)
    {
        if (!Directory.Exists(lib)) return [];
        return Directory.EnumerateDirectories(lib, "python3*")
            .Select(p => Path.Combine(p, "site-packages", "torch"))
            .Where(t => Directory.Exists(Path.Combine(t, "include")));
    }

    private static string[] SystemFolders()
    {
        var triple = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "aarch64-linux-gnu" : "x86_64-linux-gnu";
        return [$"/usr/lib/{triple}", "/usr/local/lib", "/usr/local/libtorch", "/opt/libtorch", "/usr/lib64", "/usr/lib"];
    }

    private static string? IncludeOf(string lib)
    {
        string[] candidates = [Path.Combine(lib, "..", "include"), Path.Combine(lib, "..", "..", "include"), "/usr/include"];
        return candidates.Select(Path.GetFullPath).FirstOrDefault(c => File.Exists(VersionHeader(c)));
    }

    private static string VersionHeader(string include)
    {
        var top = Path.Combine(include, "torch", "version.h");
        return File.Exists(top) && File.ReadAllText(top).Contains("define TORCH_VERSION_MAJOR", StringComparison.Ordinal)
            ? top
            : Path.Combine(include, "torch", "csrc", "api", "include", "torch", "version.h");
    }

    private static string VersionOf(string? include, string cpu)
    {
        if (include is not null)
        {
            var text = File.ReadAllText(VersionHeader(include));
            string Part(string name) => Regex.Match(text, $@"#define TORCH_VERSION_{name} (\d+)").Groups[1].Value;
            if (Part("MAJOR").Length > 0) return $"{Part("MAJOR")}.{Part("MINOR")}.{Part("PATCH")}";
        }
        var real = File.ResolveLinkTarget(cpu, true)?.Name ?? Path.GetFileName(cpu);
        var match = Regex.Match(real, @"\.so\.(\d+(\.\d+)*)$");
        return match.Success ? match.Groups[1].Value : "unknown";
    }

    // libc10's exception constructor names std::string in its mangled name, one way or the other.
    private static bool UsesNewAbi(string lib)
    {
        var c10 = Library(lib, "libc10.so");
        return c10 is null || File.ReadAllBytes(c10).AsSpan().IndexOf("_ZN3c105ErrorC1ENS_14SourceLocationENSt7__cxx11"u8) >= 0;
    }
}
