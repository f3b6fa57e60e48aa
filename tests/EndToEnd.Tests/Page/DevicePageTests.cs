using System.Globalization;
using System.Text;
using Microsoft.Playwright;

namespace Telemetry.EndToEnd.Tests.Page;

/// <summary>The page of one device, and trends of several.</summary>
[Collection("Page")]
public sealed class DevicePageTests : IDisposable
{
    private const string Register = "id,family,gateway,district,street,latitude,longitude,settings.high_level\n"
        + "ps-1,drainage_pump,gw-1,Donghu,Bayi Avenue,28.6853,115.8992,2.5 m\n"
        + "ps-2,drainage_pump,gw-1,Donghu,Bayi Avenue,28.6855,115.8994,\n"
        + "ps-3,drainage_pump,gw-2,Xihu,Zhongshan Road,28.6569,115.8772,\n";

    private readonly TempDirectory _data = new();

    public void Dispose() => _data.Dispose();

    [Fact]
    public async Task Its_values_come_live_with_their_quality_its_limits_are_its_own_and_its_gateway_is_seen_to_go()
    {
        await using var service = await StartAsync();
        await SendAsync(service, "ps-1", 1.5, Ago(10), sequence: 1);
        await SendAsync(service, "ps-1", 13, Ago(5), sequence: 2);
        await service.CaughtUpAsync();
        await using var page = await BrowserPage.OpenAsync(service, "device/ps-1");
        await page.LiveAsync();
        var chart = page.View.Locator("figure.chart");
        await chart.GetByText("Sump level 13 m (uncertain)").WaitForAsync();
        // Above 2.5 m by its own setting, where the family says 2.2.
        await chart.GetByText("above 2.5 m").WaitForAsync();
        var row = page.View.Locator("tr", new PageLocatorOptions { HasText = "sump_level" });
        Assert.Contains("uncertain", await row.InnerTextAsync(), StringComparison.Ordinal);

        await SendAsync(service, "ps-1", 1.75, Ago(0), sequence: 3);
        await chart.GetByText("Sump level 1.75 m").WaitForAsync();
        await row.GetByText("1.75 m").WaitForAsync();

        await page.View.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "As a table" }).ClickAsync();
        await Wait.ForAsync("three values in words", async () => await page.View.Locator(".tall tbody tr").AllInnerTextsAsync(), rows => rows.Count == 3 && rows[0].Contains("1.75 m", StringComparison.Ordinal) && rows[1].Contains("uncertain", StringComparison.Ordinal));

        // Its publisher has gone, and with it the gateway.
        await page.View.Locator("a.down", new PageLocatorOptions { HasText = "down since" }).WaitForAsync();
    }

    [Theory]
    [InlineData(390, 844, "en", "dark")]
    [InlineData(1280, 800, "zh", "light")]
    public async Task It_says_why_there_is_an_alarm_and_leads_to_its_neighbours(int width, int height, string language, string theme)
    {
        await using var service = await StartAsync();
        await SendAsync(service, "ps-1", 1.5, Ago(10), sequence: 1);
        await Clients.MosquittoPubAsync(service.MqttPort, "telemetry/v1/gw-1/drainage_pump/ps-1", """{"values":{"pump_fault.1":"overload"}}""", "-q", "1");
        await service.AlarmAsync("ps-1", "pump_fault");
        await using var page = await BrowserPage.OpenAsync(service, "device/ps-1?rule=pump_fault&channel=sump_level", width, height, $"tlm_language={language}", $"tlm_theme={theme}");
        await page.LiveAsync();
        await page.View.Locator("figure.chart strong", new PageLocatorOptions { HasText = "1.5 m" }).WaitForAsync();
        await page.View.Locator("section[aria-labelledby=alarms] a", new PageLocatorOptions { HasText = language == "zh" ? "水泵" : "Pump" }).First.WaitForAsync();
        await page.View.Locator("section[aria-labelledby=explain] button").ClickAsync();
        var answer = page.View.Locator(".answer");
        await answer.WaitForAsync();
        var explained = await service.GetAsync("api/v1/explain?device=ps-1&rule=pump_fault");
        Assert.Equal("alarm_stood", explained.GetProperty("answer").GetString());
        Assert.Contains(explained.GetProperty("alarm").GetProperty("title").GetProperty(language).GetString()!, await answer.InnerTextAsync(), StringComparison.Ordinal);
        await page.AssertAccessibleAsync();

        await page.View.Locator(".siblings a", new PageLocatorOptions { HasText = "ps-2" }).ClickAsync();
        await page.View.Locator("h1", new PageLocatorOptions { HasText = "ps-2" }).WaitForAsync();
        Assert.Equal(0, await page.View.Locator(".siblings a", new PageLocatorOptions { HasText = "ps-3" }).CountAsync());
    }

    [Fact]
    public async Task A_device_that_is_not_there_is_said_so()
    {
        await using var service = await ServiceProcess.StartAsync(_data.Path);
        await using var page = await BrowserPage.OpenAsync(service, "device/nobody");
        await page.View.Locator("h1", new PageLocatorOptions { HasText = "There is no such device" }).WaitForAsync();
        await page.AssertAccessibleAsync();
    }

    [Theory]
    [InlineData(390, 844, "zh", "light")]
    [InlineData(1280, 800, "en", "dark")]
    public async Task Channels_of_several_devices_are_chosen_shared_by_the_address_read_at_one_moment_and_taken_home(int width, int height, string language, string theme)
    {
        await using var service = await StartAsync();
        await SendAsync(service, "ps-1", 1.5, Ago(600), sequence: 1);
        await SendAsync(service, "ps-1", 1.9, Ago(5), sequence: 2);
        await SendAsync(service, "ps-2", 0.8, Ago(5), sequence: 1);
        await service.CaughtUpAsync();
        await using var page = await BrowserPage.OpenAsync(service, "trends?c=ps-1:sump_level&c=ps-9:sump_level", width, height, $"tlm_language={language}", $"tlm_theme={theme}");
        await page.LiveAsync();
        await page.View.Locator(".wrong", new PageLocatorOptions { HasText = "ps-9:sump_level" }).GetByRole(AriaRole.Button).ClickAsync();
        await page.View.Locator(".wrong").WaitForAsync(new LocatorWaitForOptions { State = WaitForSelectorState.Detached });
        await page.View.Locator("input[list=trend-devices]").FillAsync("ps-2");
        await page.View.Locator("form option[value=sump_level]").WaitForAsync(new LocatorWaitForOptions { State = WaitForSelectorState.Attached });
        await page.View.Locator("form button.main").ClickAsync();
        await Wait.ForAsync(
            "the address of both channels", () => Task.FromResult(page.View.Url),
            url => url.Contains("c=ps-1%3Asump_level", StringComparison.Ordinal) && url.Contains("c=ps-2%3Asump_level", StringComparison.Ordinal) && !url.Contains("ps-9", StringComparison.Ordinal), 60);

        // Both are metres: one chart with two lines.
        var chart = page.View.Locator("figure.chart");
        await chart.Locator(".legend", new LocatorLocatorOptions { HasText = "ps-2" }).GetByText("0.8 m").WaitForAsync();
        Assert.Equal(1, await chart.CountAsync());
        await page.AssertAccessibleAsync();

        // The keyboard moves the cursor: half an hour back neither counts, and the legend says so.
        await chart.Locator("input").FocusAsync();
        await page.View.Keyboard.PressAsync("Home");
        await chart.Locator(".legend", new LocatorLocatorOptions { HasText = "ps-2" }).GetByText("–").WaitForAsync();
        await page.View.Keyboard.PressAsync("End");
        await chart.Locator(".legend", new LocatorLocatorOptions { HasText = "ps-1" }).GetByText("1.9 m").WaitForAsync();

        var link = await page.View.Locator("tr", new PageLocatorOptions { HasText = "ps-1" }).GetByRole(AriaRole.Link, new LocatorGetByRoleOptions { Name = "CSV" }).GetAttributeAsync("href");
        var csv = await service.Http.GetStringAsync(link);
        Assert.Equal(3, csv.Trim().Split('\n').Length);
        Assert.Contains("1.9", csv, StringComparison.Ordinal);
    }

    private async Task<ServiceProcess> StartAsync()
    {
        var service = await ServiceProcess.StartAsync(_data.Path);
        using var body = new StringContent(Register, Encoding.UTF8, "text/csv");
        using var answer = await service.Http.PostAsync("api/v1/devices/import", body);
        Assert.Equal(200, (int)answer.StatusCode);
        return service;
    }

    private static long Ago(int seconds) => TimeProvider.System.GetUtcNow().AddSeconds(-seconds).ToUnixTimeMilliseconds();

    private static Task SendAsync(ServiceProcess service, string device, double level, long at, int sequence) => Clients.MosquittoPubAsync(
        service.MqttPort, $"telemetry/v1/gw-1/drainage_pump/{device}", string.Create(CultureInfo.InvariantCulture, $$$"""{"ts":{{{at}}},"seq":{{{sequence}}},"values":{"sump_level":{{{level}}}}}"""), "-q", "1");
}
