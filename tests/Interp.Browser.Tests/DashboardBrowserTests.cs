namespace Interp.Browser.Tests;

using Microsoft.Playwright;
using Shouldly;
using Xunit;
using static Microsoft.Playwright.Assertions;

/// <summary>Feature dashboards over hostile tokens: nothing runs, nothing is fetched, values answer the pointer.</summary>
[Trait("Tier", "unit")]
public sealed class DashboardBrowserTests(BrowserFixture browser) : IClassFixture<BrowserFixture>
{
    private static readonly FeatureDashboard Feature = new()
    {
        Feature = 3, Dictionary = Gallery.Hostile, Rows = 1000, Active = 20, MaxActivation = 2, MeanActivation = 1.5, Histogram = new ActivationHistogram(0.25, [3, 4, 9, 2, 0, 1, 0, 1]),
        TopLogits = [new TokenWeight(Gallery.Hostile, 1, 2), new TokenWeight(" went", 2, 1)], BottomLogits = [new TokenWeight("\" onmouseover=\"window.broken=3", 1, -2)],
        Similar = [new SimilarFeature(4, 0.5)],
        Groups = [new ExampleGroup("Strongest <b>texts", 1, 2, [new ActivationExample(0, 1, 1, ["Lily", Gallery.Hostile, "<img src=x onerror=window.broken=2>", "\n"], [0, 2, 1, 0])])],
    };

    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Pages_HostileTokens_ShowThemAsText(bool index)
    {
        var figure = index ? Index().Index(linked: true) : Feature.Figure();
        await using var opened = await browser.Open(figure.Html);
        (await opened.Page.TitleAsync()).ShouldBe(figure.Title);
        (await opened.Page.Locator("body").TextContentAsync()).ShouldNotBeNull().ShouldContain("</script><script>window.broken=1</script>");
        (await opened.Page.Locator("img").CountAsync()).ShouldBe(0);
        await opened.ShouldBeSelfContained();
    }

    [SkippableFact]
    public async Task Token_Pointed_SaysItsActivation()
    {
        await using var opened = await browser.Open(Feature.Figure().Html);
        await opened.Page.Locator(".ex span").Nth(2).HoverAsync();
        await Expect(opened.Tip).ToContainTextAsync("activation 1.000");
        await opened.Page.Locator("rect.bar").Nth(2).HoverAsync();
        await Expect(opened.Tip).ToContainTextAsync("count 9");
    }

    [SkippableFact]
    public async Task Index_HeadingClicked_SortsByNumber()
    {
        await using var opened = await browser.Open(Index().Index().Html);
        async Task<string[]> Order() => await opened.Page.EvaluateAsync<string[]>("Array.from(document.querySelectorAll('.ix tbody tr')).map(r => r.cells[0].textContent)");
        (await Order()).ShouldBe(["3", "20", "100"]);
        await opened.Page.Locator(".ix th").Nth(1).ClickAsync();
        (await Order()).ShouldBe(["100", "3", "20"]);
        await opened.Page.Locator(".ix th").Nth(1).ClickAsync();
        (await Order()).ShouldBe(["20", "3", "100"]);
        await opened.ShouldBeSelfContained();
    }

    [SkippableFact]
    public async Task Pages_DarkScreenAndPaper_FollowTheReader()
    {
        foreach (var figure in new[] { Feature.Figure(), Index().Index() })
        {
            await using var opened = await browser.Open(figure.Html, ColorScheme.Dark);
            (await opened.Style(".ifig", "backgroundColor")).ShouldBe("rgb(22, 24, 28)");
            await opened.Page.EmulateMediaAsync(new() { Media = Media.Print });
            (await opened.Style(".ifig", "backgroundColor")).ShouldBe("rgb(255, 255, 255)");
        }
    }

    private static FeatureDashboards Index() => new(Gallery.Hostile, [Feature, Feature with { Feature = 20, Active = 900 }, Feature with { Feature = 100, Active = 2 }]);
}
