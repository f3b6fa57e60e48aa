using System.Text;
using Microsoft.Playwright;

namespace Telemetry.EndToEnd.Tests.Page;

/// <summary>The map by worst state, and the list that says the same without one.</summary>
[Collection("Page")]
public sealed class MapPageTests : IDisposable
{
    private const string Register = "id,family,gateway,district,street,latitude,longitude\n"
        + "wc-7,public_toilet,gw-1,Donghu,Bayi Avenue,28.6853,115.8992\n"
        + "wc-8,public_toilet,gw-1,Donghu,Bayi Avenue,28.6853,115.8992\n"
        + "wc-9,public_toilet,gw-2,Xihu,Zhongshan Road,28.6569,115.8772\n"
        + "wc-0,public_toilet,gw-2,Xihu,Zhongshan Road,,\n";

    private readonly TempDirectory _data = new();

    public void Dispose() => _data.Dispose();

    [Theory]
    [InlineData(390, 844, "zh", "dark")]
    [InlineData(1280, 800, "en", "light")]
    public async Task A_place_is_chosen_by_hand_or_keyboard_and_lists_its_devices_the_worst_first(int width, int height, string language, string theme)
    {
        await using var service = await StartAsync();
        await Clients.MosquittoPubAsync(service.MqttPort, "telemetry/v1/gw-1/public_toilet/wc-8", """{"values":{"sos_active.3":true}}""", "-q", "1");
        await service.AlarmAsync("wc-8", "sos");
        await using var page = await BrowserPage.OpenAsync(service, "map?device=wc-7", width, height, $"tlm_language={language}", $"tlm_theme={theme}");
        await page.LiveAsync();
        var here = page.View.Locator("#here-list li");
        await here.GetByText("wc-7").WaitForAsync();
        await page.View.Locator("canvas#city").ScrollIntoViewIfNeededAsync();
        // The map lies with the device at its centre, where another one stands too.
        await page.View.Locator("canvas#city").ClickAsync();
        await Wait.ForAsync("both devices of the place", async () => await here.AllInnerTextsAsync(), lines => lines.Count == 2 && lines[0].Contains("wc-8", StringComparison.Ordinal));
        await page.AssertAccessibleAsync();

        await page.View.Locator("#here-list button").First.ClickAsync();
        await here.First.WaitForAsync(new LocatorWaitForOptions { State = WaitForSelectorState.Detached });
        await page.View.Locator("canvas#city").FocusAsync();
        await page.View.Keyboard.PressAsync("+");
        await page.View.Keyboard.PressAsync("Enter");
        await here.First.GetByRole(AriaRole.Link, new LocatorGetByRoleOptions { Name = "wc-8" }).ClickAsync();
        await page.View.Locator("h1", new PageLocatorOptions { HasText = "wc-8" }).WaitForAsync();
    }

    [Fact]
    public async Task The_list_counts_each_districts_alarms_as_they_come_and_what_has_no_coordinates_is_said()
    {
        await using var service = await StartAsync();
        await using var page = await BrowserPage.OpenAsync(service, "map");
        await page.LiveAsync();
        await page.View.GetByText("3 devices, 0 with alarms; 1 without coordinates").WaitForAsync();
        var first = page.View.Locator("section[aria-labelledby=districts] tbody tr").First;
        await Clients.MosquittoPubAsync(service.MqttPort, "telemetry/v1/gw-2/public_toilet/wc-9", """{"values":{"sos_active.3":true}}""", "-q", "1");
        await Wait.ForAsync("Xihu first, with one critical alarm of two devices", async () => await first.InnerTextAsync(), text => text.Split(['\t', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) is ["Xihu", "1", "0", "0", "0", "2"]);
        await page.View.GetByText("3 devices, 1 with alarms").WaitForAsync();
    }

    [Fact]
    public async Task A_citys_own_districts_take_the_place_of_the_sketch_and_a_tile_server_is_asked_for_nothing_else()
    {
        var file = Path.Combine(_data.Path, "..", $"{Path.GetFileName(_data.Path)}.geojson");
        await File.WriteAllTextAsync(file, """{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"name":"Mitte"},"geometry":{"type":"Polygon","coordinates":[[[13.3,52.4],[13.5,52.4],[13.4,52.6],[13.3,52.4]]]}}]}""");
        try
        {
            await using var service = await ServiceProcess.StartAsync(_data.Path, 0, $"--Console:Districts={file}", "--Console:Tiles=http://127.0.0.1:9/{z}/{x}/{y}.png");
            await using var page = await BrowserPage.OpenAsync(service);
            var asked = new List<string>();
            page.View.Request += (_, request) =>
            {
                lock (asked)
                    asked.Add(request.Url);
            };
            await page.View.GotoAsync(new Uri(service.Http.BaseAddress!, "map").ToString());
            await page.View.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Mitte" }).WaitForAsync();
            Assert.Equal(0, await page.View.GetByText("Donghu").CountAsync());
            await Wait.ForAsync("a tile to be asked for", () =>
            {
                lock (asked)
                    return asked.Any(url => url.StartsWith("http://127.0.0.1:9/", StringComparison.Ordinal));
            });
        }
        finally
        {
            File.Delete(file);
        }
    }

    private async Task<ServiceProcess> StartAsync()
    {
        var service = await ServiceProcess.StartAsync(_data.Path);
        using var body = new StringContent(Register, Encoding.UTF8, "text/csv");
        using var answer = await service.Http.PostAsync("api/v1/devices/import", body);
        Assert.Equal(200, (int)answer.StatusCode);
        return service;
    }
}
