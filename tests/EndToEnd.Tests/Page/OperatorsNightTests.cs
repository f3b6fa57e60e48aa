using System.Globalization;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Playwright;

namespace Telemetry.EndToEnd.Tests.Page;

/// <summary>A stormy night from the first call to the handover, by one operator at a desk and one crew with a phone. With TELEMETRY_PICTURES=DIR it leaves a picture of each view there.</summary>
[Collection("Page")]
public sealed partial class OperatorsNightTests : IAsyncLifetime
{
    private const int Stations = 48;

    private readonly TempDirectory _data = new();
    private readonly TempDirectory _files = new();
    private Receiver _provider = null!;
    private ServiceProcess _service = null!;

    public async ValueTask InitializeAsync()
    {
        _provider = await Receiver.StartAsync();
        var file = _files.File("notify.yaml");
        await File.WriteAllTextAsync(file, """
            people:
              wang: {name: 王伟, phone: "+8613800000001"}
              smith: {name: Ann Smith, language: en, phone: "+8613800000002"}
            teams:
              duty: {title: {en: Duty, zh: 值班}, always: wang, leader: smith}
            channels: {critical: [sms], high: [sms], medium: [sms], low: [sms], digest: [sms]}
            routes:
              - {to: duty}
            """);
        _service = await ServiceProcess.StartAsync(
            _data.Path, 0, $"--Notify:File={file}", "--Notify:PublicUrl=http://localhost/", $"--Notify:Sms:Url={_provider.Url}sms", """--Notify:Sms:Body={"to":"{phone}","text":"{text}","id":"{key}"}""",
            "--Notify:Sms:Success=code=0", "--Formats:site:Topic=site/up", "--Formats:site:Format=senml-json");
        var rows = Enumerable.Range(0, Stations).Select(number => string.Create(
            CultureInfo.InvariantCulture,
            $"ps-{number},drainage_pump,gw-{number % 4},{Districts[number % 4]},Bayi Avenue {number % 7},{28.60 + (number % 9 * 0.02)},{115.80 + (number % 11 * 0.02)}\n"));
        using var body = new StringContent(
            "id,family,gateway,district,street,latitude,longitude\n" + string.Concat(rows) + "wc-7,public_toilet,gw-t,Xihu,Zhongshan Road,28.68,115.90\ngas-1,gas_valve,gw-g,Donghu,Minde Road,28.69,115.91\nC-1,manhole_cover,gw-c,Xihu,Zhongshan Road,28.67,115.89\n",
            Encoding.UTF8, "text/csv");
        using var answer = await _service.Http.PostAsync("api/v1/devices/import", body);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    private static readonly string[] Districts = ["Xihu", "Donghu", "Qingyunpu", "Honggutan"];

    public async ValueTask DisposeAsync()
    {
        await _service.DisposeAsync();
        await _provider.DisposeAsync();
        _data.Dispose();
        _files.Dispose();
    }

    [Fact]
    public async Task A_stormy_night_is_worked_through_and_handed_over()
    {
        await using var desk = await BrowserPage.OpenAsync(_service, "handover", 1400, 900, "tlm_name=Li");
        await desk.LiveAsync();
        await desk.View.Locator("[data-do=sign-on]").ClickAsync();
        await desk.View.Locator("#position-list", new PageLocatorOptions { HasText = "Li" }).WaitForAsync();
        await MenuAsync(desk, "Alarms");

        // The storm: faults at every station, a call for help, a gas leak.
        await Task.WhenAll(Enumerable.Range(0, Stations).Select(number => SendAsync(
            $"gw-{number % 4}/drainage_pump/ps-{number}", string.Create(CultureInfo.InvariantCulture, $$$"""{"values":{"pump_fault.1":"overload","sump_level":{{{1 + (number % 5 * 0.1)}}}}}"""))));
        await SendAsync("gw-t/public_toilet/wc-7", """{"values":{"sos_active.3":true}}""");
        await SendAsync("gw-g/gas_valve/gas-1", """{"values":{"gas_alarm_state":"high"}}""");
        await Wait.ForAsync("the storm on the page", async () => AlarmsIn().Match(await desk.View.Locator("main").InnerTextAsync()) is { Success: true } found ? int.Parse(found.Groups["alarms"].Value, CultureInfo.InvariantCulture) : 0, alarms => alarms >= Stations + 2, 60);
        Assert.InRange(await desk.View.Locator(".alarms tbody tr").CountAsync(), 3, 12);
        await desk.PictureAsync("alarms");
        await desk.AssertAccessibleAsync();

        // Each critical place has reached the crew's phone, which accepts by the link and without a login.
        var link = await Wait.ForAsync("the crew to have a link to the call for help", LinkToAsync, found => found is not null, 90);
        await using (var phone = await BrowserPage.OpenAsync(_service, link!, 390, 844))
        {
            await phone.AssertAccessibleAsync();
            await phone.PictureAsync("crew");
            await phone.View.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "接单，我去", Exact = true }).First.ClickAsync();
            await phone.View.Locator(".state", new PageLocatorOptions { HasText = "王伟" }).First.WaitForAsync();
        }
        await _service.AlarmAsync("wc-7", "sos", alarm => alarm.GetProperty("acceptedBy").GetString() == "王伟");

        // Seen one by one where it is critical, with the line where it is not.
        await OpenAsync(desk, "Call for help");
        await desk.View.Locator("#detail", new PageLocatorOptions { HasText = "王伟 accepted" }).WaitForAsync();
        await desk.View.Locator("#detail [data-action=acknowledge]").ClickAsync();
        await _service.AlarmAsync("wc-7", "sos", alarm => alarm.GetProperty("state").GetString() == "active_acknowledged");
        await desk.PictureAsync("alarm");
        await desk.View.Locator("#close-detail").ClickAsync();
        await desk.View.Locator(".alarms tbody tr", new PageLocatorOptions { HasText = "Pump fault" }).First.Locator(".what").ClickAsync();
        await desk.PictureAsync("storm-line");
        await desk.View.Locator("#acknowledge-members").ClickAsync();
        await Wait.ForAsync("one line's members to be acknowledged", () => _service.GetAsync("api/v1/alarms?state=acknowledged"), all => all.GetArrayLength() >= 1 + (Stations / 4));

        // A gas leak is not shelved, by nobody and with whatever second person.
        await OpenAsync(desk, "gas-1");
        await desk.View.Locator("#detail [data-action=shelve]").ClickAsync();
        await desk.View.Locator("#ask [name=reason]").FillAsync("smells of dinner");
        await desk.View.Locator("#ask [name=second]").FillAsync("Wang");
        await desk.View.Locator("#do").ClickAsync();
        await desk.View.Locator("#refused").WaitForAsync();
        await desk.PictureAsync("refused");
        await desk.View.Keyboard.PressAsync("Escape");
        await _service.AlarmAsync("gas-1", "leak_high", alarm => alarm.GetProperty("state").GetString() == "active_unacknowledged");
        await desk.View.Locator("#close-detail").ClickAsync();

        // A pump under repair is.
        await desk.View.Locator("#grouping").SelectOptionAsync("None");
        await OpenAsync(desk, "ps-7 ");
        await desk.View.Locator("#detail [data-action=shelve]").ClickAsync();
        await desk.View.Locator("#ask [name=reason]").FillAsync("fitter at work");
        await desk.View.Locator("#do").ClickAsync();
        await _service.AlarmAsync("ps-7", "pump_fault", alarm => alarm.GetProperty("state").GetString() == "shelved");
        await MenuAsync(desk, "Shelved");
        await desk.View.Locator("main", new PageLocatorOptions { HasText = "fitter at work" }).WaitForAsync();
        await desk.PictureAsync("hidden");

        // A sender that nobody knows is adopted.
        await Clients.MosquittoPubAsync(_service.MqttPort, "site/up", """[{"bn":"868001:","n":"sump_level","u":"m","v":1.5}]""", "-q", "1");
        await MenuAsync(desk, "Register");
        await desk.View.Locator("#unknown tr", new PageLocatorOptions { HasText = "868001" }).GetByRole(AriaRole.Button).ClickAsync();
        await desk.View.Locator("#device-form [name=id]").FillAsync("PS-NEW");
        await desk.View.Locator("#device-form [name=family]").SelectOptionAsync("drainage_pump");
        await desk.View.Locator("#save").ClickAsync();
        await desk.View.Locator("#unknown-said", new PageLocatorOptions { HasText = "PS-NEW: 1 readings" }).WaitForAsync();
        await desk.PictureAsync("register");

        // Would a change of a rule have helped? The recorded night answers.
        await SendAsync("gw-c/manhole_cover/C-1", """{"values":{"battery_level":24}}""");
        await _service.CaughtUpAsync();
        await MenuAsync(desk, "Rules");
        await desk.PictureAsync("rules");
        await desk.View.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "Manhole cover", Exact = true }).ClickAsync();
        await desk.View.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "Change, try, put in force" }).ClickAsync();
        await desk.View.Locator("#checked", new PageLocatorOptions { HasText = "No mistake" }).WaitForAsync();
        var text = await desk.View.Locator("#file").InputValueAsync();
        await desk.View.Locator("#file").FillAsync(text.Replace("battery_level < 20 %", "battery_level < 30 %", StringComparison.Ordinal).Replace("    deadband: 5 %\n    delay: {on: 24h}", "    deadband: 5 %\n    delay: {on: 0s}", StringComparison.Ordinal));
        await desk.View.Locator("#check").ClickAsync();
        await desk.View.Locator(".diff .came").First.WaitForAsync();
        await desk.View.Locator("#try").ClickAsync();
        await desk.View.Locator("#backtest", new PageLocatorOptions { HasText = "C-1 · battery_low · added" }).WaitForAsync();
        await desk.PictureAsync("backtest");

        foreach (var (name, view) in new[] { ("Map", "map"), ("On call", "oncall"), ("Load", "load"), ("Dead letters", "deadletters"), ("System", "system") })
        {
            await MenuAsync(desk, name);
            if (view == "map")
                await desk.View.GetByText(SomeDevices()).WaitForAsync();
            await desk.PictureAsync(view);
        }
        foreach (var (path, view) in new[] { ("device/ps-7", "device"), ("trends?c=ps-1:sump_level&c=ps-2:sump_level&c=ps-3:sump_level", "trends") })
        {
            await desk.View.GotoAsync(new Uri(_service.Http.BaseAddress!, path).ToString());
            await desk.LiveAsync();
            await desk.PictureAsync(view);
        }

        // Morning.
        await MenuAsync(desk, "Handover");
        await desk.View.Locator("#note").FillAsync("ps-7: fitter at work until noon");
        await desk.View.Locator("#add-note").ClickAsync();
        await desk.View.Locator("#note-list", new PageLocatorOptions { HasText = "until noon" }).WaitForAsync();
        await desk.View.Locator("#open-handover").ClickAsync();
        await desk.View.Locator("#sign").WaitForAsync();
        foreach (var name in new[] { "Li", "Wang" })
        {
            await desk.View.Locator("#who-acts").FillAsync(name);
            await desk.View.Keyboard.PressAsync("Tab");
            await desk.View.Locator("[data-seen]").First.CheckAsync();
            await desk.PictureAsync("handover");
            await desk.View.Locator("#sign").ClickAsync();
            if (name == "Li")
                await desk.View.Locator("#sign-panel", new PageLocatorOptions { HasText = "Li ✓" }).WaitForAsync();
        }
        await desk.View.Locator("#position-list", new PageLocatorOptions { HasText = "Wang" }).WaitForAsync();
        Assert.Equal("Wang", (await _service.GetAsync("api/v1/positions"))[0].GetProperty("person").GetString());
    }

    /// <summary>Of the links that went out the one whose page shows the call for help.</summary>
    private async Task<string?> LinkToAsync()
    {
        foreach (var path in _provider.Taken.Select(sms => Link().Match(sms.Body)).Where(found => found.Success).Select(found => found.Groups["path"].Value).Distinct())
        {
            if ((await _service.Http.GetStringAsync(path)).Contains("Zhongshan Road", StringComparison.Ordinal))
                return path;
        }
        return null;
    }

    private Task SendAsync(string rest, string payload) => Clients.MosquittoPubAsync(_service.MqttPort, $"telemetry/v1/{rest}", payload, "-q", "1");

    private static async Task MenuAsync(BrowserPage page, string view)
    {
        await page.View.Locator("nav.side").GetByRole(AriaRole.Link, new LocatorGetByRoleOptions { Name = view, Exact = true }).ClickAsync();
        await page.View.Locator($"nav.side a.active:text-is('{view}')").WaitForAsync();
    }

    private static async Task OpenAsync(BrowserPage page, string what)
    {
        await page.View.Locator(".alarms tbody tr", new PageLocatorOptions { HasText = what }).First.Locator(".what").ClickAsync();
        await page.View.Locator("#detail").WaitForAsync();
    }

    [GeneratedRegex("[1-9][0-9]* devices, ")]
    private static partial Regex SomeDevices();

    [GeneratedRegex("(?<alarms>[0-9]+) alarms in")]
    private static partial Regex AlarmsIn();

    [GeneratedRegex("http://localhost/(?<path>go/[0-9A-Za-z]{11})")]
    private static partial Regex Link();
}
