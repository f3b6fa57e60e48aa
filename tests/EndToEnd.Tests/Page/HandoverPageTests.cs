using System.Net.Http.Json;
using Microsoft.Playwright;

namespace Telemetry.EndToEnd.Tests.Page;

/// <summary>One shift hands a position to the next.</summary>
[Collection("Page")]
public sealed class HandoverPageTests
{
    [Theory]
    [InlineData(1280, 800, "en", "light")]
    [InlineData(390, 844, "zh", "dark")]
    public async Task A_position_is_manned_and_handed_over_once_both_have_seen_what_is_shelved_and_signed(int width, int height, string language, string theme)
    {
        using var data = new TempDirectory();
        await using var service = await ServiceProcess.StartAsync(data.Path);
        await Clients.MosquittoPubAsync(service.MqttPort, "telemetry/v1/gw/drainage_pump/ps-7", """{"values":{"pump_fault.1":"overload"}}""", "-q", "1");
        var fault = (await service.AlarmAsync("ps-7", "pump_fault")).GetProperty("id").GetString();
        using var shelved = await service.Http.PostAsJsonAsync($"api/v1/alarms/{fault}/shelve", new { by = "Li", reason = "fitter at work", until = TimeProvider.System.GetUtcNow().AddHours(2).ToUnixTimeMilliseconds() });
        Assert.True(shelved.IsSuccessStatusCode, await shelved.Content.ReadAsStringAsync());

        await using var page = await BrowserPage.OpenAsync(service, "handover", width, height, $"tlm_language={language}", $"tlm_theme={theme}");
        await page.LiveAsync();
        // Who says no name signs nothing.
        await page.View.Locator("[data-do=sign-on]").ClickAsync();
        await page.View.Locator(".mud-snackbar").WaitForAsync();
        Assert.Equal(System.Text.Json.JsonValueKind.Null, (await service.GetAsync("api/v1/positions"))[0].GetProperty("person").ValueKind);
        await NameAsync(page, "Li");
        await page.View.Locator("[data-do=sign-on]").ClickAsync();
        await page.View.Locator("#position-list", new PageLocatorOptions { HasText = "Li" }).WaitForAsync();
        await page.View.Locator("#note").FillAsync("pump 2 at ps-9 sounds rough");
        await page.View.Locator("#add-note").ClickAsync();
        await page.View.Locator("#note-list", new PageLocatorOptions { HasText = "Li: pump 2 at ps-9" }).WaitForAsync();
        await page.AssertAccessibleAsync();

        await page.View.Locator("#open-handover").ClickAsync();
        await page.View.Locator("#sign").WaitForAsync();
        await page.View.Locator("#document", new PageLocatorOptions { HasText = "fitter at work" }).WaitForAsync();
        await page.View.Locator("#document", new PageLocatorOptions { HasText = "pump 2 at ps-9" }).WaitForAsync();
        await page.AssertAccessibleAsync();
        // Not before the shelved alarm was ticked.
        await page.View.Locator("#sign").ClickAsync();
        await page.View.Locator(".mud-snackbar", new PageLocatorOptions { HasText = "ps-7 pump_fault" }).WaitForAsync();
        await page.View.Locator($"[data-seen='{fault}']").CheckAsync();
        await page.View.Locator("#sign").ClickAsync();
        await page.View.Locator("#sign-panel", new PageLocatorOptions { HasText = "Li ✓" }).WaitForAsync();

        // What Li has seen Wang has not.
        await NameAsync(page, "Wang");
        Assert.False(await page.View.Locator($"[data-seen='{fault}']").IsCheckedAsync());
        await page.View.Locator($"[data-seen='{fault}']").CheckAsync();
        await page.View.Locator("#sign").ClickAsync();
        await page.View.Locator("#sign-panel").WaitForAsync(new LocatorWaitForOptions { State = WaitForSelectorState.Detached });
        await page.View.Locator("#position-list", new PageLocatorOptions { HasText = "Wang" }).WaitForAsync();
        Assert.Equal("Wang", (await service.GetAsync("api/v1/positions"))[0].GetProperty("person").GetString());

        await page.View.Locator("#earlier + ul a").First.ClickAsync();
        await page.View.Locator("#document", new PageLocatorOptions { HasText = "fitter at work" }).WaitForAsync();
        var handover = (await service.GetAsync("api/v1/handovers"))[0];
        await page.View.Locator("#document", new PageLocatorOptions { HasText = handover.GetProperty("hash").GetString() }).WaitForAsync();
        await page.AssertAccessibleAsync();
    }

    private static async Task NameAsync(BrowserPage page, string name)
    {
        await page.View.Locator("#who-acts").FillAsync(name);
        await page.View.Keyboard.PressAsync("Tab");
    }
}
