using System.Text.Json;
using Microsoft.Playwright;

namespace Telemetry.EndToEnd.Tests;

/// <summary>The operator's page of a service with users, at the size of a phone and of a desk.</summary>
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
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = "/usr/bin/chromium",
            Args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
        });
        var page = await browser.NewPageAsync(new BrowserNewPageOptions { ViewportSize = new ViewportSize { Width = width, Height = height } });
        var errors = new List<string>();
        page.PageError += (_, error) => errors.Add(error);
        await page.GotoAsync(service.Http.BaseAddress!.ToString());

        await page.Locator("#token").FillAsync("tlm_wrong");
        await page.Locator("#login-button").ClickAsync();
        await page.Locator("#login-wrong").WaitForAsync();
        Assert.False(await page.Locator("main").IsVisibleAsync());

        await page.Locator("#token").FillAsync(made.GetProperty("secret").GetString()!);
        await page.Locator("#login-button").ClickAsync();
        await page.Locator("#user-name").WaitForAsync();
        Assert.Equal("李", await page.Locator("#user-name").InnerTextAsync());
        Assert.Equal("", await page.Locator("#token").InputValueAsync());

        await Clients.MosquittoPubAsync(service.MqttPort, "telemetry/v1/gw-p/public_toilet/wc-7", """{"values":{"sos_active.3":true}}""", "-q", "1");
        await page.Locator("tr", new PageLocatorOptions { HasText = "wc-7" }).GetByRole(AriaRole.Button, new LocatorGetByRoleOptions { Name = "Acknowledge" }).ClickAsync();
        var alarm = await service.AlarmAsync("wc-7", "sos", alarm => alarm.GetProperty("state").GetString() == "active_acknowledged");
        Assert.Equal("李", alarm.GetProperty("acknowledgedBy").GetString());

        await page.ReloadAsync();
        await page.Locator("#user-name").WaitForAsync();
        await File.WriteAllTextAsync(usersFile, "users: {}\n");
        await page.Locator("#token").WaitForAsync(new LocatorWaitForOptions { Timeout = 20_000 });
        Assert.Empty(errors);
    }
}
