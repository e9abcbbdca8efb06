using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Interp.Native;

/// <summary>Loads libtorch and the shim at the first native call.</summary>
internal static class Loader
{
    private static readonly Lock s_gate = new();
    private static nint s_handle;
    private static string? s_failure;

    internal static LibTorch? Found { get; private set; }

    internal static string? ShimPath { get; private set; }

    // CA2255: the resolver must stand before the first P/Invoke, whichever it is.
    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255")]
    internal static void Register() => NativeLibrary.SetDllImportResolver(typeof(Loader).Assembly, Resolve);

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path) => name == NativeMethods.Library ? Load() : 0;

    private static nint Load()
    {
        lock (s_gate)
        {
            if (s_handle != 0) return s_handle;
            if (s_failure is not null) throw new DllNotFoundException(s_failure);
            try
            {
                return s_handle = LoadOnce();
            }
            catch (Exception e) when (e is DllNotFoundException or BadImageFormatException or IOException or UnauthorizedAccessException)
            {
                s_failure = e.Message;
                throw new DllNotFoundException(s_failure, e);
            }
        }
    }

    private static nint LoadShim(LibTorch torch)
    {
        // A package's shim that this system cannot load (an older C++ runtime, say) is as good as none.
        var named = ShimBuilder.Named();
        if (named is null && ShimBuilder.Packaged(torch) is { } packaged && NativeLibrary.TryLoad(packaged, out var handle))
        {
            ShimPath = packaged;
            return handle;
        }
        ShimPath = named ?? ShimBuilder.Obtain(torch);
        try
        {
            return NativeLibrary.Load(ShimPath);
        }
        catch (DllNotFoundException e)
        {
            throw new DllNotFoundException(
                $"The shim {ShimPath} for libtorch {torch.Version} ({torch.Lib}, from {torch.Origin}) does not load: {e.Message}. " +
                "If libtorch was changed since it was built, delete the file.", e);
        }
    }

    private static unsafe nint LoadOnce()
    {
        if (!OperatingSystem.IsLinux())
        {
            throw new DllNotFoundException("Interp.Torch binds to libtorch on Linux; elsewhere build Interp with -p:Torch=package (TorchSharp's packages).");
        }
        Found = LibTorch.Find();
        var handle = LoadShim(Found);
        var cap = long.TryParse(Environment.GetEnvironmentVariable("INTERP_CPU_CACHE_MB"), out var megabytes) ? megabytes << 20 : -1;
        ((delegate* unmanaged<long, int>)NativeLibrary.GetExport(handle, "it_install_allocator"))(cap);
        TorchRuntime.SayBlas(Found);
        return handle;
    }
}
