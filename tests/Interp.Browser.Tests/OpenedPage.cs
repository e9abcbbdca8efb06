namespace Interp.Browser.Tests;

using Microsoft.Playwright;
using Shouldly;

/// <summary>A page with what it asked for and what went wrong on it.</summary>
internal sealed class OpenedPage : IAsyncDisposable
{
    private readonly List<string> requests = [];
    private readonly List<string> errors = [];

    public OpenedPage(IPage page)
    {
        Page = page;
        page.Request += (_, request) => requests.Add(request.Url);
        page.PageError += (_, error) => errors.Add(error);
        page.Console += (_, message) => errors.Add(message.Text);
    }

    public IPage Page { get; }

    public ILocator Tip => Page.Locator(".tip:not([hidden])");

    /// <summary>Nothing but the page itself was asked for, nothing was logged, and no token ran.</summary>
    public async Task ShouldBeSelfContained()
    {
        requests.ShouldHaveSingleItem().ShouldStartWith("file://");
        errors.ShouldBeEmpty();
        (await Page.EvaluateAsync<string>("String(window.broken)")).ShouldBe("undefined");
    }

    public async Task<string> Style(string selector, string property) =>
        await Page.EvaluateAsync<string>("([s, p]) => getComputedStyle(document.querySelector(s))[p]", new[] { selector, property });

    public async ValueTask DisposeAsync() => await Page.CloseAsync();
}
