using System.Globalization;
using Microsoft.Playwright;

namespace Telemetry.EndToEnd.Tests.Page;

/// <summary>The state of the service itself.</summary>
[Collection("Page")]
public sealed class HealthPageTests
{
    [Theory]
    [InlineData(1280, 800, "en", "light")]
    [InlineData(390, 844, "zh", "dark")]
    public async Task Gateways_positions_and_what_is_missing_stand_on_one_page(int width, int height, string language, string theme)
    {
        using var data = new TempDirectory();
        await using var service = await ServiceProcess.StartAsync(data.Path);
        await using var page = await BrowserPage.OpenAsync(service, "health-of-the-service", width, height, $"tlm_language={language}", $"tlm_theme={theme}");
        await page.LiveAsync();
        await page.View.Locator("#all-well").WaitForAsync();
        await Clients.MosquittoPubAsync(service.MqttPort, "telemetry/v1/gw-up/drainage_pump/ps-7", """{"values":{"sump_level":1.5}}""", "-q", "1");
        await Clients.MosquittoPubAsync(service.MqttPort, "telemetry/v1/gw-down/status", "offline", "-q", "1");
        // A publisher that goes takes its gateway along: the first one is down when its connection ends.
        var gateways = page.View.Locator("#gateway-list tbody tr");
        await page.View.Locator("#gateway-list .abnormal").Nth(1).WaitForAsync();
        Assert.Equal(2, await gateways.CountAsync());
        await page.View.Locator("#find-gateway").FillAsync("gw-up");
        await gateways.Nth(1).WaitForAsync(new LocatorWaitForOptions { State = WaitForSelectorState.Detached });
        await gateways.First.Locator("td.number", new LocatorLocatorOptions { HasText = "1" }).WaitForAsync();
        await service.CaughtUpAsync();
        var position = (await service.GetAsync("api/v1/stats")).GetProperty("logPosition").GetInt64();
        await Wait.ForAsync("the page to have come as far as the log", async () => long.Parse(
            (await page.View.Locator("#positions tbody tr").Nth(1).Locator("td.number").First.InnerTextAsync()).Replace(",", "", StringComparison.Ordinal), CultureInfo.InvariantCulture) >= position);
        await page.AssertAccessibleAsync();

        // Without users the page of accounts says how to begin.
        await page.View.Locator("nav.side a[href=accounts]").ClickAsync();
        await page.View.Locator("#begin", new PageLocatorOptions { HasText = "--Security:Accounts=true" }).WaitForAsync();
        await page.AssertAccessibleAsync();
    }
}
