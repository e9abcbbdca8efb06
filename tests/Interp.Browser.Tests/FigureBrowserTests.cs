namespace Interp.Browser.Tests;

using Microsoft.Playwright;
using Shouldly;
using Xunit;
using static Microsoft.Playwright.Assertions;

[Trait("Tier", "unit")]
public sealed class FigureBrowserTests(BrowserFixture browser) : IClassFixture<BrowserFixture>
{
    public static TheoryData<string> Names => [.. Gallery.Figures.Keys];

    [SkippableTheory, MemberData(nameof(Names))]
    public async Task Page_EachFigure_RendersFetchesNothingAndShowsTokensAsText(string name)
    {
        var figure = Gallery.Figures[name].Figure;
        await using var opened = await browser.Open(figure.Html);
        var box = (await opened.Page.Locator(".ifig").BoundingBoxAsync()).ShouldNotBeNull();
        box.Width.ShouldBeGreaterThan(300);
        box.Height.ShouldBeGreaterThan(100);
        (await opened.Page.TitleAsync()).ShouldBe(figure.Title);
        (await opened.Page.Locator(".ifig").TextContentAsync()).ShouldNotBeNull().ShouldContain(figure.Title);
        await opened.ShouldBeSelfContained();
    }

    [SkippableTheory, MemberData(nameof(Names))]
    public async Task Hover_EachFigure_ShowsPlaceAndValue(string name)
    {
        var (figure, target, tip) = Gallery.Figures[name];
        await using var opened = await browser.Open(figure.Html);
        await opened.Page.Locator(target).HoverAsync(new() { Force = true });
        await Expect(opened.Tip).ToContainTextAsync(tip);
        await opened.Page.Mouse.MoveAsync(1190, 890);
        await Expect(opened.Tip).ToHaveCountAsync(0);
        await opened.ShouldBeSelfContained();
    }

    [SkippableTheory, MemberData(nameof(Names))]
    public async Task Theme_DarkScreenAndPaper_FollowTheReader(string name)
    {
        await using var opened = await browser.Open(Gallery.Figures[name].Figure.Html, ColorScheme.Dark);
        (await opened.Style(".ifig", "backgroundColor")).ShouldBe("rgb(22, 24, 28)");
        await opened.Page.EmulateMediaAsync(new() { Media = Media.Print });
        (await opened.Style(".ifig", "backgroundColor")).ShouldBe("rgb(255, 255, 255)");
        await opened.ShouldBeSelfContained();
    }

    [SkippableFact]
    public async Task Page_SameFigureTwice_BothAnswer()
    {
        var figure = Gallery.Figures["heat map"].Figure;
        await using var opened = await browser.Open(Figure.Page("Both", figure, figure).Html);
        foreach (var index in new[] { 0, 1 })
        {
            await opened.Page.Locator(".ifig").Nth(index).Locator(".cell").First.HoverAsync();
            await Expect(opened.Tip).ToContainTextAsync("layer 0, pos 0 <s>");
        }
    }

    [SkippableFact]
    public async Task Svg_SavedPicture_OpensOnItsOwn()
    {
        foreach (var figure in Gallery.Figures.Values.Select(f => f.Figure).Where(f => f.HasSvg))
        {
            var data = Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(figure.Svg));
            await using var opened = await browser.Open($"<img src=\"data:image/svg+xml;base64,{data}\">");
            var width = await opened.Page.EvaluateAsync<int>("document.images[0].decode().then(() => document.images[0].naturalWidth)");
            width.ShouldBeGreaterThan(300);
        }
    }
}
