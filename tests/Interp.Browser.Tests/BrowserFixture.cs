namespace Interp.Browser.Tests;

using System.Reflection;
using Microsoft.Playwright;
using Xunit;

/// <summary>One headless Chromium for all tests: the one <c>INTERP_CHROMIUM</c> names, else an installed one.</summary>
public sealed class BrowserFixture : IAsyncLifetime
{
    private readonly string folder = Directory.CreateTempSubdirectory("interp-browser-").FullName;
    private IPlaywright? playwright;
    private IBrowser? browser;

    /// <summary>Whether there is a browser.</summary>
    public static bool IsInstalled => Chromium() is not null;

    public async Task InitializeAsync()
    {
        if (Chromium() is not { } executable)
            return;
        var driver = typeof(BrowserFixture).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "PlaywrightDriver").Value;
        Environment.SetEnvironmentVariable("PLAYWRIGHT_DRIVER_SEARCH_PATH", driver);
        playwright = await Playwright.CreateAsync();
        browser = await playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = executable,
            Args = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"],
        });
    }

    public async Task DisposeAsync()
    {
        if (browser is not null)
            await browser.CloseAsync();
        playwright?.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    /// <summary>Opens a page, and notes everything it asks for and every error; skips the calling test, visibly, where there is no browser.</summary>
    internal async Task<OpenedPage> Open(string html, ColorScheme scheme = ColorScheme.Light)
    {
        Skip.If(browser is null, "no Chromium is installed: apt-get install chromium, or set INTERP_CHROMIUM");
        var page = await browser.NewPageAsync(new() { ColorScheme = scheme, ViewportSize = new() { Width = 1200, Height = 900 } });
        var opened = new OpenedPage(page, folder);
        await opened.GoTo(html);
        return opened;
    }

    private static string? Chromium()
    {
        if (Environment.GetEnvironmentVariable("INTERP_CHROMIUM") is { Length: > 0 } named)
            return named;
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        return new[] { "chromium", "chromium-browser", "google-chrome" }.SelectMany(name => folders.Select(f => Path.Combine(f, name))).FirstOrDefault(File.Exists);
    }
}
