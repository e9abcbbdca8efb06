namespace Interp.Packages.Tests;

using Interp.Native;
using Interp.Packages.Tests.Support;
using Interp.Surface.Support;
using Shouldly;
using Xunit;
using static Interp.Sites;

/// <summary>The program of the package's README as a file-based app outside the checkout, with the packages and nothing else of ours.</summary>
[Trait("Tier", "model")]
[Collection(FeedCollection.Name)]
public sealed class ConsumerTests(PackedFeed feed)
{
    // What the test wants to know of the program, below the README's own lines.
    private const string Questions = """

        heads.Effect.SaveJson("heads.json");
        Console.WriteLine($"assembly={typeof(Models).Assembly.Location}");
        Console.WriteLine($"shim={Interp.Native.TorchRuntime.ShimPath}");
        """;

    [Fact]
    public void QuickStart_WithThePackagesAlone_FindsWhatTheCheckoutFinds()
    {
        var app = App("Interp.System", Questions);
        var output = Run(app);

        var heads = LabelledArray.LoadJson(Path.Combine(app, "heads.json"));
        var here = HeadsHere();
        heads.Shape.ShouldBe(here.Shape);
        var worst = heads.Values.ToArray().Zip(here.Values.ToArray(), (a, b) => Math.Abs(a - b)).Max();
        var (assembly, shim) = (Answer(output, "assembly"), Answer(output, "shim"));
        Evidence.Record(
            "packages",
            worst < 1e-4 && shim.StartsWith(app, StringComparison.Ordinal),
            $"file-based app: {heads.Count} heads patched, {Evidence.Text(worst)} from the checkout's numbers; {Path.GetFileName(shim)} taken from the package"
        );
        worst.ShouldBeLessThan(1e-4);
        output.ShouldContain("layer \\ head");
        new FileInfo(Path.Combine(app, "heads.html")).Length.ShouldBeGreaterThan(2_000);
        assembly.ShouldStartWith(app);
        shim.ShouldStartWith(app);
        // The package's shim fits the system's libtorch; for any other one is built, below the app's own cache folder.
        var packaged = TorchRuntime.LibTorchOrigin == "the system" && feed.Torch.Files.Any(file => file.EndsWith(".so", StringComparison.Ordinal));
        Directory.Exists(Path.Combine(app, "cache", "interp")).ShouldBe(!packaged, output);
        Settings(app).ShouldContain("\"System.Text.Json.JsonSerializer.IsReflectionEnabledByDefault\": true");
    }

    [SkippableFact]
    public void TorchAlone_ProgramOfItsReadme_Runs()
    {
        Skip.IfNot(Evidence.Full, "one more build: INTERP_FULL=1");
        double.Parse(Run(App("Interp.Torch", "")).Trim(), System.Globalization.CultureInfo.InvariantCulture).ShouldBeGreaterThan(0);
    }

    private string App(string id, string questions)
    {
        var app = Directory.CreateDirectory(Path.Combine(feed.Folder, "app of " + id)).FullName;
        // the SDK takes such a folder for absent as long as nobody made it
        Directory.CreateDirectory(Path.Combine(app, "data"));
        var readme = Readme.Of(id);
        var directives = readme.Directives.Select(line =>
            line.StartsWith("#:package Interp", StringComparison.Ordinal) ? $"{line.Split('@')[0]}@{PackedFeed.Version}" : line
        );
        File.WriteAllText(Path.Combine(app, "first.cs"), string.Join('\n', directives) + "\n" + readme.Program + questions + "\n");
        // other packages come from where the build of the checkout restored them, so that nothing is fetched
        File.WriteAllText(
            Path.Combine(app, "nuget.config"),
            $"""
            <configuration>
              <packageSources><clear /><add key="packed" value="{feed.Feed}" /></packageSources>
              <fallbackPackageFolders><clear /><add key="restored" value="{PackedFeed.RestoredPackages}" /></fallbackPackageFolders>
            </configuration>
            """
        );
        return app;
    }

    // Packages, build output and caches all lie in the app's folder.
    private static string Run(string app) =>
        Sdk.Run(
            app,
            new Dictionary<string, string>
            {
                ["NUGET_PACKAGES"] = Path.Combine(app, "packages"),
                ["XDG_CACHE_HOME"] = Path.Combine(app, "cache"),
                ["XDG_DATA_HOME"] = Path.Combine(app, "data"),
                ["INTERP_SHIM"] = "",
            },
            "run",
            "first.cs"
        );

    private static string Answer(string output, string question) =>
        output.Split('\n').Single(line => line.StartsWith(question + "=", StringComparison.Ordinal))[(question.Length + 1)..].Trim();

    private static string Settings(string app) =>
        File.ReadAllText(Directory.EnumerateFiles(Path.Combine(app, "data"), "first.runtimeconfig.json", SearchOption.AllDirectories).First());

    private static LabelledArray HeadsHere()
    {
        using var model = Models.Load("tinyworld");
        return model
            .Contrast("When Mary and John went to the store, John gave the ring to", "When Mary and John went to the store, Mary gave the ring to", " Mary", " John")
            .Patch(Z.ByHead())
            .Effect;
    }
}
