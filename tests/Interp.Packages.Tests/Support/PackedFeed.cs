namespace Interp.Packages.Tests.Support;

using Interp.Surface.Support;

/// <summary>A folder outside the checkout with a feed that holds the packages, packed from what is built.</summary>
public sealed class PackedFeed : IDisposable
{
    /// <summary>The packages' version in the feed; no other feed has it.</summary>
    public const string Version = "0.0.1-test";

    public PackedFeed()
    {
        Folder = Directory.CreateTempSubdirectory("interp-packages-").FullName;
        Feed = Path.Combine(Folder, "feed");
        Torch = Pack("Interp.Torch", "Interp.Torch", Feed);
        System = Pack("Interp", "Interp.System", Feed);
    }

    /// <summary>The whole folder, deleted at the end.</summary>
    public string Folder { get; }

    /// <summary>The folder of the nupkg files.</summary>
    public string Feed { get; }

    internal Package Torch { get; }

    internal Package System { get; }

    /// <summary>The user's folder of packages: what the build of this checkout restored.</summary>
    public static string RestoredPackages { get; } =
        Environment.GetEnvironmentVariable("NUGET_PACKAGES") is { Length: > 0 } named
            ? named
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");

    /// <summary>The configuration this test was built in, whose output is packed.</summary>
    public static string Configuration { get; } = AppContext.BaseDirectory.Contains("/Release/", StringComparison.Ordinal) ? "Release" : "Debug";

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    /// <summary>Packs one project into a folder.</summary>
    internal Package Pack(string project, string id, string folder, params string[] properties)
    {
        string[] arguments =
        [
            "pack",
            Path.Combine(Checkout.Root, "src", project),
            "--no-build",
            "-nologo",
            "-v:q",
            $"-p:Configuration={Configuration}",
            $"-p:Version={Version}",
            // the time that every entry is stamped with, in seconds since 1970
            "-p:DeterministicTimestamp=1700000000",
            // whatever the checkout's commit, which may change while tests run
            "-p:RepositoryCommit=0123456789abcdef0123456789abcdef01234567",
            $"-p:PackageOutputPath={folder}/",
            $"-p:NuspecOutputPath={folder}/nuspec/",
            .. properties,
        ];
        Sdk.Run(Folder, null, arguments);
        return new Package(Path.Combine(folder, $"{id}.{Version}.nupkg"));
    }
}
