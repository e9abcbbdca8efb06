namespace Interp.Tests.Support;

using Xunit;

/// <summary>Where the checkout and the optional data beside it lie.</summary>
internal static class Repository
{
    /// <summary>The folder that holds <c>Interp.sln</c>.</summary>
    public static string Root { get; } = FindRoot();

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
