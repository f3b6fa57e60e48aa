using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.Playwright;

namespace Telemetry.EndToEnd.Tests.Page;

/// <summary>The register: found, edited, imported, adopted from, and put into a mode.</summary>
[Collection("Page")]
public sealed class RegisterPageTests : IDisposable
{
    private readonly TempDirectory _data = new();

    public void Dispose() => _data.Dispose();

    [Theory]
    [InlineData(390, 844, "en", "light")]
    [InlineData(1280, 800, "zh", "dark")]
    public async Task A_device_is_found_among_many_and_edited_and_what_is_wrong_is_said_where_it_was_entered(int width, int height, string language, string theme)
    {
        await using var service = await ServiceProcess.StartAsync(_data.Path);
        await ImportAsync(service, string.Concat(Enumerable.Range(0, 120).Select(number => string.Create(CultureInfo.InvariantCulture, $"ps-{number:000},drainage_pump,gw-{number % 3},d{number % 4},street {number % 7}\n"))));
        await using var page = await BrowserPage.OpenAsync(service, "register", width, height, "tlm_name=Li", $"tlm_language={language}", $"tlm_theme={theme}");
        await page.LiveAsync();
        await page.View.Locator("#found", new PageLocatorOptions { HasText = "120" }).WaitForAsync();
        await page.View.Locator("#next-page").ClickAsync();
        await page.View.Locator("tr", new PageLocatorOptions { HasText = "ps-050" }).WaitForAsync();
        await page.AssertAccessibleAsync();
        await page.View.Locator("[name=q]").FillAsync("ps-11 street");
        await page.View.Keyboard.PressAsync("Enter");
        await page.View.Locator("#found", new PageLocatorOptions { HasText = "10" }).WaitForAsync();

        await page.View.Locator("tr", new PageLocatorOptions { HasText = "ps-117" }).GetByRole(AriaRole.Button).ClickAsync();
        await page.View.Locator("#device-form [name=latitude]").FillAsync("28.7");
        await page.View.Locator("[name='settings.high_level']").FillAsync("300 kg");
        await page.AssertAccessibleAsync();
        await page.View.Locator("#save").ClickAsync();
        var refused = page.View.Locator("#refused");
        await refused.WaitForAsync();
        var why = await refused.InnerTextAsync();
        Assert.Contains("settings.high_level", why, StringComparison.Ordinal);
        Assert.Contains("longitude is missing", why, StringComparison.Ordinal);
        await page.View.Locator("#device-form [name=longitude]").FillAsync("115.9");
        await page.View.Locator("[name='settings.high_level']").FillAsync("250 cm");
        await page.View.Locator("#save").ClickAsync();
        await page.View.Locator("#register-said", new PageLocatorOptions { HasText = "ps-117" }).WaitForAsync();
        var device = await service.GetAsync("api/v1/devices/ps-117");
        Assert.Equal((28.7, "250 cm", "gw-0"), (device.GetProperty("latitude").GetDouble(), device.GetProperty("settings").GetProperty("high_level").GetString(), device.GetProperty("gateway").GetString()));
    }

    [Fact]
    public async Task A_file_shows_what_it_would_change_before_it_does_and_what_is_wrong_with_it()
    {
        await using var service = await ServiceProcess.StartAsync(_data.Path);
        await ImportAsync(service, "ps-1,drainage_pump,gw-1,Donghu,Bayi Avenue\nps-2,drainage_pump,gw-1,Donghu,Bayi Avenue\n");
        await using var page = await BrowserPage.OpenAsync(service, "register", cookies: "tlm_name=Li");
        await page.LiveAsync();
        await page.View.Locator("#import").ClickAsync();
        var found = page.View.Locator("#import-found");
        await ChooseAsync(page, "wrong.csv", "id,family,heartbeat\nps-1,drainage_pump,soon\n", found.GetByText("heartbeat \"soon\""));
        Assert.True(await page.View.Locator("#import-do").IsDisabledAsync());
        await page.AssertAccessibleAsync();

        await ChooseAsync(page, "right.csv", "id,family,gateway,district,street\nps-1,drainage_pump,gw-1,Donghu,Minde Road\nps-2,drainage_pump,gw-1,Donghu,Bayi Avenue\nps-3,drainage_pump,gw-1,Xihu,Zhongshan Road\n", found.GetByText("1 new, 1 changed, 1 the same"));
        Assert.Contains("street: Bayi Avenue → Minde Road", await found.InnerTextAsync(), StringComparison.Ordinal);
        Assert.Equal("Bayi Avenue", (await service.GetAsync("api/v1/devices/ps-1")).GetProperty("street").GetString());
        await page.AssertAccessibleAsync();
        await page.View.Locator("#import-do").ClickAsync();
        await page.View.Locator("#register-said", new PageLocatorOptions { HasText = "1 devices added, 1 changed" }).WaitForAsync();
        Assert.Equal("Minde Road", (await service.GetAsync("api/v1/devices/ps-1")).GetProperty("street").GetString());
        // The list's row, not the one of what was to be added.
        await page.View.GetByRole(AriaRole.Row, new PageGetByRoleOptions { Name = "Choose ps-3" }).WaitForAsync();
    }

    [Fact]
    public async Task What_sends_and_is_not_in_the_register_is_adopted_with_what_it_sent_before()
    {
        await using var service = await ServiceProcess.StartAsync(_data.Path, 0, "--Formats:site:Topic=site/up", "--Formats:site:Format=senml-json");
        await using var page = await BrowserPage.OpenAsync(service, "register", cookies: "tlm_name=Li");
        await page.LiveAsync();
        await Clients.MosquittoPubAsync(service.MqttPort, "site/up", """[{"bn":"868001:","n":"sump_level","u":"m","v":1.5}]""", "-q", "1");
        var row = page.View.Locator("#unknown tr", new PageLocatorOptions { HasText = "868001" });
        await row.GetByRole(AriaRole.Button).ClickAsync();
        await page.View.Locator("#device-form [name=id]").FillAsync("PS-1");
        await page.View.Locator("#device-form [name=family]").SelectOptionAsync("drainage_pump");
        await page.View.Locator("#device-form [name=street]").FillAsync("Bayi Road");
        await page.AssertAccessibleAsync();
        await page.View.Locator("#save").ClickAsync();

        await page.View.Locator("#unknown-said", new PageLocatorOptions { HasText = "PS-1: 1 readings from 1 messages" }).WaitForAsync();
        await row.WaitForAsync(new LocatorWaitForOptions { State = WaitForSelectorState.Detached });
        var device = await service.GetAsync("api/v1/devices/PS-1");
        Assert.Equal(("drainage_pump", "Bayi Road"), (device.GetProperty("family").GetString(), device.GetProperty("street").GetString()));
        Assert.True(device.GetProperty("sensors").TryGetProperty("868001", out _));
    }

    [Fact]
    public async Task Devices_go_into_a_drill_striped_with_why_and_until_when_and_come_back()
    {
        await using var service = await ServiceProcess.StartAsync(_data.Path);
        await ImportAsync(service, "ps-1,drainage_pump,gw-1,Donghu,Bayi Avenue\nps-2,drainage_pump,gw-1,Donghu,Bayi Avenue\nwc-1,public_toilet,gw-2,Xihu,Zhongshan Road\n");
        await using var page = await BrowserPage.OpenAsync(service, "register?gateway=gw-1", cookies: "tlm_name=Li");
        await page.LiveAsync();
        await page.View.Locator("#found", new PageLocatorOptions { HasText = "2 devices" }).WaitForAsync();
        await page.View.Locator("#mode-found").ClickAsync();
        await page.View.Locator("[name=mode]").SelectOptionAsync("drill");
        await page.View.Locator("[name=reason]").FillAsync("autumn flood drill");
        await page.View.Locator("[name=minutes]").SelectOptionAsync("480");
        await page.AssertAccessibleAsync();
        await page.View.Locator("#set-mode").ClickAsync();
        await Wait.ForAsync("two striped lines", () => page.View.Locator("tr.drill").CountAsync(), count => count == 2);
        Assert.Contains("autumn flood drill", await page.View.Locator("tr.drill").First.InnerTextAsync(), StringComparison.Ordinal);
        await page.AssertAccessibleAsync();
        var states = (await service.GetAsync("api/v1/devices")).EnumerateArray().ToDictionary(device => device.GetProperty("id").GetString()!, device => device.GetProperty("state").GetString());
        Assert.Equal(("drill", "drill", "live"), (states["ps-1"], states["ps-2"], states["wc-1"]));

        await page.View.Locator("[aria-label='Choose ps-2']").CheckAsync();
        await page.View.Locator("#mode-chosen").ClickAsync();
        await page.View.Locator("[name=mode]").SelectOptionAsync("live");
        await page.View.Locator("#set-mode").ClickAsync();
        await Wait.ForAsync("one striped line", () => page.View.Locator("tr.drill").CountAsync(), count => count == 1);
        Assert.Equal(JsonValueKind.Null, (await service.GetAsync("api/v1/devices/ps-2")).GetProperty("stateReason").ValueKind);

        // As one exercise: what is live takes part, every view says so, and one end takes it back.
        await page.View.Locator("#mode-found").ClickAsync();
        await page.View.Locator("[name=mode]").SelectOptionAsync("test");
        await page.View.Locator("[name=exercise]").FillAsync("Pump works");
        await page.View.Locator("[name=reason]").FillAsync("new pumps");
        await page.View.Locator("#set-mode").ClickAsync();
        var banner = page.View.Locator("[data-exercise='Pump works']");
        await banner.Filter(new LocatorFilterOptions { HasText = "1 devices" }).WaitForAsync();
        await page.AssertAccessibleAsync();
        await banner.GetByRole(AriaRole.Button).ClickAsync();
        await banner.WaitForAsync(new LocatorWaitForOptions { State = WaitForSelectorState.Detached });
        Assert.Equal("live", (await service.GetAsync("api/v1/devices/ps-2")).GetProperty("state").GetString());
    }

    [Fact]
    public async Task Who_may_only_look_changes_nothing()
    {
        using var files = new TempDirectory();
        var made = JsonDocument.Parse((await ServiceProcess.RunAsync("credential", "token", "Wang", "--role", "operator", "--json")).Output).RootElement;
        var users = Path.Combine(files.Path, "users.yaml");
        await File.WriteAllTextAsync(users, $"users:\n  {made.GetProperty("line").GetString()}\n");
        await using var service = await ServiceProcess.StartAsync(_data.Path, 0, $"--Security:UsersFile={users}");
        service.Http.DefaultRequestHeaders.Authorization = new("Bearer", made.GetProperty("secret").GetString());
        await Clients.MosquittoPubAsync(service.MqttPort, "telemetry/v1/gw-1/drainage_pump/ps-1", """{"values":{"sump_level":1}}""", "-q", "1");
        await using var page = await BrowserPage.OpenAsync(service, "register");
        await page.View.Locator("#token").FillAsync(made.GetProperty("secret").GetString()!);
        await page.View.Locator("#login-button").ClickAsync();
        await page.LiveAsync();
        await page.View.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "Register" }).ClickAsync();
        await page.View.Locator("[aria-label='Edit ps-1']").ClickAsync();
        await page.View.Locator("#device-form [name=street]").FillAsync("Bayi Road");
        await page.View.Locator("#save").ClickAsync();
        await page.View.Locator("#refused", new PageLocatorOptions { HasText = "needs the role engineer" }).WaitForAsync();
        Assert.Equal(JsonValueKind.Null, (await service.GetAsync("api/v1/devices/ps-1")).GetProperty("street").ValueKind);
    }

    /// <summary>Chosen again until what it holds is shown: in the moment before the dialog listens, faster than any hand, a file is not heard.</summary>
    private static Task ChooseAsync(BrowserPage page, string name, string text, ILocator shown) => Wait.ForAsync($"{name} to be read", async () =>
    {
        await page.View.Locator("#import-file").SetInputFilesAsync(new FilePayload { Name = name, MimeType = "text/csv", Buffer = Encoding.UTF8.GetBytes(text) });
        try
        {
            await shown.WaitForAsync(new LocatorWaitForOptions { Timeout = 10_000 });
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }, 60);

    private static async Task ImportAsync(ServiceProcess service, string rows)
    {
        using var body = new StringContent("id,family,gateway,district,street\n" + rows, Encoding.UTF8, "text/csv");
        using var answer = await service.Http.PostAsync("api/v1/devices/import", body);
        Assert.Equal(200, (int)answer.StatusCode);
    }
}
