using Microsoft.Playwright;

namespace Telemetry.EndToEnd.Tests;

/// <summary>The operator's page in Debian's Chromium.</summary>
public sealed class PageTests
{
    [Fact]
    public async Task An_alarm_appears_is_acknowledged_by_its_button_and_a_dead_service_is_said_so()
    {
        using var data = new TempDirectory();
        await using var service = await ServiceProcess.StartAsync(data.Path);
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = "/usr/bin/chromium",
            Args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
        });
        var page = await browser.NewPageAsync();
        var errors = new List<string>();
        page.PageError += (_, error) => errors.Add(error);
        await page.GotoAsync(service.Http.BaseAddress!.ToString());

        await Clients.MosquittoPubAsync(service.MqttPort, "telemetry/v1/gw-p/public_toilet/wc-7", """{"values":{"sos_active.3":true}}""", "-q", "1");
        var row = page.Locator("tr", new PageLocatorOptions { HasText = "wc-7" });
        await row.WaitForAsync();
        Assert.Contains("Call for help", await row.InnerTextAsync(), StringComparison.Ordinal);

        await row.GetByRole(AriaRole.Button, new LocatorGetByRoleOptions { Name = "Acknowledge" }).ClickAsync();
        await page.Locator("#ask-name").FillAsync("Li");
        await page.Locator("#ask button.main").ClickAsync();
        await service.AlarmAsync("wc-7", "sos", alarm => alarm.GetProperty("state").GetString() == "active_acknowledged");

        await service.KillAsync();
        await page.GetByRole(AriaRole.Alert).First.WaitForAsync(new LocatorWaitForOptions { State = WaitForSelectorState.Visible, Timeout = 10_000 });
        Assert.Empty(errors);
    }

    [Theory]
    [InlineData(390, 844)]
    [InlineData(1280, 800)]
    public async Task An_alarm_is_shelved_from_its_menu_stands_among_what_is_shelved_and_comes_back(int width, int height)
    {
        using var data = new TempDirectory();
        await using var service = await ServiceProcess.StartAsync(data.Path);
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = "/usr/bin/chromium",
            Args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
        });
        var page = await browser.NewPageAsync(new BrowserNewPageOptions { ViewportSize = new ViewportSize { Width = width, Height = height } });
        var errors = new List<string>();
        page.PageError += (_, error) => errors.Add(error);
        await page.GotoAsync(service.Http.BaseAddress!.ToString());
        await Clients.MosquittoPubAsync(service.MqttPort, "telemetry/v1/gw-p/drainage_pump/ps-7", """{"values":{"pump_fault.1":"overload"}}""", "-q", "1");
        var row = page.Locator("tr", new PageLocatorOptions { HasText = "ps-7" });
        await row.WaitForAsync();

        await row.Locator("select").SelectOptionAsync("shelve");
        await page.Locator("#ask [name=reason]").FillAsync("fitter at work");
        await page.Locator("#ask [name=until]").SelectOptionAsync("480");
        await page.Locator("#ask-name").FillAsync("Li");
        await page.Locator("#ask button.main").ClickAsync();
        await service.AlarmAsync("ps-7", "pump_fault", alarm => alarm.GetProperty("state").GetString() == "shelved");

        await row.WaitForAsync(new LocatorWaitForOptions { State = WaitForSelectorState.Detached });
        await page.Locator("#overlays button.shelved").ClickAsync();
        var text = await row.InnerTextAsync();
        Assert.Contains("by Li: fitter at work", text, StringComparison.Ordinal);
        Assert.Contains("beneath: active", text, StringComparison.Ordinal);
        Assert.True(await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), "the page is wider than its window");

        await row.Locator("select").SelectOptionAsync("unshelve");
        await page.Locator("#ask button.main").ClickAsync();
        await service.AlarmAsync("ps-7", "pump_fault", alarm => alarm.GetProperty("state").GetString() == "active_unacknowledged");
        Assert.Empty(errors);
    }
}
