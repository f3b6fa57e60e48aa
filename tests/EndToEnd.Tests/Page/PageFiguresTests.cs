using System.Globalization;

namespace Telemetry.EndToEnd.Tests.Page;

/// <summary>What a page that is left open costs, at 10,000 devices. The short form looks for 20 s, TELEMETRY_LONG=1 for an hour.</summary>
[Collection("Page")]
public sealed class PageFiguresTests(ITestOutputHelper output)
{
    private const long Allowed = 10L << 20;
    private static readonly int Seconds = Environment.GetEnvironmentVariable("TELEMETRY_LONG") is { Length: > 0 } ? 3600 : 20;

    [Fact]
    public async Task A_page_that_stays_open_keeps_no_more_than_it_shows()
    {
        using var data = new TempDirectory();
        await using var service = await ServiceProcess.StartAsync(data.Path, 0, "--demo", "--Demo:Devices=10000");
        await using var page = await BrowserPage.OpenAsync(service);
        await page.LiveAsync();
        var paint = await Wait.ForAsync("the first paint", () => page.View.EvaluateAsync<double>("performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0"), at => at > 0);
        var devTools = await page.View.Context.NewCDPSessionAsync(page.View);
        // Until the city has come in and the list is as it will be.
        await Wait.ForAsync("20,000 readings", () => service.GetAsync("api/v1/stats"), stats => stats.GetProperty("accepted").GetInt64() >= 20_000, 120);
        var (before, memory) = (await HeapAsync(), service.Memory());
        // The page counts the seconds itself: each has brought it a picture.
        await page.View.EvaluateAsync("window.pictures = 0; new MutationObserver(() => window.pictures++).observe(document.querySelector('.top .clock'), { childList: true, characterData: true, subtree: true })");
        await Wait.ForAsync("the page to have gone on", () => page.View.EvaluateAsync<int>("window.pictures"), pictures => pictures >= Seconds, Seconds * 3);
        var (after, memoryAfter) = (await HeapAsync(), service.Memory());
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"first paint {paint:0} ms; the page's objects {before / 1e6:0.0} MB, after {Seconds} s {after / 1e6:0.0} MB; the service {memory / 1e6:0} MB, then {memoryAfter / 1e6:0} MB"));
        Assert.InRange(after, 1, before + Allowed);

        async Task<long> HeapAsync()
        {
            await devTools.SendAsync("HeapProfiler.collectGarbage");
            var usage = await devTools.SendAsync("Runtime.getHeapUsage");
            return (long)usage!.Value.GetProperty("usedSize").GetDouble();
        }
    }
}
