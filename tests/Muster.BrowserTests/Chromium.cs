using Microsoft.Playwright;
using Muster.BrowserTests;
using Muster.Testing;

[assembly: AssemblyFixture(typeof(Chromium))]

namespace Muster.BrowserTests;

/// <summary>Debian's chromium, started once for all tests. Each test gets a window of its own, which shares nothing with others.</summary>
public sealed class Chromium : IAsyncLifetime
{
    private static readonly string[] Flags =
    [
        "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
        "--disable-background-networking", "--disable-component-update", "--disable-sync",
    ];

    private IPlaywright? playwright;
    private IBrowser? browser;

    public async ValueTask InitializeAsync()
    {
        if (Peer.Find("chromium") is not { } program)
        {
            return;
        }

        playwright = await Playwright.CreateAsync();
        browser = await playwright.Chromium.LaunchAsync(new() { ExecutablePath = program, Args = Flags });
    }

    public async Task<IBrowserContext> OpenAsync(BrowserNewContextOptions options)
    {
        if (browser is null)
        {
            throw Peer.Missing("program chromium");
        }

        // Each server makes its own certificate authority, so nobody knows it.
        options.IgnoreHTTPSErrors = true;
        options.Locale = "en-GB";
        options.TimezoneId = "Europe/Berlin";
        return await browser.NewContextAsync(options);
    }

    public async ValueTask DisposeAsync()
    {
        if (browser is not null)
        {
            await browser.CloseAsync();
        }

        playwright?.Dispose();
    }
}
