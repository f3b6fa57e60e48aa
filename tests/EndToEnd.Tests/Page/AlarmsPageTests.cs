using System.Globalization;
using System.Net;
using System.Net.WebSockets;
using System.Text;
using Microsoft.Playwright;
using MQTTnet;
using MQTTnet.Protocol;

namespace Telemetry.EndToEnd.Tests.Page;

/// <summary>The alarm list: one alarm from its appearance to its shelf, and a storm.</summary>
[Collection("Page")]
public sealed class AlarmsPageTests : IDisposable
{
    private readonly TempDirectory _data = new();

    public void Dispose() => _data.Dispose();

    [Fact]
    public async Task An_alarm_appears_is_acknowledged_by_its_button_and_a_dead_service_is_said_so()
    {
        await using var service = await ServiceProcess.StartAsync(_data.Path);
        await using var page = await BrowserPage.OpenAsync(service, cookies: "tlm_name=Li");
        await page.LiveAsync();
        await SosAsync(service, "wc-7");
        var row = page.View.Locator("tr", new PageLocatorOptions { HasText = "wc-7" });
        await row.GetByText("Call for help").WaitForAsync();
        await row.GetByRole(AriaRole.Button, new LocatorGetByRoleOptions { Name = "Acknowledge" }).ClickAsync();
        var alarm = await service.AlarmAsync("wc-7", "sos", alarm => alarm.GetProperty("state").GetString() == "active_acknowledged");
        Assert.Equal("Li", alarm.GetProperty("acknowledgedBy").GetString());

        await service.KillAsync();
        var cover = page.View.Locator("#not-live");
        await cover.WaitForAsync(new LocatorWaitForOptions { State = WaitForSelectorState.Visible });
        Assert.Contains("NOT LIVE since", await cover.InnerTextAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_page_comes_back_by_itself_when_the_service_does()
    {
        // One that nobody else takes while no service is there.
        var port = FreePort.Next();
        var service = await ServiceProcess.StartOnAsync(_data.Path, port);
        await using var page = await BrowserPage.OpenAsync(service);
        await page.LiveAsync();
        await SosAsync(service, "wc-1");
        await page.View.Locator("tr", new PageLocatorOptions { HasText = "wc-1" }).WaitForAsync();
        await service.KillAsync();
        await page.View.Locator("#not-live").WaitForAsync(new LocatorWaitForOptions { State = WaitForSelectorState.Visible });
        await using var again = await ServiceProcess.StartOnAsync(_data.Path, port);
        await SosAsync(again, "wc-2");
        // What came while nobody looked, and what comes after.
        await page.View.Locator("tr", new PageLocatorOptions { HasText = "wc-1" }).WaitForAsync();
        await page.View.Locator("tr", new PageLocatorOptions { HasText = "wc-2" }).WaitForAsync();
        await page.View.Locator("#not-live").WaitForAsync(new LocatorWaitForOptions { State = WaitForSelectorState.Hidden });
    }

    [Theory]
    [InlineData(390, 844, "en", "light")]
    [InlineData(1280, 800, "zh", "dark")]
    public async Task An_alarm_is_shelved_from_its_details_and_a_call_for_help_is_not(int width, int height, string language, string theme)
    {
        await using var service = await ServiceProcess.StartAsync(_data.Path);
        await using var page = await BrowserPage.OpenAsync(service, "", width, height, "tlm_name=Li", $"tlm_language={language}", $"tlm_theme={theme}");
        await page.LiveAsync();
        await Clients.MosquittoPubAsync(service.MqttPort, "telemetry/v1/gw-p/drainage_pump/ps-7", """{"values":{"pump_fault.1":"overload"}}""", "-q", "1");
        await SosAsync(service, "wc-7");
        await page.View.Locator("tr", new PageLocatorOptions { HasText = "wc-7" }).WaitForAsync();
        var row = page.View.Locator("tr", new PageLocatorOptions { HasText = "ps-7" });
        await page.AssertAccessibleAsync();

        await row.Locator(".what").ClickAsync();
        await page.View.Locator("#detail [data-action=shelve]").ClickAsync();
        await page.View.Locator("#ask [name=reason]").FillAsync("fitter at work");
        await page.View.Locator("#ask [name=minutes]").SelectOptionAsync("480");
        await page.AssertAccessibleAsync();
        await page.View.Locator("#do").ClickAsync();
        var shelved = await service.AlarmAsync("ps-7", "pump_fault", alarm => alarm.GetProperty("state").GetString() == "shelved");
        Assert.Equal("Li", shelved.GetProperty("overlay").GetProperty("by").GetString());
        await page.View.Locator("#detail", new PageLocatorOptions { HasText = "fitter at work" }).WaitForAsync();
        await page.AssertAccessibleAsync();
        await page.View.Locator("#close-detail").ClickAsync();
        await row.WaitForAsync(new LocatorWaitForOptions { State = WaitForSelectorState.Detached });

        await page.View.Locator("tr", new PageLocatorOptions { HasText = "wc-7" }).Locator(".what").ClickAsync();
        await page.View.Locator("#detail [data-action=shelve]").ClickAsync();
        await page.View.Locator("#ask [name=reason]").FillAsync("button sticks");
        await page.View.Locator("#ask [name=second]").FillAsync("Wang");
        await page.View.Locator("#do").ClickAsync();
        await page.View.Locator("#refused").WaitForAsync();
        Assert.Equal("active_unacknowledged", (await service.AlarmAsync("wc-7", "sos")).GetProperty("state").GetString());
    }

    [Fact]
    public async Task A_storm_stands_in_a_few_lines_and_is_acknowledged_by_the_line_but_for_what_is_critical()
    {
        await using var service = await ServiceProcess.StartAsync(_data.Path);
        var rows = Enumerable.Range(0, 60).Select(number => string.Create(CultureInfo.InvariantCulture, $"ps-{number},drainage_pump,gw-{number % 3},d{number % 4},street {number % 7}\n"));
        using var body = new StringContent("id,family,gateway,district,street\n" + string.Concat(rows), Encoding.UTF8, "text/csv");
        using var answer = await service.Http.PostAsync("api/v1/devices/import", body);
        Assert.Equal(200, (int)answer.StatusCode);
        await using var page = await BrowserPage.OpenAsync(service, cookies: "tlm_name=Li");
        await page.LiveAsync();
        // Connected until the end: a gateway that leaves is an alarm of its own half a minute later.
        using var gateways = new MqttClientFactory().CreateMqttClient();
        await gateways.ConnectAsync(new MqttClientOptionsBuilder().WithTcpServer("127.0.0.1", service.MqttPort).Build());
        for (var number = 0; number < 60; number++)
            await gateways.PublishAsync(Message(string.Create(CultureInfo.InvariantCulture, $"gw-{number % 3}/drainage_pump/ps-{number}"), """{"values":{"pump_fault.1":"overload"}}"""));
        await gateways.PublishAsync(Message("gw-p/public_toilet/wc-7", """{"values":{"sos_active.3":true}}"""));
        var lines = page.View.Locator(".alarms tbody tr");
        await Wait.ForAsync("60 faults and a call for help in five lines", async () => await lines.CountAsync() == 5 && (await page.View.Locator("body").InnerTextAsync()).Contains("61 alarms in 5 lines", StringComparison.Ordinal));
        Assert.Contains("Call for help", await lines.First.InnerTextAsync(), StringComparison.Ordinal);
        await page.AssertAccessibleAsync();

        // The keyboard alone: to the second line, open it, acknowledge its members.
        await lines.First.FocusAsync();
        await page.View.Keyboard.PressAsync("ArrowDown");
        await page.View.Locator(".alarms tbody tr:nth-child(2):focus").WaitForAsync();
        await page.View.Keyboard.PressAsync("Enter");
        await page.View.Locator("#acknowledge-members").WaitForAsync();
        await page.AssertAccessibleAsync();
        await page.View.Locator("#acknowledge-members").ClickAsync();
        await Wait.ForAsync("the members of one line to be acknowledged", () => service.GetAsync("api/v1/alarms?state=acknowledged"), all => all.GetArrayLength() == 15);

        // Chosen together with the others the call for help is left for a look of its own.
        foreach (var box in await page.View.Locator(".alarms tbody input[type=checkbox]").AllAsync())
            await box.CheckAsync();
        await page.View.Locator("#acknowledge-chosen").ClickAsync();
        await Wait.ForAsync("all but the critical one to be acknowledged", () => service.GetAsync("api/v1/alarms?state=acknowledged"), all => all.GetArrayLength() == 60);
        Assert.Equal("active_unacknowledged", (await service.AlarmAsync("wc-7", "sos")).GetProperty("state").GetString());
    }

    [Fact]
    public async Task The_page_lets_nothing_in_from_outside_and_another_sites_page_opens_no_socket()
    {
        await using var service = await ServiceProcess.StartAsync(_data.Path);
        using var page = await service.Http.GetAsync(new Uri("", UriKind.Relative));
        Assert.Equal("text/html", page.Content.Headers.ContentType?.MediaType);
        Assert.StartsWith("default-src 'self'", page.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        using var script = await service.Http.GetAsync(new Uri("console.js", UriKind.Relative));
        using var again = new HttpRequestMessage(HttpMethod.Get, new Uri("console.js", UriKind.Relative));
        again.Headers.IfNoneMatch.Add(script.Headers.ETag!);
        using var second = await service.Http.SendAsync(again);
        Assert.Equal(HttpStatusCode.NotModified, second.StatusCode);

        using var foreign = new ClientWebSocket();
        foreign.Options.SetRequestHeader("Origin", "http://evil.example");
        foreign.Options.CollectHttpResponseDetails = true;
        await Assert.ThrowsAsync<WebSocketException>(() => foreign.ConnectAsync(new UriBuilder(service.Http.BaseAddress!) { Scheme = "ws", Path = "/_blazor" }.Uri, CancellationToken.None));
        Assert.Equal(HttpStatusCode.Forbidden, foreign.HttpStatusCode);
        using var own = new ClientWebSocket();
        own.Options.SetRequestHeader("Origin", service.Http.BaseAddress!.GetLeftPart(UriPartial.Authority));
        await own.ConnectAsync(new UriBuilder(service.Http.BaseAddress!) { Scheme = "ws", Path = "/_blazor" }.Uri, CancellationToken.None);
        Assert.Equal(WebSocketState.Open, own.State);
    }

    private static MqttApplicationMessage Message(string device, string payload) =>
        new MqttApplicationMessageBuilder().WithTopic($"telemetry/v1/{device}").WithPayload(payload).WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce).Build();

    private static Task SosAsync(ServiceProcess service, string device) =>
        Clients.MosquittoPubAsync(service.MqttPort, $"telemetry/v1/gw-p/public_toilet/{device}", """{"values":{"sos_active.3":true}}""", "-q", "1");
}
