namespace Interp.Packages.Tests;

using System.IO.Compression;
using System.Xml.Linq;
using Interp.Packages.Tests.Support;
using Interp.Surface.Support;
using Shouldly;
using Xunit;

/// <summary>
/// The package <c>Interp</c>, on TorchSharp: what NuGet writes of it. TorchSharp itself need not be on a feed: its place is taken by an empty
/// package of its name and version. That the library compiles against TorchSharp's surface is a test of its own (Interp.Surface).
/// </summary>
[Trait("Tier", "unit")]
[Collection(FeedCollection.Name)]
public sealed class TorchSharpTests(PackedFeed feed)
{
    [Fact]
    public void Interp_Nuspec_DependsOnTorchSharpAndNotOnTheSubset()
    {
        var version = XDocument
            .Load(Path.Combine(Checkout.Root, "Directory.Packages.props"))
            .Descendants("PackageVersion")
            .Single(one => one.Attribute("Include")!.Value == "TorchSharp")
            .Attribute("Version")!
            .Value;
        var folder = Path.Combine(feed.Folder, "torchsharp");
        Empty(Path.Combine(folder, "feed"), "TorchSharp", version);

        var nuspec = XDocument.Load(Nuspec(folder));
        var files = nuspec.Descendants().Where(one => one.Name.LocalName == "file").Select(one => one.Attribute("target")!.Value.Trim('/')).ToArray();
        var metadata = Package.Nuspec(nuspec);
        var dependencies = Package.Dependencies(metadata);
        Evidence.Record("packages", true, $"Interp on TorchSharp: depends on {string.Join(", ", dependencies)}; {files.Length} files besides the assembly");

        metadata.Element("id")!.Value.ShouldBe("Interp");
        dependencies.Count.ShouldBe(2);
        dependencies[0].ShouldStartWith("net10.0: MathNet.Numerics ");
        dependencies[1].ShouldBe($"net10.0: TorchSharp {version}");
        files
            .Where(file => !file.StartsWith("interactive-extensions/", StringComparison.Ordinal))
            .ShouldBe(["LICENSE", "README.md", "buildTransitive/Interp.props", "icon.png"], ignoreOrder: true);
        foreach (var name in (string[])["license", "readme", "icon", "description", "tags"])
            metadata.Element(name).ShouldNotBeNull(name);
    }

    // NuGet's own pack of the project, up to the nuspec and without the assembly, with build and package folders of its own.
    private string Nuspec(string folder)
    {
        Sdk.Run(
            folder,
            null,
            "pack",
            Checkout.Library,
            // restored, but not built
            "-p:NoBuild=true",
            "-nologo",
            "-v:q",
            "-p:Torch=package",
            $"-p:Version={PackedFeed.Version}",
            "-p:IncludeBuildOutput=false",
            "-p:NoPackageAnalysis=true",
            "-p:ContinuePackingAfterGeneratingNuspec=false",
            $"-p:BaseIntermediateOutputPath={folder}/obj/",
            $"-p:BaseOutputPath={folder}/bin/",
            $"-p:RestoreSources={folder}/feed",
            $"-p:RestorePackagesPath={folder}/packages",
            $"-p:RestoreFallbackFolders={PackedFeed.RestoredPackages}",
            $"-p:PackageOutputPath={folder}/out/",
            $"-p:NuspecOutputPath={folder}/nuspec/"
        );
        return Path.Combine(folder, "nuspec", $"Interp.{PackedFeed.Version}.nuspec");
    }

    private static void Empty(string folder, string id, string version)
    {
        Directory.CreateDirectory(folder);
        using var zip = ZipFile.Open(Path.Combine(folder, $"{id}.{version}.nupkg"), ZipArchiveMode.Create);
        using var nuspec = new StreamWriter(zip.CreateEntry(id + ".nuspec").Open());
        nuspec.Write(
            $"""
            <package xmlns="http://schemas.microsoft.com/packaging/2013/05/nuspec.xsd">
              <metadata><id>{id}</id><version>{version}</version><authors>nobody</authors><description>stands in</description></metadata>
            </package>
            """
        );
    }
}
