using System.Net.Http.Json;
using Microsoft.Playwright;

namespace Telemetry.EndToEnd.Tests.Page;

/// <summary>What is shelved, suppressed and out of service, and how it comes back.</summary>
[Collection("Page")]
public sealed class HiddenPageTests
{
    [Theory]
    [InlineData(1280, 800, "en", "dark")]
    [InlineData(390, 844, "zh", "light")]
    public async Task What_is_hidden_says_by_whom_and_what_is_beneath_and_comes_back_by_its_button(int width, int height, string language, string theme)
    {
        using var data = new TempDirectory();
        await using var service = await ServiceProcess.StartAsync(data.Path);
        await Clients.MosquittoPubAsync(service.MqttPort, "telemetry/v1/gw/drainage_pump/ps-7", """{"values":{"pump_fault.1":"overload"}}""", "-q", "1");
        await Clients.MosquittoPubAsync(service.MqttPort, "telemetry/v1/gw/public_toilet/wc-7", """{"values":{"sos_active.3":true}}""", "-q", "1");
        var fault = (await service.AlarmAsync("ps-7", "pump_fault")).GetProperty("id").GetString();
        var sos = (await service.AlarmAsync("wc-7", "sos")).GetProperty("id").GetString();
        await PostAsync(service, $"{fault}/shelve", new { by = "Li", reason = "fitter at work", until = TimeProvider.System.GetUtcNow().AddHours(2).ToUnixTimeMilliseconds() });
        await PostAsync(service, $"{sos}/out-of-service", new { by = "Wang", reason = "cable cut", permit = "WP-77", watch = "guard every 10 min" });

        await using var page = await BrowserPage.OpenAsync(service, "hidden", width, height, $"tlm_language={language}", $"tlm_theme={theme}", "tlm_name=Zhao");
        await page.LiveAsync();
        var shelved = page.View.Locator("#shelved tr", new PageLocatorOptions { HasText = "ps-7" });
        var text = await shelved.InnerTextAsync();
        Assert.Contains("Li: fitter at work", text, StringComparison.Ordinal);
        Assert.Contains(language == "zh" ? "报警中" : "active", text, StringComparison.Ordinal);
        Assert.Contains(language == "zh" ? "还剩" : "left", text, StringComparison.Ordinal);
        var outOfService = await page.View.Locator("#out_of_service tr", new PageLocatorOptions { HasText = "wc-7" }).InnerTextAsync();
        Assert.Contains("WP-77", outOfService, StringComparison.Ordinal);
        Assert.Contains("guard every 10 min", outOfService, StringComparison.Ordinal);
        await page.AssertAccessibleAsync();

        await shelved.GetByRole(AriaRole.Button).ClickAsync();
        await shelved.WaitForAsync(new LocatorWaitForOptions { State = WaitForSelectorState.Detached });
        await service.AlarmAsync("ps-7", "pump_fault", alarm => alarm.GetProperty("state").GetString() == "active_unacknowledged");
        await page.View.Locator("#out_of_service tr", new PageLocatorOptions { HasText = "wc-7" }).GetByRole(AriaRole.Button).ClickAsync();
        await page.View.Locator("#out_of_service .empty").WaitForAsync();
        await service.AlarmAsync("wc-7", "sos", alarm => alarm.GetProperty("state").GetString() == "active_unacknowledged");
    }

    private static async Task PostAsync(ServiceProcess service, string path, object body)
    {
        using var answer = await service.Http.PostAsJsonAsync($"api/v1/alarms/{path}", body);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }
}
