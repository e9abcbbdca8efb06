namespace Interp.Packages.Tests;

using System.Buffers.Binary;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Xml.Linq;
using Interp.Packages.Tests.Support;
using Interp.Surface.Support;
using Shouldly;
using Xunit;

/// <summary>What each package says of itself, and what is in it: nothing missing, nothing besides.</summary>
[Trait("Tier", "unit")]
[Collection(FeedCollection.Name)]
public sealed class ContentTests(PackedFeed feed)
{
    private const string Extension = "interactive-extensions/dotnet/extension.dib";

    [Fact]
    public void InterpSystem_Dependencies_AreTheSubsetAndMathNet()
    {
        Common(feed.System, "Interp.System");
        Package
            .Dependencies(feed.System.Metadata)
            .ShouldBe([$"net10.0: Interp.Torch {PackedFeed.Version}", $"net10.0: MathNet.Numerics {Central("MathNet.Numerics")}"]);
    }

    [Fact]
    public void InterpTorch_Dependencies_AreNone()
    {
        Common(feed.Torch, "Interp.Torch");
        Package.Dependencies(feed.Torch.Metadata).ShouldBeEmpty();
        feed.Torch.Metadata.Descendants("group").Single().Attribute("targetFramework")!.Value.ShouldBe("net10.0");
    }

    [Fact]
    public void InterpSystem_Files_AreTheseAlone()
    {
        List<string> expected =
        [
            "LICENSE",
            "README.md",
            "buildTransitive/Interp.System.props",
            "icon.png",
            "lib/net10.0/Interp.dll",
            "lib/net10.0/Interp.xml",
        ];
        if (Directory.EnumerateFiles(Checkout.Library, "extension.dib", SearchOption.AllDirectories).Any())
            expected.Insert(4, Extension);
        Evidence.Record("packages", feed.System.Files.SequenceEqual(expected), Describe("Interp.System", feed.System));
        feed.System.Files.ShouldBe(expected);
    }

    [Fact]
    public void InterpTorch_Files_AreTheAssemblyTheShimAndItsSources()
    {
        var sources = Directory
            .EnumerateFiles(Native)
            .Where(file => Path.GetExtension(file) is ".cpp" or ".h" or ".txt")
            .Select(file => "shim/" + Path.GetFileName(file));
        string[] expected = ["LICENSE", "README.md", "icon.png", "lib/net10.0/Interp.Torch.dll", "lib/net10.0/Interp.Torch.xml", .. sources];
        var rest = feed.Torch.Files.Except(expected).ToArray();
        expected.Except(feed.Torch.Files).ShouldBeEmpty();
        rest.ShouldAllBe(file => file.StartsWith("runtimes/linux-", StringComparison.Ordinal) && file.EndsWith(".so", StringComparison.Ordinal));
        rest.Length.ShouldBeLessThanOrEqualTo(1);
        Evidence.Record("packages", true, Describe("Interp.Torch", feed.Torch) + (rest.Length == 1 ? $", {Path.GetFileName(rest[0])}" : ", no built shim"));
    }

    [Fact]
    public void Files_OfAllPackages_KeepToTheirBudgets()
    {
        foreach (var package in (Package[])[feed.System, feed.Torch])
        {
            package.Length.ShouldBeLessThan(12 << 20);
            package.Entries["icon.png"].ShouldBeLessThan(20 << 10);
            var icon = package.Bytes("icon.png");
            icon[..8].ShouldBe([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]);
            BinaryPrimitives.ReadInt32BigEndian(icon.AsSpan(16)).ShouldBe(128);
            BinaryPrimitives.ReadInt32BigEndian(icon.AsSpan(20)).ShouldBe(128);
            package.Text("LICENSE").ShouldBe(File.ReadAllText(Path.Combine(Checkout.Root, "LICENSE")));
        }
    }

    [Fact]
    public void Assemblies_OfAllPackages_CarrySymbolsAndAreDeterministic()
    {
        foreach (var (package, name) in ((Package, string)[])[(feed.System, "Interp"), (feed.Torch, "Interp.Torch")])
        {
            using var image = new PEReader([.. package.Bytes($"lib/net10.0/{name}.dll")]);
            var entries = image.ReadDebugDirectory();
            entries.ShouldContain(entry => entry.Type == DebugDirectoryEntryType.Reproducible);
            var symbols = entries.Single(entry => entry.Type == DebugDirectoryEntryType.EmbeddedPortablePdb);
            using var provider = image.ReadEmbeddedPortablePdbDebugDirectoryData(symbols);
            var files = Checkout.Sources(Path.Combine(Checkout.Root, "src", name)).Count;
            provider.GetMetadataReader().Documents.Count.ShouldBeGreaterThan(files / 2);
        }
    }

    [Fact]
    public void InterpSystem_EmbeddedModels_AreThoseOfTheSources()
    {
        using var image = new PEReader([.. feed.System.Bytes("lib/net10.0/Interp.dll")]);
        var reader = image.GetMetadataReader();
        var inside = reader.ManifestResources.Select(handle => reader.GetString(reader.GetManifestResource(handle).Name));
        var organisms = Path.Combine(Checkout.Library, "Tasks", "Organisms");
        var expected = Directory
            .EnumerateFiles(organisms, "*", SearchOption.AllDirectories)
            .Select(file => "Interp.Organisms/" + Path.GetRelativePath(organisms, file));
        expected.ShouldNotBeEmpty();
        inside.Where(name => name.StartsWith("Interp.Organisms/", StringComparison.Ordinal)).ShouldBe(expected, ignoreOrder: true);
    }

    [Fact]
    public void Documentation_OfAllPackages_IsThere()
    {
        Documented(feed.System, "Interp").ShouldContain("T:Interp.HookedTransformer");
        Documented(feed.Torch, "Interp.Torch").ShouldContain("T:Interp.Native.TorchRuntime");
    }

    [Fact]
    public void Readmes_OfAllPackages_NameThisVersion()
    {
        var version = XDocument.Load(Path.Combine(Checkout.Root, "Directory.Build.props")).Descendants("Version").Single().Value;
        foreach (var id in (string[])["Interp", "Interp.System", "Interp.Torch"])
            Readme.Of(id).Directives.ShouldContain($"#:package {id}@{version}", $"eng/package/{id}.md");
        Readme.Of("Interp").Directives.ShouldContain($"#:package TorchSharp-cpu@{Central("TorchSharp")}");
        feed.System.Text("README.md").ShouldBe(Readme.Of("Interp.System").Text);
        feed.Torch.Text("README.md").ShouldBe(Readme.Of("Interp.Torch").Text);
    }

    [Fact]
    public void Readmes_OfBothFlavours_HaveTheSameProgram() => Readme.Of("Interp").Program.ShouldBe(Readme.Of("Interp.System").Program);

    private static string Native => Path.Combine(Checkout.Root, "src", "Interp.Torch", "native");

    private static void Common(Package package, string id)
    {
        string Value(string name) => package.Metadata.Element(name)?.Value ?? "";
        Value("id").ShouldBe(id);
        Value("version").ShouldBe(PackedFeed.Version);
        Value("authors").ShouldBe("The Interp authors");
        Value("license").ShouldBe("MIT");
        Value("readme").ShouldBe("README.md");
        Value("icon").ShouldBe("icon.png");
        Value("description").Length.ShouldBeGreaterThan(40);
        Value("tags").ShouldContain("interpretability");
    }

    private static string Central(string package) =>
        XDocument
            .Load(Path.Combine(Checkout.Root, "Directory.Packages.props"))
            .Descendants("PackageVersion")
            .Single(one => one.Attribute("Include")!.Value == package)
            .Attribute("Version")!
            .Value;

    private static IEnumerable<string> Documented(Package package, string name) =>
        XDocument.Parse(package.Text($"lib/net10.0/{name}.xml")).Descendants("member").Select(member => member.Attribute("name")!.Value);

    private static string Describe(string id, Package package) => $"{id}: {package.Files.Count} files, {package.Length / 1024} KB";
}
