using System.Collections.Concurrent;
using Microsoft.Playwright;

[assembly: AssemblyFixture(typeof(Telemetry.EndToEnd.Tests.Page.Browsers))]

namespace Telemetry.EndToEnd.Tests.Page;

/// <summary>
/// Debian's Chromium, started once and lent again and again, to one page at a time: starting it took a quarter of the processor time of a page's test. Shared by pages at the same
/// time it would give little of it to those that it takes for hidden.
/// </summary>
public sealed class Browsers : IAsyncDisposable
{
    private static readonly ConcurrentBag<IBrowser> Free = [];
    private static readonly Lazy<Task<IPlaywright>> Driver = new(Playwright.CreateAsync);

    internal static async Task<IBrowser> TakeAsync() =>
        Free.TryTake(out var browser) && browser.IsConnected
            ? browser
            : await (await Driver.Value).Chromium.LaunchAsync(new BrowserTypeLaunchOptions
            {
                ExecutablePath = "/usr/bin/chromium",
                // Without a hand to click, sound is allowed here; what a browser that blocks it shows has a test of its own.
                Args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--autoplay-policy=no-user-gesture-required"],
            });

    /// <param name="browser">Without a page.</param>
    internal static void GiveBack(IBrowser browser) => Free.Add(browser);

    public async ValueTask DisposeAsync()
    {
        while (Free.TryTake(out var browser))
            await browser.DisposeAsync();
        if (Driver.IsValueCreated)
            (await Driver.Value).Dispose();
    }
}
