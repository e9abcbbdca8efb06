namespace Interp.Browser.Tests;

using Microsoft.Playwright;
using Shouldly;
using Xunit;
using static Microsoft.Playwright.Assertions;

[Trait("Tier", "unit")]
public sealed class AttentionBrowserTests(BrowserFixture browser) : IClassFixture<BrowserFixture>
{
    private static readonly Figure Figure = Gallery.Attention().AttentionPattern();
    private static readonly int Length = Gallery.Tokens.Length;

    [SkippableFact]
    public async Task Maps_EachHead_PaintWhereItAttends()
    {
        await using var opened = await browser.Open(Figure.Html);
        for (var head = 0; head < 3; head++)
        {
            // Head h attends h tokens back: of the last query's row, that pixel alone is dark.
            var red = await opened.Page.EvaluateAsync<int[]>(
                "h => { const c = document.querySelectorAll('.hs canvas')[h]; return Array.from(c.getContext('2d').getImageData(0, c.height - 1, c.width, 1).data).filter((v, i) => i % 4 == 0) }", head);
            red.Select((value, key) => (value, key)).MinBy(p => p.value).key.ShouldBe(Length - 1 - head);
            red.Count(value => value < 128).ShouldBe(1);
        }
    }

    [SkippableFact]
    public async Task Map_PointedCell_NamesQueryKeyAndProbability()
    {
        await using var opened = await browser.Open(Figure.Html);
        await PointAt(opened, query: 2, key: 2);
        await Expect(opened.Tip).ToHaveTextAsync("head 0\nquery 2 ·went\nkey 2 ·went\n1.00");
        await PointAt(opened, query: 8, key: 1);
        await Expect(opened.Tip).ToContainTextAsync("key 1 Lily\n<0.002");
    }

    [SkippableFact]
    public async Task Head_Clicked_StaysChosenAndTracesTheText()
    {
        await using var opened = await browser.Open(Figure.Html);
        await opened.Page.Locator(".hs button").Nth(2).ClickAsync();
        await opened.Page.Locator(".toks span").Nth(5).HoverAsync();
        await Expect(opened.Page.Locator(".out")).ToHaveTextAsync($"head 2, query 5 ⏎ attends to\n1.00  3 {Gallery.Hostile}");
        await Expect(opened.Page.Locator(".hs button").Nth(2)).ToHaveAttributeAsync("aria-pressed", "true");
    }

    [SkippableFact]
    public async Task Direction_Turned_ShowsWhatAttendsToTheToken()
    {
        await using var opened = await browser.Open(Figure.Html);
        await opened.Page.Locator(".hs button").Nth(2).ClickAsync();
        await opened.Page.Locator(".txt input").Nth(1).ClickAsync();
        await opened.Page.Locator(".toks span").Nth(1).HoverAsync();
        await Expect(opened.Page.Locator(".out")).ToHaveTextAsync($"head 2, key 1 Lily is attended by\n1.00  3 {Gallery.Hostile}");
        await Expect(opened.Page.Locator(".txt input").Nth(0)).Not.ToBeCheckedAsync();
    }

    [SkippableFact]
    public async Task Theme_Changed_PaintsAgain()
    {
        await using var opened = await browser.Open(Figure.Html);
        await CornerShouldBecome(opened, red => red > 200);
        await opened.Page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Dark });
        await CornerShouldBecome(opened, red => red < 80);
        await opened.Page.EmulateMediaAsync(new() { Media = Media.Print });
        await CornerShouldBecome(opened, red => red > 200);
        await opened.ShouldBeSelfContained();
    }

    /// <summary>Waits for the empty corner of the map, which has the palette's zero: nearly white, or nearly black.</summary>
    private static async Task CornerShouldBecome(OpenedPage opened, Func<int, bool> expected)
    {
        const string Corner = "document.querySelector('.map canvas').getContext('2d').getImageData(7, 0, 1, 1).data[0]";
        var red = -1;
        for (var attempt = 0; attempt < 50; attempt++)
        {
            red = await opened.Page.EvaluateAsync<int>(Corner);
            if (expected(red))
                return;
            await Task.Delay(100);
        }

        Assert.Fail($"the corner stays at red {red}");
    }

    private static async Task PointAt(OpenedPage opened, int query, int key)
    {
        var box = (await opened.Page.Locator(".map canvas").BoundingBoxAsync()).ShouldNotBeNull();
        await opened.Page.Mouse.MoveAsync(box.X + (key + 0.5f) * box.Width / Length, box.Y + (query + 0.5f) * box.Height / Length);
    }
}
