namespace Interp.Docs.Tests;

using System.Diagnostics;
using Interp.Docs.Tests.Support;
using Interp.Surface.Support;
using Shouldly;
using Xunit;

/// <summary>The C# in README and docs compiles and runs, a page's blocks in order, and prints what the page says.</summary>
[Trait("Tier", "model")]
public sealed class PagesTests(PagesRun run) : IClassFixture<PagesRun>
{
    public static TheoryData<string> Pages => [.. DocsPage.All.Select(page => page.Name)];

    [Theory]
    [MemberData(nameof(Pages))]
    public void Blocks_OfAPage_Compile(string name) => Find(name).Compiled.Errors.ShouldBeEmpty();

    [SkippableTheory]
    [MemberData(nameof(Pages))]
    public void Blocks_OfAPage_Run(string name)
    {
        var page = Find(name);
        Skip.If(page.NeedsData && !Checkout.HasData, "optional data beside the checkout is absent: the page reads it");
        var before = Process.GetCurrentProcess().TotalProcessorTime;
        var (programs, errors) = page.Compiled;
        errors.ShouldBeEmpty();
        using var folder = new WorkingFolder();

        foreach (var program in programs)
            program.Run();

        run.Done(page, Process.GetCurrentProcess().TotalProcessorTime - before);
        PrintedLines.Missing(page.Prints, folder.Printed).ShouldBeEmpty(folder.Printed);
    }

    private static DocsPage Find(string name) => DocsPage.All.Single(page => page.Name == name);
}
