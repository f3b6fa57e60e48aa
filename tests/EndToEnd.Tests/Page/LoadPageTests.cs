using System.Globalization;
using Microsoft.Playwright;

namespace Telemetry.EndToEnd.Tests.Page;

/// <summary>The operators' load as the page shows it.</summary>
[Collection("Page")]
public sealed class LoadPageTests
{
    [Theory]
    [InlineData(1280, 800, "en", "light")]
    [InlineData(390, 844, "zh", "dark")]
    public async Task A_flood_is_said_aloud_and_stands_in_the_days_bars_and_in_their_table(int width, int height, string language, string theme)
    {
        using var data = new TempDirectory();
        await using var service = await ServiceProcess.StartAsync(data.Path);
        await using var page = await BrowserPage.OpenAsync(service, "load", width, height, $"tlm_language={language}", $"tlm_theme={theme}");
        await page.LiveAsync();
        for (var number = 0; number < 11; number++)
            await Clients.MosquittoPubAsync(service.MqttPort, string.Create(CultureInfo.InvariantCulture, $"telemetry/v1/gw/public_toilet/wc-{number}"), """{"values":{"sos_active.3":true}}""", "-q", "1");
        // Its connection stays: the gateway's own alarm would be a thirteenth.
        using var gateway = Clients.Start("mosquitto_pub", "-p", service.MqttPort.ToString(CultureInfo.InvariantCulture), "-q", "1", "-l", "-t", "telemetry/v1/gw/public_toilet/wc-11");
        await gateway.StandardInput.WriteLineAsync("""{"values":{"sos_active.3":true}}""");
        await gateway.StandardInput.FlushAsync();
        await page.View.Locator(".trouble:visible", new PageLocatorOptions { HasText = "12" }).WaitForAsync();
        await page.View.Locator(".day rect.critical").First.WaitForAsync();
        Assert.Equal("12", await page.View.Locator("table.list tr.chosen td.number").First.InnerTextAsync());
        await page.View.Locator(".day summary").ClickAsync();
        var table = page.View.Locator(".day table tbody");
        await table.WaitForAsync();
        var counts = await table.Locator("tr td:nth-child(2)").AllInnerTextsAsync();
        Assert.Equal(12, counts.Sum(count => int.Parse(count, CultureInfo.InvariantCulture)));
        Assert.Contains("public_toilet/sos", await page.View.Locator("main").InnerTextAsync(), StringComparison.Ordinal);
        await page.AssertAccessibleAsync();

        // A district's figures, by its name.
        await page.View.Locator("table.list button.link").Nth(1).ClickAsync();
        await page.View.Locator("#chosen", new PageLocatorOptions { HasText = language == "zh" ? "无区" : "without a district" }).WaitForAsync();
        var csv = await service.Http.GetStringAsync(new Uri(await page.View.Locator("a[download]").First.GetAttributeAsync("href") ?? "", UriKind.Relative));
        Assert.Contains("public_toilet,sos", csv, StringComparison.Ordinal);
        gateway.StandardInput.Close();
    }
}
