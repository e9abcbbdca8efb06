namespace Interp.Packages.Tests;

using System.Diagnostics;
using Interp.Packages.Tests.Support;
using Interp.Surface.Support;
using Shouldly;
using Xunit;

/// <summary>The same sources give the same packages.</summary>
[Trait("Tier", "unit")]
[Collection(FeedCollection.Name)]
public sealed class RepeatTests(PackedFeed feed)
{
    [Fact]
    public void Pack_Again_GivesTheSamePackage()
    {
        var again = feed.Pack("Interp", "Interp.System", Path.Combine(feed.Folder, "again"));
        again.Entries.Keys.Where(Named).Order().ShouldBe(feed.System.Entries.Keys.Where(Named).Order());
        foreach (var entry in again.Entries.Keys.Where(Named))
            again.Bytes(entry).AsSpan().SequenceEqual(feed.System.Bytes(entry)).ShouldBeTrue(entry);
        // an SDK before 10.0.4 gives one file of the envelope a random name
        if (again.Entries.Keys.All(name => !name.EndsWith(".psmdcp", StringComparison.Ordinal) || name.EndsWith("/nuget.psmdcp", StringComparison.Ordinal)))
            again.Whole().AsSpan().SequenceEqual(feed.System.Whole()).ShouldBeTrue("the entries are equal, the files are not");

        static bool Named(string entry) => !entry.EndsWith(".psmdcp", StringComparison.Ordinal) && !entry.EndsWith(".rels", StringComparison.Ordinal);
    }

    [SkippableFact]
    public void PackScript_CopiesOfTheSourcesInTwoFolders_GiveEqualPackages()
    {
        Skip.IfNot(Evidence.Full, "builds the library twice: INTERP_FULL=1");
        Skip.IfNot(Directory.Exists(Path.Combine(Checkout.Root, ".git")) || File.Exists(Path.Combine(Checkout.Root, ".git")), "not a git checkout");
        var (first, second) = (Packed("one"), Packed("another/deeper"));
        first.Length.ShouldBeGreaterThanOrEqualTo(2);
        second.Select(Path.GetFileName).ShouldBe(first.Select(Path.GetFileName));
        var differing = first.Zip(second).Where(pair => !File.ReadAllBytes(pair.First).AsSpan().SequenceEqual(File.ReadAllBytes(pair.Second)));
        var names = differing.Select(pair => Path.GetFileName(pair.First)).ToArray();
        Evidence.Record("packages", names.Length == 0, $"built in two folders: {first.Length - names.Length} of {first.Length} packages are equal, byte for byte");
        names.ShouldBeEmpty();
    }

    // The files that git knows, in a folder of their own without git, packed by the script that users run.
    private string[] Packed(string name)
    {
        var copy = Path.Combine(feed.Folder, name, "sources");
        foreach (var file in Shell(Checkout.Root, "git ls-files").Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var (from, to) = (Path.Combine(Checkout.Root, file), Path.Combine(copy, file));
            Directory.CreateDirectory(Path.GetDirectoryName(to)!);
            if (File.Exists(from))
                File.Copy(from, to);
        }
        Shell(copy, "SOURCE_DATE_EPOCH=1700000000 bash eng/pack.sh out");
        return [.. Directory.EnumerateFiles(Path.Combine(copy, "out"), "*.nupkg").Order(StringComparer.Ordinal)];
    }

    private static string Shell(string folder, string command)
    {
        var start = new ProcessStartInfo("bash", ["-c", command + " 2>&1"]) { WorkingDirectory = folder, RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        process.ExitCode.ShouldBe(0, output);
        return output;
    }
}
