using System.Net.Http.Json;
using Microsoft.Playwright;

namespace Telemetry.EndToEnd.Tests.Page;

/// <summary>What could not be read, its bytes, and decoding it again once the cause is mended.</summary>
[Collection("Page")]
public sealed class DeadLettersPageTests
{
    [Theory]
    [InlineData(1280, 800, "en", "dark")]
    [InlineData(390, 844, "zh", "light")]
    public async Task A_letter_shows_its_bytes_and_is_decoded_again_once_its_sender_is_known(int width, int height, string language, string theme)
    {
        using var data = new TempDirectory();
        await using var service = await ServiceProcess.StartAsync(data.Path, 0, "--Formats:site:Topic=site/up", "--Formats:site:Format=senml-json");
        await Clients.MosquittoPubAsync(service.MqttPort, "telemetry/v1/gw/drainage_pump/PS-1", """{"values":{"sump_levle":1.5}}""", "-q", "1");
        await Clients.MosquittoPubAsync(service.MqttPort, "site/up", """[{"bn":"868001:","n":"sump_level","u":"m","v":1.5}]""", "-q", "1");
        await service.CaughtUpAsync();
        await using var page = await BrowserPage.OpenAsync(service, "deadletters", width, height, $"tlm_language={language}", $"tlm_theme={theme}", "tlm_name=Li");
        await page.LiveAsync();
        await page.View.Locator("#letters tbody tr").Nth(1).WaitForAsync();
        await page.AssertAccessibleAsync();

        await page.View.Locator("#reasons a", new PageLocatorOptions { HasText = "unknown_channel" }).ClickAsync();
        await page.View.Locator("#letters tbody tr").Nth(1).WaitForAsync(new LocatorWaitForOptions { State = WaitForSelectorState.Detached });
        await page.View.Locator("#letters button").First.ClickAsync();
        var letter = page.View.Locator("#letter");
        await letter.WaitForAsync();
        var text = await letter.InnerTextAsync();
        Assert.Contains("""{"values":{"sump_levle":1.5}}""", text, StringComparison.Ordinal);
        Assert.Contains("7b 22 76 61 6c 75 65 73", text, StringComparison.Ordinal);
        Assert.Contains("sump_level", text, StringComparison.Ordinal);
        await page.AssertAccessibleAsync();
        await letter.GetByRole(AriaRole.Button).ClickAsync();

        // Still a mistake: what would come of it is nothing.
        await page.View.Locator("#dry").ClickAsync();
        await page.View.Locator("#result", new PageLocatorOptions { HasText = "1 × unknown_channel" }).WaitForAsync();

        // Its sender is registered with hardware that no letter is read for by itself: a channel that was wrong stays, the other becomes a reading.
        using var device = await service.Http.PutAsJsonAsync("api/v1/devices/PS-9", new { family = "drainage_pump", sensors = new Dictionary<string, string> { ["868001"] = "" } });
        Assert.True(device.IsSuccessStatusCode, await device.Content.ReadAsStringAsync());
        await page.View.Locator("#filter [name=reason]").SelectOptionAsync("");
        await page.View.Locator("#filter [name=all]").CheckAsync();
        await page.View.Locator("#filter button[type=submit]").ClickAsync();
        await page.View.Locator("#letters tr.over", new PageLocatorOptions { HasText = "868001" }).WaitForAsync();
        await Wait.ForAsync("the reading in the store", () => service.GetAsync("api/v1/devices/PS-9/readings?channel=sump_level&from=0"), readings => readings.GetArrayLength() == 1);
    }

    [Fact]
    public async Task Letters_are_decoded_again_by_the_button_in_the_name_of_who_asked()
    {
        using var data = new TempDirectory();
        await using var service = await ServiceProcess.StartAsync(data.Path);
        await Clients.MosquittoPubAsync(service.MqttPort, "telemetry/v1/gw/weather_station/W-1", """{"ts":1790000000000,"values":{"wind":3}}""", "-q", "1");
        await service.CaughtUpAsync();
        await using var page = await BrowserPage.OpenAsync(service, "deadletters?reason=unknown_family", cookies: "tlm_name=Li");
        await page.LiveAsync();
        await page.View.Locator("#letters tbody tr").WaitForAsync();
        const string Family = """
            family: weather_station
            title: {en: Weather station, zh: 气象站}
            heartbeat: 10min
            lateness: 24h
            rationalised: {by: shipped default, on: null}
            channels:
              wind: {unit: m/s, plausible: 0..100, every: 10min, title: {en: Wind, zh: 风速}}
            rules:
              offline:
                kind: ticket
                title: {en: Silent, zh: 离线}
                when: silent
                action: {en: Look, zh: 查看}
                source: engineering default
            """;
        using var content = new StringContent(Family, System.Net.Http.Headers.MediaTypeHeaderValue.Parse("text/yaml; charset=utf-8"));
        using var put = await service.Http.PutAsync(new Uri("api/v1/families/weather_station", UriKind.Relative), content);
        Assert.True(put.IsSuccessStatusCode, await put.Content.ReadAsStringAsync());
        await page.View.Locator("#redecode").ClickAsync();
        await page.View.Locator("#result", new PageLocatorOptions { HasText = "1 readings from 1 of 1 letters" }).WaitForAsync();
        await page.View.Locator("#letters").WaitForAsync(new LocatorWaitForOptions { State = WaitForSelectorState.Detached });
        await service.CaughtUpAsync();
        var readings = await service.GetAsync("api/v1/devices/W-1/readings?channel=wind&from=0");
        Assert.Equal(3, readings[0].GetProperty("value").GetDouble());
    }
}
