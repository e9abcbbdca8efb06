using System.Runtime.InteropServices;
using Interp.Native;
using Shouldly;
using Xunit;

namespace Interp.Torch.Tests;

/// <summary>How libtorch is found, and what is said when something is missing.</summary>
[Trait("Tier", "unit")]
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class LoaderTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("interp-loader-").FullName;
    private readonly Dictionary<string, string?> _before = [];

    public void Dispose()
    {
        foreach (var (name, value) in _before) Environment.SetEnvironmentVariable(name, value);
        Directory.Delete(_folder, true);
    }

    [Fact]
    public void Find_NamedFolderWithoutLibtorch_NamesItAndTheWayOut()
    {
        Set("INTERP_LIBTORCH", _folder);
        var message = Should.Throw<DllNotFoundException>(() => LibTorch.Find()).Message;
        message.ShouldContain(_folder);
        message.ShouldContain("INTERP_LIBTORCH");
        message.ShouldContain("site-packages/torch");
    }

    [Fact]
    public void Find_LayoutOfAnInstalledPyTorch_ReadsVersionAbiAndCuda()
    {
        Lay("lib/libtorch_cpu.so", "");
        Lay("lib/libtorch_cuda.so", "");
        Lay("lib/libc10.so", "... _ZN3c105ErrorC1ENS_14SourceLocationESs ...");
        Lay("include/torch/version.h", "#define TORCH_VERSION_MAJOR 2\n#define TORCH_VERSION_MINOR 11\n#define TORCH_VERSION_PATCH 1\n");
        Set("INTERP_LIBTORCH", _folder);
        var found = LibTorch.Find();
        (found.Version, found.Cuda, found.NewAbi).ShouldBe(("2.11.1", true, false));
        found.Lib.ShouldBe(Path.Combine(_folder, "lib"));
        Lay("lib/libc10.so", "... _ZN3c105ErrorC1ENS_14SourceLocationENSt7__cxx1112basic_string ...");
        LibTorch.Find().NewAbi.ShouldBeTrue();
    }

    [Theory]
    [InlineData("the system", true)]
    [InlineData("an installed PyTorch", false)]
    [InlineData("INTERP_LIBTORCH", false)]
    public void Packaged_ShimBesideTheProgram_IsTakenForTheSystemsLibtorchAlone(string origin, bool taken)
    {
        var torch = new LibTorch(_folder, null, "0.0.1", false, true, origin);
        var system = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "linux-arm64" : "linux-x64";
        var shim = Path.Combine(AppContext.BaseDirectory, "runtimes", system, "native", ShimBuilder.PackagedName(torch));
        Directory.CreateDirectory(Path.GetDirectoryName(shim)!);
        File.WriteAllText(shim, "");
        try
        {
            ShimBuilder.Packaged(torch).ShouldBe(taken ? shim : null);
            // another libtorch of the system than the one it was built for
            ShimBuilder.Packaged(torch with { Version = "0.0.2" }).ShouldBeNull();
            ShimBuilder.Packaged(torch with { Cuda = true }).ShouldBeNull();
        }
        finally
        {
            File.Delete(shim);
        }
    }

    [Fact]
    public void Obtain_WithoutHeaders_SaysWhichPackageHasThem()
    {
        Set("XDG_CACHE_HOME", _folder);
        var torch = new LibTorch(_folder, null, "1.13.1", false, true, "a test");
        Should.Throw<DllNotFoundException>(() => ShimBuilder.Obtain(torch)).Message.ShouldContain("libtorch-dev");
    }

    [Fact]
    public void Obtain_WithoutCompiler_SaysWhatToInstall()
    {
        Set("XDG_CACHE_HOME", _folder);
        Set("PATH", _folder);
        Set("CXX", null);
        var torch = new LibTorch(_folder, "/usr/include", "1.13.1", false, true, "a test");
        Should.Throw<DllNotFoundException>(() => ShimBuilder.Obtain(torch)).Message.ShouldContain("apt install g++");
    }

    [Fact]
    public void Obtain_CompilerFails_GivesItsFirstErrors()
    {
        Lay("bin/g++", "#!/bin/sh\necho 'fatal error: ATen/ATen.h: No such file' >&2\nexit 1\n");
        File.SetUnixFileMode(Path.Combine(_folder, "bin", "g++"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Set("XDG_CACHE_HOME", _folder);
        Set("CXX", Path.Combine(_folder, "bin", "g++"));
        Set("INTERP_QUIET", "1");
        var torch = new LibTorch(_folder, _folder, "1.13.1", false, true, "a test");
        var message = Should.Throw<DllNotFoundException>(() => ShimBuilder.Obtain(torch)).Message;
        message.ShouldContain("ATen/ATen.h");
        message.ShouldContain("1.13.1");
        Directory.GetFiles(Path.Combine(_folder, "interp"), "*.so").ShouldBeEmpty();
    }

    [Fact]
    public void Runtime_Always_SaysWhatAnswers()
    {
        TorchRuntime.LibTorchVersion.ShouldNotBeEmpty();
        Directory.Exists(TorchRuntime.LibTorchPath).ShouldBeTrue();
        File.Exists(TorchRuntime.ShimPath).ShouldBeTrue();
        TorchRuntime.Blas.ShouldNotBeEmpty();
        TorchRuntime.BuildConfiguration.ShouldNotBeEmpty();
        var threads = TorchRuntime.Threads;
        TorchRuntime.Threads = 1;
        TorchRuntime.Threads.ShouldBe(1);
        TorchRuntime.Threads = threads;
    }

    private void Lay(string file, string text)
    {
        var path = Path.Combine(_folder, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }

    private void Set(string name, string? value)
    {
        _before.TryAdd(name, Environment.GetEnvironmentVariable(name));
        Environment.SetEnvironmentVariable(name, value);
    }
}
