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

    [Fact]
    public async Task What_sends_and_is_not_in_the_register_is_adopted_with_what_it_sent_before()
    {
        using var data = new TempDirectory();
        await using var service = await ServiceProcess.StartAsync(data.Path, 0, "--Formats:site:Topic=site/up", "--Formats:site:Format=senml-json");
        await Clients.MosquittoPubAsync(service.MqttPort, "site/up", """[{"bn":"868001:","n":"sump_level","u":"m","v":1.5}]""", "-q", "1");
        await Wait.ForAsync("the sender to be listed", () => service.GetAsync("api/v1/devices/unknown"), list => list.GetProperty("items").GetArrayLength() == 1);
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

        var row = page.Locator("#unknown tr", new PageLocatorOptions { HasText = "868001" });
        await row.GetByRole(AriaRole.Button).ClickAsync();
        await page.Locator("#ask [name=id]").FillAsync("PS-1");
        await page.Locator("#ask [name=family]").SelectOptionAsync("drainage_pump");
        await page.Locator("#ask [name=street]").FillAsync("Bayi Road");
        await page.Locator("#ask-name").FillAsync("Li");
        await page.Locator("#ask button.main").ClickAsync();

        await page.Locator("#unknown-said", new PageLocatorOptions { HasText = "PS-1: 1 readings from 1 messages" }).WaitForAsync();
        await row.WaitForAsync(new LocatorWaitForOptions { State = WaitForSelectorState.Detached });
        var device = await service.GetAsync("api/v1/devices/PS-1");
        Assert.Equal(("drainage_pump", "Bayi Road"), (device.GetProperty("family").GetString(), device.GetProperty("street").GetString()));
        Assert.True(device.GetProperty("sensors").TryGetProperty("868001", out _));
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
