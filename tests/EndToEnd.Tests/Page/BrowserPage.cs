using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

namespace Telemetry.EndToEnd.Tests.Page;

/// <summary>The operator's page in Debian's Chromium. An error of a script fails the test at its end.</summary>
internal sealed class BrowserPage : IAsyncDisposable
{
    private static readonly string? Pictures = Environment.GetEnvironmentVariable("TELEMETRY_PICTURES");

    private static readonly AxeRunOptions Wcag = new() { RunOnly = new RunOnlyOptions { Type = "tag", Values = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] } };

    private static readonly string[] OfAnAbsentService = ["Cannot send data if the connection is not in the 'Connected' State", "Circuit host not initialized", "Server returned an error on close", "Failed to complete negotiation", "Failed to fetch", "WebSocket closed"];

    private readonly IBrowser _browser;
    private readonly List<string> _errors = [];

    private BrowserPage(IBrowser browser, IPage page)
    {
        (_browser, View) = (browser, page);
        // A hand that moves while the service is away has nobody to tell.
        page.PageError += (_, error) => _errors.AddRange(OfAnAbsentService.Any(said => error.Contains(said, StringComparison.Ordinal)) ? [] : [error]);
        // What the page's own policy forbids is said on the console alone.
        page.Console += (_, message) => _errors.AddRange(message.Type == "error" && message.Text.Contains("Content Security Policy", StringComparison.Ordinal) ? [message.Text] : []);
    }

    public IPage View { get; }

    /// <param name="path">Relative to the service, e.g. <c>device/PS-1</c>.</param>
    /// <param name="cookies">Choices such as <c>tlm_language=zh</c>, <c>tlm_theme=dark</c>, <c>tlm_name=Li</c>.</param>
    public static async Task<BrowserPage> OpenAsync(ServiceProcess service, string path = "", int width = 1280, int height = 800, params string[] cookies)
    {
        var browser = await Browsers.TakeAsync();
        var context = await browser.NewContextAsync(new BrowserNewContextOptions { ViewportSize = new ViewportSize { Width = width, Height = height }, Locale = "en-GB", HasTouch = width < 600 });
        await context.AddCookiesAsync(cookies.Select(cookie => cookie.Split('=', 2)).Select(pair => new Cookie { Name = pair[0], Value = Uri.EscapeDataString(pair[1]), Url = service.Http.BaseAddress!.ToString() }));
        // A machine that runs other tests beside this one is slow, and nothing here measures time.
        context.SetDefaultTimeout((float)Wait.Longest.TotalMilliseconds);
        var page = new BrowserPage(browser, await context.NewPageAsync());
        try
        {
            await page.View.GotoAsync(new Uri(service.Http.BaseAddress!, path).ToString());
            return page;
        }
        catch
        {
            await context.DisposeAsync();
            Browsers.GiveBack(browser);
            throw;
        }
    }

    /// <summary>Once the live connection stands: before that a click does nothing.</summary>
    public async Task LiveAsync() => await View.Locator("html[data-live=true]").WaitForAsync();

    /// <summary>No violation of WCAG 2.2 AA that a machine can find, and nothing wider than the window.</summary>
    public async Task AssertAccessibleAsync()
    {
        // For a moment there is none, when the live page takes over from the one that was sent.
        await Wait.ForAsync("a title", View.TitleAsync, title => title.Length > 0);
        await RestAsync();
        var found = await View.RunAxe(Wcag);
        Assert.True(found.Violations.Length == 0, string.Join('\n', found.Violations.Select(violation => $"{violation.Id}: {violation.Help}: {string.Join(" | ", violation.Nodes.Take(5).Select(node => node.Html))}")));
        Assert.True(await View.EvaluateAsync<bool>("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), "the page is wider than its window");
    }

    /// <summary>Once what fades or slides in has come to rest: halfway its colours are others.</summary>
    public async Task RestAsync() => await View.EvaluateAsync(
        "Promise.all(document.getAnimations().filter(one => one.effect.getComputedTiming().endTime !== Infinity).map(one => one.finished.catch(() => {})))");

    /// <summary>With TELEMETRY_PICTURES=DIR leaves a picture there.</summary>
    public async Task PictureAsync(string name)
    {
        if (Pictures is { Length: > 0 })
        {
            await RestAsync();
            await View.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(Pictures, $"{name}.png") });
        }
    }

    public async ValueTask DisposeAsync()
    {
        await View.Context.DisposeAsync();
        Browsers.GiveBack(_browser);
        Assert.Empty(_errors);
    }
}
