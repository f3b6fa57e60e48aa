using Microsoft.Playwright;

namespace Telemetry.EndToEnd.Tests.Page;

/// <summary>Rules in words, a change of them tried on what was recorded, and put in force by one person or by two.</summary>
[Collection("Page")]
public sealed class RulesPageTests : IDisposable
{
    private readonly TempDirectory _data = new();

    public void Dispose() => _data.Dispose();

    [Fact]
    public async Task A_change_is_checked_tried_on_the_past_and_put_in_force()
    {
        await using var service = await ServiceProcess.StartAsync(_data.Path);
        await Clients.MosquittoPubAsync(service.MqttPort, "telemetry/v1/gw/manhole_cover/C-1", """{"values":{"battery_level":24}}""", "-q", "1");
        await service.CaughtUpAsync();
        await using var page = await BrowserPage.OpenAsync(service, "rules", cookies: "tlm_name=Li");
        await page.LiveAsync();
        await page.AssertAccessibleAsync();
        await page.View.Locator("#find").FillAsync("battery_level");
        await page.View.Locator("section.family", new PageLocatorOptions { HasText = "Drainage pump station" }).WaitForAsync(new LocatorWaitForOptions { State = WaitForSelectorState.Detached });
        await page.View.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "Manhole cover" }).ClickAsync();
        await page.View.Locator("#battery_low", new PageLocatorOptions { HasText = "20 %" }).WaitForAsync();
        await page.AssertAccessibleAsync();

        await page.View.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "Change, try, put in force" }).ClickAsync();
        var file = page.View.Locator("#file");
        await page.View.Locator("#checked", new PageLocatorOptions { HasText = "No mistake" }).WaitForAsync();
        var shipped = await file.InputValueAsync();
        await file.FillAsync(shipped.Replace("when: battery_level", "when: batery_level", StringComparison.Ordinal));
        await page.View.Locator("#check").ClickAsync();
        var mistake = page.View.Locator(".mistakes li", new PageLocatorOptions { HasText = "batery_level" });
        await mistake.WaitForAsync();
        await page.AssertAccessibleAsync();
        // The mistake leads to its place in the field.
        await mistake.GetByRole(AriaRole.Button).ClickAsync();
        await Wait.ForAsync("the caret on the mistake", async () => await page.View.EvaluateAsync<string>("(() => { const f = document.activeElement; return f.value?.slice(f.selectionStart, f.selectionEnd) ?? ''; })()") is { } chosen && chosen.StartsWith("batery_level", StringComparison.Ordinal));
        Assert.True(await page.View.Locator("#apply").IsDisabledAsync());

        var changed = shipped.Replace("battery_level < 20 %", "battery_level < 30 %", StringComparison.Ordinal).Replace("""
                deadband: 5 %
                delay: {on: 24h}
            """, """
                deadband: 5 %
                delay: {on: 0s}
            """, StringComparison.Ordinal);
        await file.FillAsync(changed);
        await page.View.Locator("#check").ClickAsync();
        await page.View.Locator(".diff .came", new PageLocatorOptions { HasText = "battery_level < 30 %" }).WaitForAsync();
        await page.View.Locator("#try").ClickAsync();
        await page.View.Locator("#backtest .cards li", new PageLocatorOptions { HasText = "added" }).WaitForAsync();
        Assert.Equal("1", await page.View.Locator("#backtest .cards li", new PageLocatorOptions { HasText = "added" }).GetAttributeAsync("data-count"));
        await page.View.Locator("#backtest", new PageLocatorOptions { HasText = "C-1 · battery_low · added" }).WaitForAsync();
        await page.AssertAccessibleAsync();

        await page.View.Locator("#apply").ClickAsync();
        await page.View.Locator("#applied").WaitForAsync();
        Assert.Equal(changed, await service.Http.GetStringAsync(new Uri("api/v1/families/manhole_cover/text", UriKind.Relative)));
        var newest = (await service.GetAsync("api/v1/families/manhole_cover/versions"))[0];
        Assert.Equal("Li", newest.GetProperty("by").GetString());
    }

    [Theory]
    [InlineData(390, 844, "zh", "dark")]
    public async Task What_reaches_a_rule_that_nobody_may_shelve_waits_for_a_second_person(int width, int height, string language, string theme)
    {
        await using var service = await ServiceProcess.StartAsync(_data.Path);
        string[] choices = [$"tlm_language={language}", $"tlm_theme={theme}"];
        await using var author = await BrowserPage.OpenAsync(service, "rules/gas_valve/edit", width, height, [.. choices, "tlm_name=Li"]);
        await author.LiveAsync();
        await author.View.Locator("#checked .good").WaitForAsync();
        var shipped = await author.View.Locator("#file").InputValueAsync();
        var changed = shipped.Replace("methane_lel >= 20 %LEL", "methane_lel >= 25 %LEL", StringComparison.Ordinal);
        Assert.NotEqual(shipped, changed);
        await author.View.Locator("#file").FillAsync(changed);
        await author.View.Locator("#check").ClickAsync();
        await author.View.Locator(".diff .came").First.WaitForAsync();
        await author.View.Locator("#apply").ClickAsync();
        await author.View.Locator("#applied").WaitForAsync();
        await author.View.Locator("[data-proposal]").WaitForAsync();
        await author.AssertAccessibleAsync();
        // Who has written it does not approve it.
        await author.View.Locator("[data-proposal] button").ClickAsync();
        await author.View.Locator(".mud-snackbar").WaitForAsync();
        Assert.Equal(shipped, await service.Http.GetStringAsync(new Uri("api/v1/families/gas_valve/text", UriKind.Relative)));

        await using var second = await BrowserPage.OpenAsync(service, "rules", width, height, [.. choices, "tlm_name=Wang"]);
        await second.LiveAsync();
        await second.AssertAccessibleAsync();
        await second.View.Locator("[data-proposal] button").ClickAsync();
        await second.View.Locator("[data-proposal]").WaitForAsync(new LocatorWaitForOptions { State = WaitForSelectorState.Detached });
        Assert.Equal(changed, await service.Http.GetStringAsync(new Uri("api/v1/families/gas_valve/text", UriKind.Relative)));
        var newest = (await service.GetAsync("api/v1/families/gas_valve/versions"))[0];
        Assert.Equal(("Li", "Wang"), (newest.GetProperty("by").GetString(), newest.GetProperty("approvedBy").GetString()));
    }
}
