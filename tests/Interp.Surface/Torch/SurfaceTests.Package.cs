namespace Interp.Surface.Torch;

using System.IO.Compression;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using Interp.Packages.Tests.Support;
using Interp.Surface.Support;
using Microsoft.CodeAnalysis;
using Shouldly;
using Xunit;

/// <summary>The package <c>Interp</c> made as a user makes it, over a TorchSharp package that holds the signatures and nothing behind them.</summary>
public sealed partial class SurfaceTests
{
    private const string TorchSharpVersion = "0.106.0";

    [SkippableFact]
    public void Pack_OverTheWholeSurface_BindsToTorchSharpAlone()
    {
        Skip.IfNot(Evidence.Full, "builds the library once more: INTERP_FULL=1");
        var folder = Directory.CreateTempSubdirectory("interp-torchsharp-").FullName;
        try
        {
            StandIn(Path.Combine(folder, "feed"));
            PackInterp(folder);
            var package = new Package(Directory.EnumerateFiles(Path.Combine(folder, "out"), "Interp.*.nupkg").Single());
            using var image = new PEReader([.. package.Bytes("lib/net10.0/Interp.dll")]);
            var reader = image.GetMetadataReader();
            var references = reader.AssemblyReferences.Select(handle => reader.GetString(reader.GetAssemblyReference(handle).Name)).ToArray();
            var holds = references.Contains("TorchSharp") && !references.Contains("Interp.Torch");
            Evidence.Record("packages", holds, $"Interp built over TorchSharp's signatures: {package.Files.Count} files, {package.Length / 1024} KB");
            references.ShouldContain("TorchSharp");
            references.ShouldNotContain("Interp.Torch");
            package.Files.ShouldContain("lib/net10.0/Interp.xml");
            package.Files.ShouldContain("buildTransitive/Interp.props");
            Package.Dependencies(package.Metadata).ShouldContain($"net10.0: TorchSharp {TorchSharpVersion}");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void StandIn(string feed)
    {
        // over the framework's reference assemblies: what is built against the stand-in knows no others
        var compiled = Reference().Compiled.WithReferences(LibraryCompilation.ReferenceAssemblies());
        Directory.CreateDirectory(feed);
        using var zip = ZipFile.Open(Path.Combine(feed, $"TorchSharp.{TorchSharpVersion}.nupkg"), ZipArchiveMode.Create);
        using (var nuspec = new StreamWriter(zip.CreateEntry("TorchSharp.nuspec").Open()))
        {
            nuspec.Write(
                $"""
                <package xmlns="http://schemas.microsoft.com/packaging/2013/05/nuspec.xsd">
                  <metadata><id>TorchSharp</id><version>{TorchSharpVersion}</version><authors>nobody</authors><description>signatures</description></metadata>
                </package>
                """
            );
        }
        using var image = new MemoryStream();
        compiled.Emit(image).Diagnostics.Where(d => d.Severity == DiagnosticSeverity.Error).Select(LibraryCompilation.Describe).ShouldBeEmpty();
        using var entry = zip.CreateEntry("lib/net10.0/TorchSharp.dll").Open();
        entry.Write(image.ToArray());
    }

    // With package and build folders of its own, so that the stand-in reaches no other build.
    private static void PackInterp(string folder)
    {
        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        var restored = Environment.GetEnvironmentVariable("NUGET_PACKAGES") ?? Path.Combine(home, ".nuget", "packages");
        Sdk.Run(
            folder,
            new Dictionary<string, string> { ["NUGET_PACKAGES"] = Path.Combine(folder, "packages") },
            "pack",
            Checkout.Library,
            "-c",
            "Release",
            "-nologo",
            "-v:q",
            "--artifacts-path",
            Path.Combine(folder, "artifacts"),
            "-p:Torch=package",
            $"-p:RestoreSources={folder}/feed",
            $"-p:RestoreFallbackFolders={restored}",
            $"-p:PackageOutputPath={folder}/out/"
        );
    }
}
