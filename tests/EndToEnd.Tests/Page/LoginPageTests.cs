using System.Text.Json;
using Microsoft.Playwright;

namespace Telemetry.EndToEnd.Tests.Page;

/// <summary>The operator's page of a service with users, at the size of a phone and of a desk.</summary>
[Collection("Page")]
public sealed class LoginPageTests
{
    [Theory]
    [InlineData(390, 844)]
    [InlineData(1280, 800)]
    public async Task A_token_lets_in_acts_in_the_users_name_and_its_end_brings_the_form_back(int width, int height)
    {
        using var data = new TempDirectory();
        using var files = new TempDirectory();
        var usersFile = Path.Combine(files.Path, "users.yaml");
        var made = JsonDocument.Parse((await ServiceProcess.RunAsync("credential", "token", "李", "--role", "operator", "--json")).Output).RootElement;
        await File.WriteAllTextAsync(usersFile, $"users:\n  {made.GetProperty("line").GetString()}\n");
        await using var service = await ServiceProcess.StartAsync(data.Path, 0, $"--Security:UsersFile={usersFile}");
        service.Http.DefaultRequestHeaders.Authorization = new("Bearer", made.GetProperty("secret").GetString());
        await using var browser = await BrowserPage.OpenAsync(service, "", width, height);
        var page = browser.View;
        await page.AddInitScriptAsync("window.tones = 0; const start = OscillatorNode.prototype.start; OscillatorNode.prototype.start = function (at) { window.tones++; return start.call(this, at); };");

        await browser.AssertAccessibleAsync();
        Assert.True(await page.Locator("#unheard").IsHiddenAsync());
        await page.Locator("#token").FillAsync("tlm_wrong");
        await page.Locator("#login-button").ClickAsync();
        await page.Locator("#login-wrong").WaitForAsync();
        Assert.EndsWith("/login", page.Url, StringComparison.Ordinal);

        await page.Locator("#token").FillAsync(made.GetProperty("secret").GetString()!);
        await page.Locator("#login-button").ClickAsync();
        await browser.LiveAsync();
        Assert.Contains("李 · operator", await page.Locator(".who").InnerTextAsync(), StringComparison.Ordinal);

        await Clients.MosquittoPubAsync(service.MqttPort, "telemetry/v1/gw-p/public_toilet/wc-7", """{"values":{"sos_active.3":true}}""", "-q", "1");
        await page.Locator("tr", new PageLocatorOptions { HasText = "wc-7" }).GetByRole(AriaRole.Button, new LocatorGetByRoleOptions { Name = "Acknowledge" }).ClickAsync();
        var alarm = await service.AlarmAsync("wc-7", "sos", alarm => alarm.GetProperty("state").GetString() == "active_acknowledged");
        Assert.Equal("李", alarm.GetProperty("acknowledgedBy").GetString());

        await page.ReloadAsync();
        await browser.LiveAsync();
        await File.WriteAllTextAsync(usersFile, "users: {}\n");
        await page.Locator("#token").WaitForAsync();

        // Whoever sits there looks elsewhere, and no alarm is heard any more.
        await page.Locator("#unheard").WaitForAsync();
        await page.WaitForFunctionAsync("() => window.tones > 0");
        await browser.AssertAccessibleAsync();
        await page.Locator("#unheard button").ClickAsync();
        Assert.True(await page.Locator("#unheard").IsHiddenAsync());
        await page.ReloadAsync();
        Assert.True(await page.Locator("#unheard").IsHiddenAsync());
    }

    [Fact]
    public async Task Before_the_pages_script_is_there_a_password_is_not_sent_by_the_browser_itself_which_would_put_it_into_the_address()
    {
        using var data = new TempDirectory();
        await using var service = await ServiceProcess.StartAsync(data.Path, 0, "--Security:Accounts=true");
        await using var browser = await BrowserPage.OpenAsync(service, "login");
        var page = browser.View;
        await page.RouteAsync("**/*.js*", route => route.AbortAsync());
        await page.ReloadAsync();

        await page.Locator("#name").FillAsync("admin");
        await page.Locator("#password").FillAsync("four words of mine");
        await page.Locator("#password").PressAsync("Enter");

        Assert.True(await page.Locator("#login-button").IsDisabledAsync());
        Assert.EndsWith("/login", page.Url, StringComparison.Ordinal);
    }
}
