using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Playwright;

namespace Telemetry.EndToEnd.Tests.Page;

/// <summary>Who is on call, the week's rota with its gaps, and who would be told, if.</summary>
[Collection("Page")]
public sealed class OnDutyPageTests
{
    private const string File = """
        people:
          wang: {name: 王伟, phone: "+8613800000001"}
          li:   {name: 李娜, phone: "+8613800000002"}
          chen: {name: 陈刚, phone: "+8613800000003"}
        teams:
          duty:
            title: {en: Duty crew, zh: 值班班组}
            people: [wang, li]
            leader: chen
          nobody:
            title: {en: Sunday crew, zh: 周日班组}
            shifts:
              day: {hours: 08:00-20:00, people: [li], days: [sunday]}
        routes:
          - {family: tunnel, severity: critical, hours: 20:00-08:00, to: nobody}
          - to: duty
        drill: [chen]
        """;

    [Theory]
    [InlineData(1280, 800, "en", "light")]
    [InlineData(390, 844, "zh", "dark")]
    public async Task The_rota_shows_its_gaps_and_a_dry_run_says_who_would_be_told(int width, int height, string language, string theme)
    {
        using var data = new TempDirectory();
        using var files = new TempDirectory();
        var path = files.File("notify.yaml");
        await System.IO.File.WriteAllTextAsync(path, File);
        await using var service = await ServiceProcess.StartAsync(data.Path, 0, $"--Notify:File={path}");
        await using var page = await BrowserPage.OpenAsync(service, "oncall", width, height, $"tlm_language={language}", $"tlm_theme={theme}");
        await page.LiveAsync();
        var now = await service.GetAsync("api/v1/notify/rota?team=duty");
        await page.View.Locator("#on-call-now li", new PageLocatorOptions { HasText = now[0].GetProperty("duties")[0].GetProperty("name").GetString() }).First.WaitForAsync();
        // Six days of seven have nobody, and Sunday nobody at night.
        Assert.True(await page.View.Locator("#rota tr", new PageLocatorOptions { HasText = language == "zh" ? "周日班组" : "Sunday crew" }).Locator(".gap").CountAsync() >= 7);
        await page.AssertAccessibleAsync();

        await page.View.Locator("#ask-dry-run [name=rule]").SelectOptionAsync("gas_valve/leak_high");
        await page.View.Locator("#who").ClickAsync();
        var told = page.View.Locator("#told tbody tr");
        await told.First.WaitForAsync();
        // On call at once, the other one after 3 min, the leader after 6.
        Assert.Equal(3, await told.CountAsync());
        Assert.Contains("陈刚", await told.Nth(2).InnerTextAsync(), StringComparison.Ordinal);
        Assert.Contains("燃气泄漏", await page.View.Locator("#told .message").First.InnerTextAsync(), StringComparison.Ordinal);
        await page.AssertAccessibleAsync();

        await page.View.Locator("#ask-dry-run [name=mode]").SelectOptionAsync("drill");
        await page.View.Locator("#who").ClickAsync();
        await Wait.ForAsync("the drill's roster alone", async () => await told.CountAsync() == 1 && (await told.First.InnerTextAsync()).Contains("陈刚", StringComparison.Ordinal));

        await page.View.Locator("#ask-dry-run [name=device]").FillAsync("nowhere");
        await page.View.Locator("#who").ClickAsync();
        await page.View.Locator("#dry-run-panel .wrong", new PageLocatorOptions { HasText = "nowhere" }).WaitForAsync();
    }

    [Fact]
    public async Task A_test_by_each_channel_is_sent_by_hand_and_proved_by_the_code_that_came()
    {
        using var data = new TempDirectory();
        using var files = new TempDirectory();
        using var keys = new PushBrowser();
        await using var provider = await Receiver.StartAsync();
        await using var pushServer = await PushServer.StartAsync();
        var path = files.File("notify.yaml");
        // Not today: the weekly test goes out whenever its day is, and would be another one beside that by hand.
        var day = TimeProvider.System.GetUtcNow().AddDays(3).DayOfWeek.ToString().ToLowerInvariant();
        await System.IO.File.WriteAllTextAsync(path, File + $"\nproof: {{day: {day}, at: \"10:00\", to: duty}}\nchannels: {{critical: [sms, push], high: [sms], medium: [sms], low: [sms]}}\n");
        await using var service = await ServiceProcess.StartAsync(
            data.Path, 0, $"--Notify:File={path}", $"--Notify:Sms:Url={provider.Url}sms", """--Notify:Sms:Body={"to":"{phone}","text":"{text}","id":"{key}"}""", "--Notify:Sms:Success=code=0",
            "--Notify:Push:Subject=mailto:ops@example.cn", $"--Notify:Push:Origins={pushServer.Url.GetLeftPart(UriPartial.Authority)}");
        await using var page = await BrowserPage.OpenAsync(service, "health/live", cookies: "tlm_name=Zhao");
        await StandInForThePushServiceAsync(page, pushServer.Url, keys);
        await page.View.GotoAsync(new Uri(service.Http.BaseAddress!, "oncall").ToString());
        await page.LiveAsync();
        var (workers, registration) = await WatchWorkersAsync(page);
        await page.View.Locator("#push[data-state=off]").WaitForAsync();
        var onCall = (await service.GetAsync("api/v1/notify/rota?team=duty"))[0].GetProperty("duties")[0].GetProperty("person").GetString()!;
        await page.View.Locator("#push-person").SelectOptionAsync(onCall);
        await page.View.Locator("#push-on").ClickAsync();
        await page.View.Locator("#push[data-state=on]").WaitForAsync();

        await page.View.Locator("#prove").ClickAsync();
        var row = page.View.Locator("#proofs [data-channel=sms]");
        await row.Locator("input").WaitForAsync();
        await page.AssertAccessibleAsync();
        await Wait.ForAsync("the test to arrive", () => Task.FromResult(provider.Taken.Count == 1 && pushServer.All.Count == 1));
        var code = Regex.Match(JsonDocument.Parse(provider.Taken[0].Body).RootElement.GetProperty("text").GetString()!, "[0-9]{4}").Value;
        await row.Locator("input").FillAsync(code == "9999" ? "0000" : "9999");
        await row.GetByRole(AriaRole.Button).ClickAsync();
        await page.View.Locator(".mud-snackbar").WaitForAsync();
        await row.Locator("input").FillAsync(code);
        await row.GetByRole(AriaRole.Button).ClickAsync();
        await row.Locator(".good", new LocatorLocatorOptions { HasText = "proved" }).WaitForAsync();
        Assert.Contains((await service.GetAsync("api/v1/notify/proof")).GetProperty("proofs").EnumerateArray(), proof => proof.GetProperty("confirmedBy").GetString() == "Zhao");
        Assert.Equal("1", await page.View.Locator("#channel-list tbody tr", new PageLocatorOptions { HasText = "sms" }).Locator("td.number").First.InnerTextAsync());

        // What came to the push service, as the browser shows it.
        var pushed = keys.Decrypt(pushServer.All[0].Body);
        await workers.SendAsync("ServiceWorker.deliverPushMessage", new Dictionary<string, object>
        {
            ["origin"] = service.Http.BaseAddress!.GetLeftPart(UriPartial.Authority), ["registrationId"] = await registration, ["data"] = pushed,
        });
        await page.View.WaitForFunctionAsync(
            "async text => { const said = JSON.parse(text); return (await (await navigator.serviceWorker.ready).getNotifications()).some(shown => shown.title === said.title && shown.body === said.body); }", pushed);
        await page.View.Locator("#push button").ClickAsync();
        await page.View.Locator("#push[data-state=off]").WaitForAsync();
    }

    /// <summary>A browser's push service is in the internet; in its place one of the test, with keys that the test has.</summary>
    private static async Task StandInForThePushServiceAsync(BrowserPage page, Uri server, PushBrowser keys)
    {
        await page.View.Context.GrantPermissionsAsync(["notifications"]);
        await page.View.AddInitScriptAsync($$"""
            let subscribed = null;
            PushManager.prototype.getSubscription = async () => subscribed;
            PushManager.prototype.subscribe = async options => subscribed = {
              endpoint: '{{server}}sub/1', options,
              toJSON: () => ({ endpoint: '{{server}}sub/1', keys: { p256dh: '{{keys.P256dh}}', auth: '{{keys.Auth}}' } }),
              unsubscribe: async () => { subscribed = null; return true; },
            };
            """);
    }

    /// <returns>The browser's own side of its workers, and the id of the first that is registered.</returns>
    private static async Task<(ICDPSession Workers, Task<string> Registration)> WatchWorkersAsync(BrowserPage page)
    {
        var workers = await page.View.Context.NewCDPSessionAsync(page.View);
        var registration = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        workers.Event("ServiceWorker.workerRegistrationUpdated").OnEvent += (_, said) =>
        {
            foreach (var one in said!.Value.GetProperty("registrations").EnumerateArray())
                registration.TrySetResult(one.GetProperty("registrationId").GetString()!);
        };
        await workers.SendAsync("ServiceWorker.enable");
        return (workers, registration.Task);
    }

    [Fact]
    public async Task Without_a_file_the_page_says_that_nobody_is_told()
    {
        using var data = new TempDirectory();
        await using var service = await ServiceProcess.StartAsync(data.Path);
        await using var page = await BrowserPage.OpenAsync(service, "oncall");
        await page.LiveAsync();
        Assert.Contains("--Notify:File", await page.View.Locator("main").InnerTextAsync(), StringComparison.Ordinal);
        await page.AssertAccessibleAsync();
    }
}
