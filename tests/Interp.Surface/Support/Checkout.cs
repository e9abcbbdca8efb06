namespace Interp.Surface.Support;

using Xunit;

/// <summary>Where the checkout's sources and the optional data beside it lie.</summary>
internal static class Checkout
{
    /// <summary>The folder that holds <c>Interp.sln</c>.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The folder of the library's sources.</summary>
    public static string Library { get; } = Path.Combine(Root, "src", "Interp");

    /// <summary>The C# files under a folder, build output left out, in a fixed order.</summary>
    public static IReadOnlyList<string> Sources(string folder) =>
        [
            .. Directory
                .EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories)
                .Where(file => !Path.GetRelativePath(folder, file).Split('/', '\\').Any(part => part is "bin" or "obj"))
                .Order(StringComparer.Ordinal),
        ];

    /// <summary>Whether the optional data stands beside the checkout.</summary>
    public static bool HasData => Directory.Exists(Path.Combine(Root, "..", "shared"));

    /// <summary>The path of optional data beside the checkout; skips the calling test, visibly, where it is absent.</summary>
    public static string Shared(params string[] parts)
    {
        var path = Path.Combine([Root, "..", "shared", .. parts]);
        Skip.IfNot(Path.Exists(path), $"optional data beside the checkout is absent: {string.Join('/', parts)}");
        return Path.GetFullPath(path);
    }

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "Interp.sln")))
                return folder.FullName;
        throw new DirectoryNotFoundException($"no Interp.sln above {AppContext.BaseDirectory}");
    }
}
