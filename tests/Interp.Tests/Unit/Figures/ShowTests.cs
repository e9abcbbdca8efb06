namespace Interp.Tests.Unit.Figures;

using Shouldly;
using Xunit;

/// <summary>Opening figures: what is asked, in which order, and what is said where nothing opens them.</summary>
[Trait("Tier", "unit")]
public sealed class ShowTests : IDisposable
{
    private static readonly Figure Figure = new LabelledArray([new Axis("pos", ["a"])], [1], "effect").BarChart();
    private readonly string folder = Directory.CreateTempSubdirectory("interp-test-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [SkippableFact]
    public void Show_Browser_IsGivenTheSavedPage()
    {
        Skip.If(OperatingSystem.IsWindows(), "Windows knows no BROWSER");
        var opened = Path.Combine(folder, "opened file");
        var path = Figure.Show(Only("BROWSER", $"{Script("missing", null)}:{Script("browser", $"printf '%s' \"$1\" > '{opened}'")}"));
        File.ReadAllText(opened).ShouldBe(path);
        File.ReadAllText(path).ShouldBe(Figure.Html);
    }

    [SkippableTheory]
    [InlineData(null, "neither DISPLAY nor WAYLAND_DISPLAY is set")]
    [InlineData("/no/such/browser", "'/no/such/browser' is no program here")]
    [InlineData("exit 3", "ended with code 3")]
    public void Show_NothingOpensIt_SaysWhereItIs(string? browser, string reason)
    {
        Skip.If(OperatingSystem.IsWindows() || OperatingSystem.IsMacOS(), "these systems have an opener of their own");
        var program = browser is null or ['/', ..] ? browser : Script("browser", browser);
        var message = Should.Throw<InvalidOperationException>(() => Figure.Show(Only("BROWSER", program))).Message;
        message.ShouldContain(reason);
        var path = message.Split("saved at ")[1].Split(": open that file")[0];
        File.ReadAllText(path).ShouldBe(Figure.Html);
    }

    private static Func<string, string?> Only(string name, string? value) => asked => asked == name ? value : null;

    /// <summary>A program that runs a line of shell; where there is none, a path of no program.</summary>
    private string Script(string name, string? line)
    {
        var path = Path.Combine(folder, name);
        if (line is null)
            return path;
        File.WriteAllText(path, "#!/bin/sh\n" + line + "\n");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return path;
    }
}
