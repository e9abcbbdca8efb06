namespace Interp.Browser.Tests;

using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Shouldly;
using Xunit;
using static Microsoft.Playwright.Assertions;

/// <summary>Every kind of figure on one page: it renders, answers the pointer, follows the reader's theme, prints, asks for nothing and runs nothing.</summary>
[Trait("Tier", "unit")]
public sealed class FigureBrowserTests(BrowserFixture browser) : IClassFixture<BrowserFixture>
{
    private const string Dark = "rgb(22, 24, 28)";
    private const string White = "rgb(255, 255, 255)";

    [SkippableTheory]
    [InlineData(ColorScheme.Light, White)]
    [InlineData(ColorScheme.Dark, Dark)]
    public async Task Page_EveryKind_RendersAnswersThePointerAndFetchesNothing(ColorScheme scheme, string ground)
    {
        using var record = new Recorded($"{scheme.ToString().ToLowerInvariant()}: {Gallery.Figures.Count} kinds on one page, each renders and answers the pointer; no request but the file, no error, no token ran");
        await using var opened = await browser.Open(Gallery.Page.Html, scheme);
        (await opened.Page.TitleAsync()).ShouldBe("Every kind of figure");
        foreach (var (kind, (figure, target, tip)) in Gallery.Figures)
        {
            var parts = Parts(figure);
            foreach (var part in parts)
            {
                var box = (await opened.Page.Locator(part).BoundingBoxAsync()).ShouldNotBeNull(kind);
                (box.Width, box.Height).ShouldBe((Math.Max(box.Width, 300), Math.Max(box.Height, 60)), kind);
                (await opened.Style(part, "backgroundColor")).ShouldBe(ground, kind);
            }

            await opened.PointAt(Within(parts, target));
            var shown = opened.Page.Locator(Within(parts, ".tip:not([hidden])"));
            await Expect(shown).ToContainTextAsync(tip);
            var place = (await shown.BoundingBoxAsync()).ShouldNotBeNull(kind);
            (place.X >= 0 && place.Y >= 0 && place.X + place.Width <= 1200 && place.Y + place.Height <= 900).ShouldBeTrue($"{kind}: the tooltip leaves the window");
            await opened.Page.Mouse.MoveAsync(1, 1);
            await Expect(opened.Tip).ToHaveCountAsync(0);
        }

        (await opened.Page.Locator("img").CountAsync()).ShouldBe(0);
        await opened.ShouldBeSelfContained();
        record.Holds = true;
    }

    [SkippableFact]
    public async Task Page_OnPaper_IsLightAndNothingIsCutOff()
    {
        using var record = new Recorded($"paper: {Gallery.Figures.Count} kinds from a dark screen, each in light colours and within the width of A4");
        await using var opened = await browser.Open(Gallery.Page.Html, ColorScheme.Dark);
        await opened.Page.EmulateMediaAsync(new() { Media = Media.Print });
        await opened.Page.SetViewportSizeAsync(718, 1000); // A4 at 96 dots an inch, less a centimetre on each side
        foreach (var (kind, (figure, _, _)) in Gallery.Figures)
            foreach (var part in Parts(figure))
            {
                (await opened.Style(part, "backgroundColor")).ShouldBe(White, kind);
                (await opened.Style(part, "color")).ShouldBe("rgb(36, 39, 44)", kind);
                (await opened.Page.EvaluateAsync<int>("s => { const e = document.querySelector(s); return e.scrollWidth - e.clientWidth }", part)).ShouldBeLessThanOrEqualTo(0, $"{kind} is wider than the page");
            }

        var texts = await opened.Page.EvaluateAsync<string[]>("Array.from(new Set(Array.from(document.querySelectorAll('.ttl,.num:not(.m):not(.w),.mute')).map(t => getComputedStyle(t).fill)))");
        texts.ShouldBeSubsetOf(["rgb(36, 39, 44)", "rgb(99, 107, 118)", "rgb(22, 24, 28)"]);
        (await opened.Page.PdfAsync()).Length.ShouldBeGreaterThan(10_000);
        await opened.ShouldBeSelfContained();
        record.Holds = true;
    }

    [SkippableTheory]
    [InlineData(20)]
    [InlineData(64)]
    [InlineData(300)]
    public async Task LensTable_AnyWidth_IsNotCutOffOnPaperAndIsOneLineOnAScreen(int positions)
    {
        var rows = Enumerable.Range(0, 5).Select(_ => (IReadOnlyList<LensCell>)[.. Enumerable.Repeat(LensCell.From([(" wonderful", 0.5)]), positions)]).ToArray();
        await using var opened = await browser.Open(new LensTable(new Axis("layer", 5), new Axis("pos", positions), rows).Draw().Html);
        (await opened.Page.EvaluateAsync<int>("new Set(Array.from(document.querySelectorAll('.lens')).map(t => t.getBoundingClientRect().top)).size")).ShouldBe(1);
        await opened.Page.EmulateMediaAsync(new() { Media = Media.Print });
        await opened.Page.SetViewportSizeAsync(718, 1000);
        (await opened.Page.EvaluateAsync<double>("Math.max(...Array.from(document.querySelectorAll('.lens')).map(t => t.getBoundingClientRect().right))")).ShouldBeLessThanOrEqualTo(718);
    }

    [SkippableFact]
    public async Task Html_EachKindAlone_HasItsTitleAndShowsTokensAsText()
    {
        await using var opened = await browser.Open("");
        foreach (var (kind, (figure, _, _)) in Gallery.Figures)
        {
            await opened.GoTo(figure.Html);
            (await opened.Page.TitleAsync()).ShouldBe(figure.Title, kind);
            (await opened.Page.Locator("body").TextContentAsync()).ShouldNotBeNull().ShouldContain(figure.Title == "Effect <i>" ? figure.Title : Gallery.Hostile);
            await opened.ShouldBeSelfContained();
        }
    }

    [SkippableFact]
    public async Task Tokens_RightToLeft_KeepTheirOrderOnTheLine()
    {
        await using var opened = await browser.Open(Gallery.Figures["coloured tokens"].Figure.Html);
        var x = await opened.Page.EvaluateAsync<float[]>("Array.from(document.querySelector('.ct').querySelectorAll('span')).slice(6, 10).map(s => s.getBoundingClientRect().x)");
        x.ShouldBe(x.Order());
        x.Distinct().Count().ShouldBe(4);
        (await opened.Page.Locator(".ct span").Nth(9).TextContentAsync()).ShouldBe("\\u202eabc"); // what turns the direction is seen, not obeyed
    }

    [SkippableFact]
    public async Task Page_SameFigureTwice_BothAnswer()
    {
        var figure = Gallery.Figures["patching heat map"].Figure;
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
        var pictures = Gallery.Figures.Values.Select(f => f.Figure).Where(f => f.HasSvg).Select(f => Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(f.Svg))).ToArray();
        await using var opened = await browser.Open(string.Concat(pictures.Select(data => $"<img src=\"data:image/svg+xml;base64,{data}\">")));
        var widths = await opened.Page.EvaluateAsync<int[]>("Promise.all(Array.from(document.images).map(i => i.decode().then(() => i.naturalWidth)))");
        widths.Length.ShouldBe(pictures.Length);
        widths.ShouldAllBe(width => width > 300);
    }

    /// <summary>Records what a test shows when it ends, whether it got that far or not; nothing where there is no browser.</summary>
    private sealed class Recorded(string figure) : IDisposable
    {
        public bool Holds { get; set; }

        public void Dispose()
        {
            if (BrowserFixture.IsInstalled)
                Evidence.Record("figures-browser", Holds, figure);
        }
    }

    private static string[] Parts(Figure figure) => [.. Regex.Matches(figure.Fragment, "class=\"ifig\" id=\"([^\"]+)\"").Select(m => "#" + m.Groups[1].Value)];

    /// <summary>A selector within a figure, each of whose parts is one element: <c>.cell >> nth=3</c> is the fourth of them all.</summary>
    private static string Within(string[] parts, string target)
    {
        var (selector, rest) = target.Split(" >> ") is [var first, var nth] ? (first, " >> " + nth) : (target, "");
        return string.Join(", ", parts.Select(part => $"{part} {selector}")) + rest;
    }
}
