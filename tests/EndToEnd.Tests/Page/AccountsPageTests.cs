using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.RegularExpressions;
using Microsoft.Playwright;

namespace Telemetry.EndToEnd.Tests.Page;

/// <summary>Accounts and tokens from the first administrator's one-time password on.</summary>
[Collection("Page")]
public sealed partial class AccountsPageTests
{
    private const string Password = "wet brown fox 7 lamps";

    [Fact]
    public async Task The_first_administrator_makes_an_account_and_a_token_and_ends_both()
    {
        using var data = new TempDirectory();
        await using var service = await ServiceProcess.StartAsync(data.Path, 0, "--Security:Accounts=true");
        await using var browser = await BrowserPage.OpenAsync(service, "login", 1400, 900);
        var page = browser.View;
        var first = FirstPassword().Match(service.Output).Groups[1].Value;
        await page.Locator("#name").FillAsync("admin");
        await page.Locator("#password").FillAsync(first);
        await page.Locator("#login-button").ClickAsync();
        await page.Locator("#current").FillAsync(first);
        await page.Locator("#next").FillAsync(Password);
        await page.Locator("#again").FillAsync(Password);
        await page.Locator("#login-button").ClickAsync();
        await browser.LiveAsync();

        // A token for a program: what is shown once lets it in.
        await page.Locator("header a.who").ClickAsync();
        await page.Locator("#new-token").ClickAsync();
        await page.Locator("#token-form [name=token]").FillAsync("Grafana");
        await browser.AssertAccessibleAsync();
        await page.Locator("#make-token").ClickAsync();
        var token = await page.Locator("#once-secret").InputValueAsync();
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(service, token));
        await page.Locator("[data-copy]").ClickAsync();
        await page.Locator("#once output", new PageLocatorOptions { HasText = "Copied" }).WaitForAsync();
        await page.Locator("#once-done").ClickAsync();

        // A register's district can be chosen; none of some is refused where it was entered.
        using (var login = await service.Http.PostAsJsonAsync("api/v1/session", new { name = "admin", password = Password }))
            Assert.Equal(HttpStatusCode.OK, login.StatusCode);
        using (var put = await service.Http.PutAsJsonAsync("api/v1/devices/wc-7", new { family = "public_toilet", district = "Xihu" }))
            Assert.True(put.IsSuccessStatusCode, await put.Content.ReadAsStringAsync());
        await page.Locator("#new-account").ClickAsync();
        await page.Locator("#account-form [name=account]").FillAsync("li");
        await page.Locator("[name=all-districts]").UncheckAsync();
        await page.Locator("#save").ClickAsync();
        await page.Locator("#refused", new PageLocatorOptions { HasText = "districts" }).WaitForAsync();
        await page.Locator("[name=district][value=Xihu]").CheckAsync();
        await browser.AssertAccessibleAsync();
        await page.Locator("#save").ClickAsync();
        await page.Locator("#once", new PageLocatorOptions { HasText = "li" }).WaitForAsync();
        var once = await page.Locator("#once-secret").InputValueAsync();
        var row = page.Locator("#account-list tr", new PageLocatorOptions { HasText = "li" }).Filter(new LocatorFilterOptions { HasText = "Xihu" });
        await row.WaitForAsync();
        await browser.AssertAccessibleAsync();
        await browser.PictureAsync("accounts");

        // Forgotten: another one, and the first is void.
        await page.Locator("[aria-label='New password of li']").ClickAsync();
        await browser.AssertAccessibleAsync();
        await page.Locator("#sure").ClickAsync();
        await Wait.ForAsync("another password", () => page.Locator("#once-secret").InputValueAsync(), shown => shown != once);
        Assert.Equal(HttpStatusCode.Unauthorized, await LogInAsync(service, "li", once));
        Assert.Equal(HttpStatusCode.OK, await LogInAsync(service, "li", await page.Locator("#once-secret").InputValueAsync()));

        // On a phone, in Chinese, in the dark; the session of the test's own client is the other one.
        await page.SetViewportSizeAsync(390, 844);
        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "中文" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "深色" }).ClickAsync();
        await page.Locator("#end-others").ClickAsync();
        await page.Locator("#sure").ClickAsync();
        await page.Locator("#accounts-said", new PageLocatorOptions { HasText = "已退出 1 处" }).WaitForAsync();
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(service, null));
        await browser.AssertAccessibleAsync();
        await page.Locator("[aria-label^='吊销 Grafana']").ClickAsync();
        await page.Locator("#sure").ClickAsync();
        await page.Locator("#accounts-said", new PageLocatorOptions { HasText = "Grafana" }).WaitForAsync();
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(service, token));
        await page.Locator("[aria-label='更改 li']").ClickAsync();
        await page.Locator("[name=disabled]").CheckAsync();
        await page.Locator("#save").ClickAsync();
        await page.Locator("#accounts-said", new PageLocatorOptions { HasText = "li 已停用" }).WaitForAsync();
    }

    private static async Task<HttpStatusCode> StatusAsync(ServiceProcess service, string? token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri("api/v1/stats", UriKind.Relative));
        if (token is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var answer = await service.Http.SendAsync(request);
        return answer.StatusCode;
    }

    private static async Task<HttpStatusCode> LogInAsync(ServiceProcess service, string name, string password)
    {
        using var http = new HttpClient { BaseAddress = service.Http.BaseAddress };
        using var answer = await http.PostAsJsonAsync("api/v1/session", new { name, password });
        return answer.StatusCode;
    }

    [GeneratedRegex("first administrator: name admin, password (\\S+)")]
    private static partial Regex FirstPassword();
}
