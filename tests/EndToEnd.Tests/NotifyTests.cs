using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Telemetry.EndToEnd.Tests;

/// <summary>The service as a process, and a provider that fails. The oracle knows the alarms and what the provider took.</summary>
public sealed class NotifyTests(ITestOutputHelper output) : IDisposable
{
    private const int LeaksARound = 4;
    private static readonly int Rounds = Environment.GetEnvironmentVariable("TELEMETRY_LONG") is { Length: > 0 } ? 100 : 5;

    private readonly TempDirectory _data = new();
    private readonly TempDirectory _files = new();

    public void Dispose()
    {
        _data.Dispose();
        _files.Dispose();
    }

    /// <summary>Killed while pages are under way. 5 rounds; 100 with TELEMETRY_LONG=1.</summary>
    [Fact]
    public async Task Nobody_stays_untold_and_nothing_is_told_under_two_keys()
    {
        var random = new Random(20261126);
        var gate = new Lock();
        int Next(int below)
        {
            lock (gate)
                return random.Next(below);
        }

        // To a webhook any 2xx is a yes: a page in place of an answer is none of its failures.
        await using var provider = await Receiver.StartAsync(received =>
            Next(10) switch { < 2 => Answer.Error500, 2 => Answer.Reset, 3 => received.Path == "/hook" ? Answer.TooMany : Answer.Wrong, _ => Answer.Yes });
        await using var robot = await Receiver.StartAsync();
        var options = Options(provider, robot);
        var port = FreePort.Next();
        var leaks = 0;
        for (var round = 0; round < Rounds; round++)
        {
            await using var service = await ServiceProcess.StartAsync(_data.Path, port, options);
            if (round == 0)
                await ImportAsync(service);
            var before = provider.All.Count;
            for (var i = 0; i < LeaksARound; i++)
                await Clients.MosquittoPubAsync(port, string.Create(CultureInfo.InvariantCulture, $"telemetry/v1/gw-gas/gas_valve/gas-{leaks++}"), """{"values":{"gas_alarm_state":"high"}}""", "-q", "1");
            // Each leak is at least a call and a webhook: somewhere among them.
            var until = before + Next((2 * LeaksARound) + 1);
            await Wait.ForAsync($"{until} requests", () => provider.All.Count >= until, 60);
            await service.KillAsync();
        }

        await using var last = await ServiceProcess.StartAsync(_data.Path, port, options);
        await last.CaughtUpAsync();
        var alarms = (await Wait.ForAsync("all alarms", () => last.GetAsync("api/v1/alarms?state=all&family=gas_valve"), all => Critical(all).Count == leaks, 60)) is var found ? Critical(found) : [];
        // What the provider took before a kill stands in no history: it is asked again under the same key, and that answer does.
        await Wait.ForAsync("everyone told, and every history says so", () => HistoriesAsync(last, alarms), histories => alarms.All(Told(provider.Taken).ContainsKey) && histories.All(IsTold), 60);

        var attempts = (await HistoriesAsync(last, alarms)).SelectMany(history => history.EnumerateArray()).ToList();
        var toldBy = Told(provider.Taken);
        output.WriteLine($"{Rounds} kills, {leaks} critical alarms; the provider was asked {provider.All.Count} times and took {provider.Taken.Count}, of {provider.Taken.Select(taken => taken.Key).Distinct().Count()} keys; the robot took {robot.Taken.Count}");
        // One place of one step is in one message, under one key, however often that is sent.
        foreach (var alarm in alarms)
            Assert.Single(toldBy[alarm].Where(key => key.Step == 0).Select(key => key.Key).Distinct());
        Assert.All(attempts, attempt => Assert.DoesNotContain("+86", attempt.GetRawText(), StringComparison.Ordinal));
        Assert.Contains(attempts, attempt => attempt.GetProperty("result").GetString() == "sent" && attempt.GetProperty("to").GetString() == "值班0");
        Assert.NotEmpty(robot.Taken);
        Assert.DoesNotContain("+86138", last.Output, StringComparison.Ordinal);
        Assert.Contains("telemetry_notify_attempts_total{", await last.Http.GetStringAsync("metrics"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_channel_that_is_dead_is_an_alarm_of_its_own_and_everyone_is_told_by_the_next()
    {
        await using var provider = await Receiver.StartAsync(received => received.Path.StartsWith("/voice", StringComparison.Ordinal) ? Answer.Error500 : Answer.Yes);
        await using var service = await ServiceProcess.StartAsync(_data.Path, 0, Options(provider, provider));
        await ImportAsync(service);
        for (var leak = 0; leak < 6; leak++)
            await Clients.MosquittoPubAsync(service.MqttPort, string.Create(CultureInfo.InvariantCulture, $"telemetry/v1/gw-gas/gas_valve/gas-{leak}"), """{"values":{"gas_alarm_state":"high"}}""", "-q", "1");
        var dead = await service.AlarmAsync("telemetry", "channel_dead", alarm => alarm.GetProperty("state").GetString() == "active_unacknowledged");
        Assert.Equal("voice: failed, http 500", dead.GetProperty("detail").GetString());
        await Wait.ForAsync("six SMS", () => provider.Taken.Count(taken => taken.Path == "/sms") >= 6);
        Assert.Equal(6, provider.Taken.Where(taken => taken.Path == "/sms").Select(taken => taken.Key).Distinct().Count());
        using var ready = await service.Http.GetAsync(new Uri("health/ready", UriKind.Relative));
        Assert.Contains("\"channel_dead\":\"voice: failed, http 500\"", await ready.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private string[] Options(Receiver provider, Receiver robot)
    {
        var (file, address, secret) = (_files.File("notify.yaml"), _files.File("group"), _files.File("webhook"));
        // Somebody else for each leak: whoever was just called is called again a minute later at the earliest.
        var leaks = Enumerable.Range(0, Rounds * LeaksARound).ToList();
        File.WriteAllText(file, string.Create(CultureInfo.InvariantCulture, $$"""
            people:
            {{string.Join('\n', leaks.Select(leak => $"  p{leak}: {{name: 值班{leak}, phone: \"+86138{leak:D8}\"}}"))}}
            teams:
            {{string.Join('\n', leaks.Select(leak => $"  t{leak}: {{title: {{en: Duty, zh: 值班}}, always: p{leak}}}"))}}
            robots:
              group: {kind: wecom}
            channels: {critical: [voice, sms], high: [sms], medium: [sms], low: [sms], digest: [sms]}
            routes:
            {{string.Join('\n', leaks.Select(leak => $"  - {{district: d{leak}, to: t{leak}, copy: [group]}}"))}}
              - {to: t0}
            """));
        File.WriteAllText(address, new Uri(robot.Url, "robot").AbsoluteUri);
        File.WriteAllText(secret, "s3cret");
        return
        [
            $"--Notify:File={file}", $"--Notify:Voice:Url={provider.Url}voice", """--Notify:Voice:Body={"to":"{phone}","say":"{text}","id":"{key}"}""", "--Notify:Voice:Success=code=0",
            $"--Notify:Sms:Url={provider.Url}sms", """--Notify:Sms:Body={"to":"{phone}","text":"{text}","id":"{key}"}""", "--Notify:Sms:Success=code=0",
            $"--Notify:Webhook:Url={provider.Url}hook", $"--Notify:Webhook:SecretFile={secret}", $"--Notify:Robots:group:UrlFile={address}",
        ];
    }

    private static async Task ImportAsync(ServiceProcess service)
    {
        var rows = Enumerable.Range(0, Rounds * LeaksARound).Select(leak => string.Create(CultureInfo.InvariantCulture, $"gas-{leak},gas_valve,gw-gas,d{leak}\n"));
        using var body = new StringContent("id,family,gateway,district\n" + string.Concat(rows), Encoding.UTF8, "text/csv");
        using var answer = await service.Http.PostAsync("api/v1/devices/import", body);
        Assert.Equal(200, (int)answer.StatusCode);
    }

    private static async Task<JsonElement[]> HistoriesAsync(ServiceProcess service, List<string> alarms) =>
        await Task.WhenAll(alarms.Select(async alarm => (await service.GetAsync($"api/v1/alarms/{alarm}")).GetProperty("notifications")));

    /// <summary>By a call or an SMS, which alone reach a person here.</summary>
    private static bool IsTold(JsonElement history) =>
        history.EnumerateArray().Any(attempt => attempt.GetProperty("result").GetString() == "sent" && attempt.GetProperty("channel").GetString() is "voice" or "sms");

    private static List<string> Critical(JsonElement alarms) =>
        [.. alarms.EnumerateArray().Where(alarm => alarm.GetProperty("rule").GetString() == "leak_high").Select(alarm => alarm.GetProperty("id").GetString()!)];

    /// <summary>By alarm: the keys under which a person's message about it was taken as the webhook's copies show it, where the call or SMS of that key was taken too.</summary>
    private static Dictionary<string, List<(string Key, int Step)>> Told(IReadOnlyList<Received> taken)
    {
        var rung = taken.Where(one => !one.Path.StartsWith("/hook", StringComparison.Ordinal)).Select(one => one.Key).ToHashSet();
        var told = new Dictionary<string, List<(string, int)>>();
        foreach (var copy in taken.Where(one => one.Path.StartsWith("/hook", StringComparison.Ordinal) && rung.Contains(one.Key)))
        {
            using var body = JsonDocument.Parse(copy.Body);
            foreach (var place in body.RootElement.GetProperty("places").EnumerateArray().Where(place => place.GetProperty("news").GetString() == "stands"))
            {
                var alarm = place.GetProperty("alarm").GetProperty("id").GetString()!;
                if (!told.TryGetValue(alarm, out var keys))
                    told[alarm] = keys = [];
                keys.Add((copy.Key, place.GetProperty("step").GetInt32()));
            }
        }
        return told;
    }
}
