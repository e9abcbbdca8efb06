namespace Interp.Browser.Tests;

using Microsoft.Playwright;
using Shouldly;
using Xunit;

/// <summary>The index of feature dashboards: it sorts, shows hostile tokens as text, follows the theme.</summary>
[Trait("Tier", "unit")]
public sealed class DashboardBrowserTests(BrowserFixture browser) : IClassFixture<BrowserFixture>
{
    [SkippableFact]
    public async Task Index_HeadingClicked_SortsByNumber()
    {
        await using var opened = await browser.Open(Gallery.Features.Index(linked: true).Html, ColorScheme.Dark);
        async Task<string[]> Order() => await opened.Page.EvaluateAsync<string[]>("Array.from(document.querySelectorAll('.ix tbody tr')).map(r => r.cells[0].textContent)");
        (await Order()).ShouldBe(["3", "20", "100"]);
        await opened.Page.Locator(".ix th").Nth(1).ClickAsync();
        (await Order()).ShouldBe(["100", "3", "20"]);
        await opened.Page.Locator(".ix th").Nth(1).ClickAsync();
        (await Order()).ShouldBe(["20", "3", "100"]);
        (await opened.Page.Locator("body").TextContentAsync()).ShouldNotBeNull().ShouldContain(Gallery.Hostile);
        (await opened.Style(".ifig", "backgroundColor")).ShouldBe("rgb(22, 24, 28)");
        await opened.ShouldBeSelfContained();
    }
}
