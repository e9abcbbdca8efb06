namespace Interp.Docs.Tests;

using Interp.Docs.Tests.Support;

/// <summary>Counts what ran, for the evidence page.</summary>
public sealed class PagesRun : IDisposable
{
    private readonly List<(DocsPage Page, TimeSpan Time)> done = [];

    /// <summary>A page's blocks ran to their end.</summary>
    /// <param name="page">The page.</param>
    /// <param name="time">The processor time that compiling and running took.</param>
    internal void Done(DocsPage page, TimeSpan time)
    {
        done.Add((page, time));
        Console.Error.WriteLine($"{page.Name}: {page.Blocks.Count(block => block.NotRun is null)} blocks in {time.TotalSeconds:f1} s of processor time");
    }

    public void Dispose()
    {
        if (done.Count == 0)
            return;
        var blocks = DocsPage.All.SelectMany(page => page.Blocks).Where(block => block.Shown).ToList();
        var marked = blocks.Where(block => block.NotRun is not null).GroupBy(block => block.NotRun).Select(group => $", {group.Count()} not run: {group.Key}");
        var ran = done.SelectMany(entry => entry.Page.Blocks).Count(block => block is { Shown: true, NotRun: null });
        var lines = done.Sum(entry => entry.Page.Prints.Length);
        Evidence.Record(
            "docs-run",
            ran == blocks.Count(block => block.NotRun is null),
            $"{done.Count} of {DocsPage.All.Count} pages, {ran} of {blocks.Count} blocks ran in {done.Sum(entry => entry.Time.TotalSeconds):f0} s of processor time, {lines} printed lines compared{string.Concat(marked)}"
        );
    }
}
