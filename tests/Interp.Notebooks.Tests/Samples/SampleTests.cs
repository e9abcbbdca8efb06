namespace Interp.Notebooks.Tests.Samples;

using System.Globalization;
using System.Text.RegularExpressions;
using Interp.Tests.Support;
using Shouldly;
using Xunit;

/// <summary>Every sample runs: it ends well, prints numbers and saves figures that need nothing but themselves.</summary>
/// <remarks>
/// Those that train are given fewer steps here. With <c>INTERP_FULL=1</c> each is built by the SDK and runs as a user would run it, and its time is
/// taken.
/// </remarks>
[Trait("Tier", "science")]
public sealed partial class SampleTests
{
    private static readonly string Folder = Path.Combine(Repository.Root, "samples");

    private static readonly Dictionary<string, string[]> Shorter = new()
    {
        ["logit-lens"] = ["--steps", "15"], ["train-sae"] = ["--steps", "40"], ["feature-dashboard"] = ["--steps", "100"],
    };

    private static readonly string[] NeedsData = ["feature-dashboard", "steering"];

    public static TheoryData<string> Samples => [.. Directory.EnumerateFiles(Folder, "*.cs").Select(f => Path.GetFileNameWithoutExtension(f)).Order(StringComparer.Ordinal)];

    [SkippableTheory, MemberData(nameof(Samples))]
    public void Sample_Run_PrintsNumbersAndSavesFigures(string name)
    {
        using var output = new TemporaryFolder();
        var file = Path.Combine(Folder, $"{name}.cs");
        var outcome = Evidence.Full
            ? SampleProgram.RunBySdk(file, Repository.Root, "--out", output.Path)
            : SampleProgram.Run(file, Repository.Root, ["--out", output.Path, .. Shorter.GetValueOrDefault(name, [])]);
        if (NeedsData.Contains(name) && !Directory.Exists(Path.Combine(Repository.Root, "..", "shared")))
        {
            // Without the data a sample says what it needs, and ends well.
            outcome.Code.ShouldBe(0, outcome.Error);
            outcome.Output.ShouldContain("ptional data beside the checkout");
            Skip.If(true, $"{name} needs ../shared, the optional data beside the checkout");
        }
        var figures = Directory.EnumerateFiles(output.Path, "*.html", SearchOption.AllDirectories).ToArray();
        var holds = outcome.Code == 0 && figures.Length > 0 && outcome.Time < TimeSpan.FromMinutes(1);
        if (Evidence.Full)
            Evidence.Record("samples-run", holds, string.Create(CultureInfo.InvariantCulture, $"{name}: {outcome.Time.TotalSeconds:F1} s, {figures.Length} figures"));

        outcome.Code.ShouldBe(0, $"{outcome.Output}\n{outcome.Error}");
        Number().Count(outcome.Output).ShouldBeGreaterThan(10, outcome.Output);
        figures.ShouldNotBeEmpty(outcome.Output);
        foreach (var figure in figures)
        {
            var html = File.ReadAllText(figure);
            html.ShouldContain("default-src 'none'", Case.Sensitive, figure);
            Fetched().IsMatch(html).ShouldBeFalse($"{figure} fetches something");
        }
    }

    [Fact]
    public void Samples_Together_AreWhatTheirPageLists()
    {
        var page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "notebooks.md"));
        Row().Matches(page).Select(m => m.Groups["name"].Value).Order(StringComparer.Ordinal)
            .ShouldBe(Directory.EnumerateFiles(Folder, "*.cs").Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal));
    }

    [GeneratedRegex(@"\d+\.\d+")]
    private static partial Regex Number();

    // Links between pages of one folder are none of these.
    [GeneratedRegex("""(src|href)="(https?:)?//|url\(["']?https?:|@import""")]
    private static partial Regex Fetched();

    [GeneratedRegex(@"^\| `(?<name>[\w-]+\.cs)` \|", RegexOptions.Multiline)]
    private static partial Regex Row();
}
