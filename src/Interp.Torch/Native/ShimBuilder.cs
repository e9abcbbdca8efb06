using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Interp.Native;

/// <summary>
/// The shim for one libtorch: the package's where it fits, else the one in the user's cache folder, built there once with g++.
/// </summary>
internal static class ShimBuilder
{
    private const string Prefix = "Interp.Torch.native.";

    /// <summary>The shim that INTERP_SHIM names, or null where it names none.</summary>
    /// <exception cref="DllNotFoundException">It names a file that does not exist.</exception>
    internal static string? Named()
    {
        if (Environment.GetEnvironmentVariable("INTERP_SHIM") is not { Length: > 0 } given) return null;
        return File.Exists(given) ? given : throw new DllNotFoundException($"INTERP_SHIM names '{given}', which does not exist.");
    }

    /// <summary>The shim that the package brought, built from the same sources for the same libtorch, or null.</summary>
    internal static string? Packaged(LibTorch torch)
    {
        // It has no path of a libtorch in it: the system's loader has to find the one that was found here.
        if (torch.Origin != "the system") return null;
        var name = PackagedName(torch);
        return PackageFolders().Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);
    }

    /// <summary>The file in a package that fits a libtorch; <c>native/build.sh</c> makes the same name.</summary>
    internal static string PackagedName(LibTorch torch) => $"libinterp_torch-{Flavour(torch)}-{Hash(Sources(), "")}.so";

    /// <summary>The path of the user's own shim, built if need be.</summary>
    /// <exception cref="DllNotFoundException">Headers or compiler are missing, or the build failed.</exception>
    internal static string Obtain(LibTorch torch)
    {
        var sources = Sources();
        var folder = CacheFolder();
        var target = Path.Combine(folder, $"libinterp_torch-{Flavour(torch)}-{Hash(sources, torch.Lib)}.so");
        if (File.Exists(target)) return target;
        Directory.CreateDirectory(folder);
        using var hold = Lock(target + ".lock");
        if (!File.Exists(target)) Build(torch, sources, target);
        return target;
    }

    /// <summary>The user's cache folder: XDG_CACHE_HOME/interp or ~/.cache/interp.</summary>
    internal static string CacheFolder()
    {
        var root = Environment.GetEnvironmentVariable("XDG_CACHE_HOME");
        if (string.IsNullOrEmpty(root)) root = Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache");
        return Path.Combine(root, "interp");
    }

    private static string Flavour(LibTorch torch) => $"{torch.Version}-abi{(torch.NewAbi ? 1 : 0)}-{(torch.Cuda ? "cuda" : "cpu")}";

    // Beside a program that was built (its own folder, or runtimes/ below it); where the host looks, in a single file; in the package
    // itself, from which notebooks load.
    private static IEnumerable<string> PackageFolders()
    {
        var native = Path.Combine("runtimes", RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "linux-arm64" : "linux-x64", "native");
        var folders = new List<string> { Path.Combine(AppContext.BaseDirectory, native), AppContext.BaseDirectory };
        if (AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") is string host) folders.AddRange(host.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries));
        if (Assembly.GetExecutingAssembly().Location is { Length: > 0 } assembly) folders.Add(Path.Combine(Path.GetDirectoryName(assembly)!, "..", "..", native));
        return folders.Select(Path.GetFullPath).Distinct();
    }

    private static SortedDictionary<string, string> Sources()
    {
        var assembly = Assembly.GetExecutingAssembly();
        var result = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var name in assembly.GetManifestResourceNames().Where(n => n.StartsWith(Prefix, StringComparison.Ordinal)))
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
            result[name[Prefix.Length..]] = reader.ReadToEnd();
        }
        return result;
    }

    private static string Hash(SortedDictionary<string, string> sources, string lib)
    {
        var text = new StringBuilder(lib);
        foreach (var (name, source) in sources) text.Append('\n').Append(name).Append('\n').Append(source);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())))[..12];
    }

    // One builder at a time, across processes.
    private static FileStream Lock(string path)
    {
        for (var waited = 0; ; waited++)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (waited < 3000)
            {
                Thread.Sleep(200);
            }
        }
    }

    private static void Build(LibTorch torch, SortedDictionary<string, string> sources, string target)
    {
        if (torch.Include is null)
        {
            throw new DllNotFoundException(
                $"libtorch {torch.Version} stands in {torch.Lib}, but its headers (torch/version.h) do not stand beside it: they are needed once, to build " +
                "Interp's shim. On Debian or Ubuntu: apt install libtorch-dev. Or build it elsewhere against the same libtorch and name it with INTERP_SHIM.");
        }
        var compiler = Compiler(torch);
        var work = Directory.CreateTempSubdirectory("interp-shim-").FullName;
        try
        {
            foreach (var (name, source) in sources) File.WriteAllText(Path.Combine(work, name), source);
            TorchRuntime.Say($"building the shim for libtorch {torch.Version} ({torch.Lib}) once, about 20 s ...");
            var built = Path.Combine(work, "shim.so");
            Compile(torch, compiler, work, built);
            var fresh = $"{target}.{Environment.ProcessId}";
            File.Copy(built, fresh, true);
            File.Move(fresh, target, true);
            TorchRuntime.Say($"built {target}");
        }
        finally
        {
            Directory.Delete(work, true);
        }
    }

    private static string Compiler(LibTorch torch)
    {
        string?[] names = [Environment.GetEnvironmentVariable("CXX"), "g++", "c++", "clang++"];
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        foreach (var name in names.Where(n => !string.IsNullOrEmpty(n)))
        {
            if (Path.IsPathRooted(name!) && File.Exists(name)) return name!;
            if (folders.Any(f => File.Exists(Path.Combine(f, name!)))) return name!;
        }
        throw new DllNotFoundException(
            $"No C++ compiler (CXX, g++, c++, clang++) in PATH; one is needed once, to build Interp's shim for libtorch {torch.Version} in {torch.Lib}. " +
            "On Debian or Ubuntu: apt install g++. Or build it elsewhere against the same libtorch and name it with INTERP_SHIM.");
    }

    // libtorch's headers ask for C++17, later ones for C++20: the other standard is tried when the first fails.
    private static void Compile(LibTorch torch, string compiler, string work, string output)
    {
        var modern = System.Version.TryParse(torch.Version, out var version) && version >= new System.Version(2, 10);
        var first = "";
        foreach (var standard in modern ? (string[])["c++20", "c++17"] : ["c++17", "c++20"])
        {
            var (code, errors) = Run(compiler, Arguments(torch, standard, work, output));
            if (code == 0) return;
            if (first.Length == 0) first = errors;
        }
        var lines = first.Split('\n').Where(l => l.Contains("error", StringComparison.OrdinalIgnoreCase)).Take(5);
        throw new DllNotFoundException(
            $"{compiler} could not build Interp's shim against libtorch {torch.Version} ({torch.Lib}, headers {torch.Include}). Its first errors:\n{string.Join('\n', lines)}");
    }

    private static List<string> Arguments(LibTorch torch, string standard, string work, string output)
    {
        var args = new List<string>
        {
            $"-std={standard}", "-O2", "-fPIC", "-shared", "-fvisibility=hidden", "-w", $"-D_GLIBCXX_USE_CXX11_ABI={(torch.NewAbi ? 1 : 0)}",
            $"-I{torch.Include}", $"-I{torch.Include}/torch/csrc/api/include", Path.Combine(work, "all.cpp"), "-o", output,
            // Without this the linker drops libtorch_cuda, which nothing names, and with it every CUDA kernel.
            "-Wl,--no-as-needed",
        };
        foreach (var name in (string[])["libtorch.so", "libtorch_cpu.so", "libtorch_cuda.so", "libc10.so", "libc10_cuda.so"])
        {
            if (LibTorch.Library(torch.Lib, name) is { } path) args.Add(path);
        }
        args.Add($"-Wl,-rpath,{torch.Lib}");
        return args;
    }

    private static (int Code, string Errors) Run(string program, List<string> arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, errors + output.Result);
    }
}
