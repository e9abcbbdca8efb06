namespace Interp.Browser.Tests;

using Microsoft.Playwright;
using Shouldly;

/// <summary>A page with what it asked for and what went wrong on it.</summary>
internal sealed class OpenedPage : IAsyncDisposable
{
    private readonly List<string> requests = [];
    private readonly List<string> errors = [];
    private readonly string folder;
    private string path = "";

    public OpenedPage(IPage page, string folder)
    {
        (Page, this.folder) = (page, folder);
        page.Request += (_, request) => requests.Add(request.Url);
        page.PageError += (_, error) => errors.Add(error);
        page.Console += (_, message) => errors.Add(message.Text);
    }

    public IPage Page { get; }

    public ILocator Tip => Page.Locator(".tip:not([hidden])");

    /// <summary>Leaves for another page.</summary>
    public async Task GoTo(string html)
    {
        requests.Clear();
        path = Path.Combine(folder, Guid.NewGuid().ToString("N") + ".html");
        await File.WriteAllTextAsync(path, html);
        await Page.GotoAsync("file://" + path);
    }

    /// <summary>Moves the pointer onto an element: the middle of its box, or of its line where it is a curve.</summary>
    public async Task PointAt(string selector)
    {
        var place = await Page.Locator(selector).EvaluateAsync<float[]>(
            """
            e => {
              e.scrollIntoView({ block: 'center' });
              if (e.tagName === 'path') {
                const p = e.getPointAtLength(e.getTotalLength() / 2).matrixTransform(e.getScreenCTM());
                return [p.x, p.y];
              }
              const r = e.getBoundingClientRect();
              return [r.x + r.width / 2, r.y + r.height / 2];
            }
            """);
        await Page.Mouse.MoveAsync(place[0], place[1]);
    }

    /// <summary>Nothing but the page itself was asked for, nothing was logged, and no token ran.</summary>
    public async Task ShouldBeSelfContained()
    {
        requests.ShouldBe(["file://" + path]);
        errors.ShouldBeEmpty();
        (await Page.EvaluateAsync<string>("String(window.broken)")).ShouldBe("undefined");
    }

    public async Task<string> Style(string selector, string property) =>
        await Page.EvaluateAsync<string>("([s, p]) => getComputedStyle(document.querySelector(s))[p]", new[] { selector, property });

    public async ValueTask DisposeAsync() => await Page.CloseAsync();
}
