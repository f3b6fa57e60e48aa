using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Telemetry.EndToEnd.Tests.Page;

namespace Telemetry.EndToEnd.Tests;

/// <summary>The service as a process, a provider of SMS, and a crew with the link that the provider got.</summary>
[Collection("Page")]
public sealed partial class LinkTests : IAsyncLifetime
{
    private const string Hostile = "<script>document.title='in'</script>\"><img src=x onerror=alert(1)>";

    private readonly TempDirectory _data = new();
    private readonly TempDirectory _files = new();
    private Receiver _provider = null!;
    private ServiceProcess _service = null!;

    public async ValueTask InitializeAsync()
    {
        _provider = await Receiver.StartAsync();
        var (file, secret) = (_files.File("notify.yaml"), _files.File("reply"));
        await File.WriteAllTextAsync(secret, "s3cret");
        // Whoever does not accept is followed by the next one soon, so that the end of the escalation can be seen; not before a test on a slow machine has accepted.
        await File.WriteAllTextAsync(file, """
            people:
              wang: {name: 王伟, phone: "+8613800000001"}
              smith: {name: Ann Smith, language: en, phone: "+8613800000002"}
            teams:
              duty: {title: {en: Duty, zh: 值班}, people: [wang, smith], leader: smith}
            channels: {critical: [sms], high: [sms], medium: [sms], low: [sms], digest: [sms]}
            map: "https://map.example.cn/{latitude},{longitude}"
            routes:
              - {to: duty, steps: [{after: 0min, to: wang}, {after: 30s, to: smith}]}
            """);
        _service = await ServiceProcess.StartAsync(
            _data.Path, 0, $"--Notify:File={file}", "--Notify:PublicUrl=http://localhost/", $"--Notify:Sms:Url={_provider.Url}sms",
            """--Notify:Sms:Body={"to":"{phone}","text":"{text}","code":"{code}","id":"{key}"}""", "--Notify:Sms:Success=code=0", $"--Notify:Sms:Reply:SecretFile={secret}", "--Notify:Sms:Reply:Header=X-Secret: {secret}");
        using var body = new StringContent(JsonSerializer.Serialize(new { family = "public_toilet", gateway = "gw-p", district = "西湖区", address = Hostile, latitude = 28.68, longitude = 115.9 }), Encoding.UTF8, "application/json");
        using var answer = await _service.Http.PutAsync("api/v1/devices/wc-7", body);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    public async ValueTask DisposeAsync()
    {
        await _service.DisposeAsync();
        await _provider.DisposeAsync();
        _data.Dispose();
        _files.Dispose();
    }

    [Fact]
    public async Task A_link_in_an_SMS_is_looked_at_without_effect_and_its_button_stops_the_escalation()
    {
        var (link, code) = await ToldAsync();
        var before = await JournalAsync();
        for (var preview = 0; preview < 10; preview++)
            Assert.Contains("<form", await _service.Http.GetStringAsync(link), StringComparison.Ordinal);
        Assert.Equal(before, await JournalAsync());

        var page = await _service.Http.GetStringAsync(link);
        Assert.Contains("&lt;script&gt;document.title=", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<img", page, StringComparison.Ordinal);
        var forms = Form().Matches(page).ToDictionary(form => form.Groups["step"].Value, form => (Alarm: form.Groups["alarm"].Value, Token: form.Groups["token"].Value));
        var (alarm, token) = forms["accept"];

        // Refused: a token that somebody has changed, and one for another step.
        Assert.Equal(400, await PostAsync(link, alarm, "accept", token[..^1] + (token[^1] == 'A' ? 'B' : 'A')));
        Assert.Equal(400, await PostAsync(link, alarm, "done", token));
        Assert.Null((await _service.AlarmAsync("wc-7", "sos")).GetProperty("acceptedBy").GetString());

        Assert.Equal(200, await PostAsync(link, alarm, "accept", token));
        var accepted = Assert.Single((await JournalAsync()).Select(Line), line => line.GetProperty("cause").GetString() == "accepted");
        Assert.Equal(("王伟", "by link"), (accepted.GetProperty("by").GetString(), accepted.GetProperty("comment").GetString()));
        Assert.Equal("active_unacknowledged", (await _service.AlarmAsync("wc-7", "sos")).GetProperty("state").GetString());
        // Pressed again, as on a bad network: it says what is so and writes nothing.
        Assert.Equal(200, await PostAsync(link, alarm, "accept", token));
        Assert.Single((await JournalAsync()).Select(Line), line => line.GetProperty("cause").GetString() == "accepted");

        // A reply to the same message finds it too, and only from its recipient's phone.
        Assert.Equal("already", await ReplyAsync("13800000001", $"1 {code}"));
        Assert.Equal("unknown", await ReplyAsync("13800000002", $"1 {code}"));

        // Of a later call for help, which nobody accepts, the next one hears; of this one she would have heard before.
        await CallAsync("wc-8");
        var later = (await _service.AlarmAsync("wc-8", "sos")).GetProperty("id").GetString()!;
        await Wait.ForAsync("the next one to be told", async () => ToldOf(await _service.GetAsync($"api/v1/alarms/{later}")).Contains("Ann Smith"), 60);
        Assert.Equal(["王伟"], ToldOf(await _service.GetAsync($"api/v1/alarms/{alarm}")).Distinct());
    }

    [Fact]
    public async Task After_the_end_of_the_alarm_its_page_says_so()
    {
        var (link, _) = await ToldAsync();
        var alarm = (await _service.AlarmAsync("wc-7", "sos")).GetProperty("id").GetString()!;
        var accept = Form().Matches(await _service.Http.GetStringAsync(link)).First(form => form.Groups["step"].Value == "accept").Groups["token"].Value;
        await CallAsync("wc-7", "false");
        await _service.AlarmAsync("wc-7", "sos", sos => sos.GetProperty("state").GetString()!.StartsWith("latched", StringComparison.Ordinal));
        foreach (var action in new[] { "acknowledge", "reset" })
        {
            using var done = await _service.ActAsync(alarm, action);
            Assert.True(done.IsSuccessStatusCode, await done.Content.ReadAsStringAsync());
        }

        Assert.Contains("报警已结束", await _service.Http.GetStringAsync(link), StringComparison.Ordinal);
        Assert.Equal(409, await PostAsync(link, alarm, "accept", accept));
    }

    [Fact]
    public async Task On_a_phone_without_script_a_crew_accepts_arrives_and_finishes()
    {
        var (link, _) = await ToldAsync();
        var browser = await Browsers.TakeAsync();
        try
        {
            await using var phone = await browser.NewContextAsync(new BrowserNewContextOptions { ViewportSize = new ViewportSize { Width = 390, Height = 844 }, JavaScriptEnabled = false, IsMobile = true, HasTouch = true });
            phone.SetDefaultTimeout((float)Wait.Longest.TotalMilliseconds);
            var page = await phone.NewPageAsync();
            await page.GotoAsync(link);
            Assert.Contains("危及生命", await page.Locator("h1").InnerTextAsync(), StringComparison.Ordinal);
            foreach (var (button, state) in new[] { ("接单，我去", "王伟"), ("我已到场", "到场"), ("处理完毕", "处理完毕") })
            {
                var next = page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = button, Exact = true });
                // A finger in a glove, and nothing beyond the screen's edge.
                var box = (await next.BoundingBoxAsync())!;
                Assert.InRange(box.Height, 44, 200);
                Assert.InRange(box.X + box.Width, 100, 390);
                await next.TapAsync();
                await page.Locator(".state", new PageLocatorOptions { HasText = state }).WaitForAsync();
            }
            var alarm = await _service.AlarmAsync("wc-7", "sos");
            Assert.Equal(("王伟", "active_unacknowledged"), (alarm.GetProperty("acceptedBy").GetString(), alarm.GetProperty("state").GetString()));
            Assert.All(new[] { "onSiteAt", "doneAt" }, member => Assert.NotEqual(JsonValueKind.Null, alarm.GetProperty(member).ValueKind));
            Assert.NotEqual("in", await page.TitleAsync());
        }
        finally
        {
            Browsers.GiveBack(browser);
        }
    }

    [Fact]
    public async Task Its_page_is_accessible()
    {
        var (link, _) = await ToldAsync();
        await using var page = await BrowserPage.OpenAsync(_service, new Uri(link).AbsolutePath, 390, 844);
        await page.AssertAccessibleAsync();
    }

    [Fact]
    public async Task Without_users_an_address_beyond_this_machine_is_refused_at_start()
    {
        using var data = new TempDirectory();
        var (exitCode, _, error) = await ServiceProcess.RunAsync("--Mqtt:Port=0", "--Http:Port=0", $"--Data:Path={data.Path}", $"--Notify:File={_files.File("notify.yaml")}", "--Notify:PublicUrl=https://ops.city.example/");
        Assert.Equal(1, exitCode);
        Assert.Contains("Notify:PublicUrl = https://ops.city.example/: without users", error, StringComparison.Ordinal);
    }

    private Task CallAsync(string device, string active = "true") =>
        Clients.MosquittoPubAsync(_service.MqttPort, $"telemetry/v1/gw-p/public_toilet/{device}", $$$"""{"values":{"sos_active.3":{{{active}}}}}""", "-q", "1");

    private static IEnumerable<string?> ToldOf(JsonElement alarm) => alarm.GetProperty("notifications").EnumerateArray().Select(attempt => attempt.GetProperty("to").GetString());

    /// <summary>A call for help, and what the provider got for it: the link and the code of the SMS.</summary>
    private async Task<(string Link, string Code)> ToldAsync()
    {
        await CallAsync("wc-7");
        await Wait.ForAsync("an SMS", () => _provider.Taken.Count > 0);
        var sms = Line(_provider.Taken[0].Body);
        var text = sms.GetProperty("text").GetString()!;
        Assert.InRange(text.Length, 1, 70);
        // The port is a free one, and nobody stands before it here as a proxy does.
        return (new Uri(_service.Http.BaseAddress!, Link().Match(text).Groups["path"].Value).AbsoluteUri, sms.GetProperty("code").GetString()!);
    }

    private async Task<string[]> JournalAsync() => (await _service.Http.GetStringAsync("api/v1/journal")).Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private static JsonElement Line(string json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.Clone();
    }

    /// <summary>As a browser does, which follows to the page.</summary>
    private async Task<int> PostAsync(string link, string alarm, string step, string token)
    {
        using var form = new FormUrlEncodedContent(new Dictionary<string, string> { ["alarm"] = alarm, ["step"] = step, ["token"] = token });
        using var request = new HttpRequestMessage(HttpMethod.Post, link) { Content = form };
        request.Headers.Add("Origin", "null");
        using var answer = await _service.Http.SendAsync(request);
        return (int)answer.StatusCode;
    }

    private async Task<string> ReplyAsync(string phone, string text)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "api/v1/notify/replies/sms") { Content = new StringContent(JsonSerializer.Serialize(new { phone, text }), Encoding.UTF8, "application/json") };
        request.Headers.Add("X-Secret", "s3cret");
        using var answer = await _service.Http.SendAsync(request);
        return Line(await answer.Content.ReadAsStringAsync()).GetProperty("replies")[0].GetProperty("result").GetString()!;
    }

    [GeneratedRegex("http://localhost/(?<path>go/[0-9A-Za-z]{11})(?= |$)")]
    private static partial Regex Link();

    [GeneratedRegex("""name="alarm" value="(?<alarm>[^"]*)"><input type="hidden" name="step" value="(?<step>[^"]*)"><input type="hidden" name="token" value="(?<token>[^"]*)">""")]
    private static partial Regex Form();
}
