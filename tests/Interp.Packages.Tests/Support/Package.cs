namespace Interp.Packages.Tests.Support;

using System.IO.Compression;
using System.Xml.Linq;

/// <summary>A nupkg, read.</summary>
internal sealed class Package
{
    private readonly string _path;

    public Package(string path)
    {
        _path = path;
        using var zip = ZipFile.OpenRead(path);
        Entries = zip.Entries.ToDictionary(entry => entry.FullName, entry => entry.Length);
        Metadata = Nuspec(XDocument.Parse(Text(Entries.Keys.Single(name => name.EndsWith(".nuspec", StringComparison.Ordinal)))));
    }

    /// <summary>What is in it: name and size in bytes.</summary>
    public IReadOnlyDictionary<string, long> Entries { get; }

    /// <summary>Its files without NuGet's own envelope, in order.</summary>
    public IReadOnlyList<string> Files =>
        [
            .. Entries
                .Keys.Where(name => !name.EndsWith(".nuspec", StringComparison.Ordinal) && !Envelope(name))
                .Order(StringComparer.Ordinal),
        ];

    /// <summary>The nuspec's metadata, without namespaces.</summary>
    public XElement Metadata { get; }

    public long Length => new FileInfo(_path).Length;

    /// <summary>The nupkg itself.</summary>
    public byte[] Whole() => File.ReadAllBytes(_path);

    public byte[] Bytes(string entry)
    {
        using var zip = ZipFile.OpenRead(_path);
        using var stream = zip.GetEntry(entry)!.Open();
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        return copy.ToArray();
    }

    public string Text(string entry) => new StreamReader(new MemoryStream(Bytes(entry))).ReadToEnd();

    /// <summary>The metadata of a nuspec, its elements without namespaces.</summary>
    public static XElement Nuspec(XDocument document)
    {
        foreach (var element in document.Descendants())
            element.Name = element.Name.LocalName;
        return document.Root!.Element("metadata")!;
    }

    /// <summary>What a nuspec depends on, by framework: <c>net10.0: id version</c>.</summary>
    public static IReadOnlyList<string> Dependencies(XElement metadata) =>
        [
            .. metadata
                .Descendants("dependency")
                .Select(one =>
                    $"{one.Parent!.Attribute("targetFramework")!.Value}: {one.Attribute("id")!.Value} {one.Attribute("version")!.Value}"
                )
                .Order(StringComparer.Ordinal),
        ];

    private static bool Envelope(string name) =>
        name == "[Content_Types].xml" || name.StartsWith("_rels/", StringComparison.Ordinal) || name.StartsWith("package/", StringComparison.Ordinal);
}
