using System.Globalization;
using System.Text;
using System.Text.Json;
using MQTTnet;
using MQTTnet.Protocol;

namespace Telemetry.EndToEnd.Tests;

/// <summary>
/// A storm: every cover of the city opens within ten seconds. 2,000 covers; 20,000 with TELEMETRY_LONG=1. Nothing is dropped, each alarm comes once, one
/// area alarm a street stands on top, and a gas leak meanwhile is announced as on any day.
/// </summary>
public sealed class StormTests(ITestOutputHelper output) : IDisposable
{
    private const int CoversOfAStreet = 50;
    private static readonly int Covers = Environment.GetEnvironmentVariable("TELEMETRY_LONG") is { Length: > 0 } ? 20_000 : 2_000;
    private static readonly TimeSpan Storm = TimeSpan.FromSeconds(10);

    private readonly TempDirectory _data = new();
    private int _leaks;

    public void Dispose() => _data.Dispose();

    [Fact]
    public async Task Each_alarm_comes_once_areas_stand_on_top_and_others_are_heard_meanwhile()
    {
        await using var service = await ServiceProcess.StartAsync(_data.Path);
        await ImportAsync(service);
        var before = await LeaksAsync(service, 10);

        var storm = OpenAllAsync(service.MqttPort);
        List<double> during = [];
        while (!storm.IsCompleted)
            during.AddRange(await LeaksAsync(service, 1));
        await storm;
        // The covers' own delay of 10 s: they are all raised now.
        during.AddRange(await LeaksAsync(service, 20));
        await Wait.ForAsync("all covers", () => service.GetAsync("api/v1/alarms?family=manhole_cover&state=all"), alarms => Count(alarms, "cover_open") == Covers, 120);
        await service.CaughtUpAsync();

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Covers} covers opened within {Storm.TotalSeconds} s; acknowledged reading to alarm in the API, median/slowest ms: before {Median(before):0}/{before.Max():0}, meanwhile {Median(during):0}/{during.Max():0} ({during.Count} leaks)"));
        var raised = (await JournalAsync(service)).Where(line => line.GetProperty("rule").GetString() == "cover_open" && line.GetProperty("cause").GetString() == "raised").ToList();
        Assert.Equal(Covers, raised.Count);
        Assert.Equal(Covers, raised.Select(line => line.GetProperty("device").GetString()).Distinct().Count());
        await AreasStandOnTopAsync(service);
        await TheLoadIsThatOfTheJournalAsync(service);
        var stats = await service.GetAsync("api/v1/stats");
        Assert.Equal(Covers + _leaks, stats.GetProperty("accepted").GetInt64());
        Assert.Equal(0, stats.GetProperty("deadLetters").GetInt64());
    }

    private static async Task AreasStandOnTopAsync(ServiceProcess service)
    {
        var areas = (await service.GetAsync("api/v1/alarms?family=area&state=active")).EnumerateArray().Where(area => area.GetProperty("rule").GetString() == "street_covers").ToList();
        Assert.Equal(Enumerable.Range(0, Covers / CoversOfAStreet).Select(street => $"street-{street:D3}"), areas.Select(area => area.GetProperty("device").GetString()!).Order(StringComparer.Ordinal));
        var byId = areas.ToDictionary(area => area.GetProperty("id").GetString()!, area => area.GetProperty("device").GetString());
        var covers = (await service.GetAsync("api/v1/alarms?family=manhole_cover&state=suppressed")).EnumerateArray().Where(cover => cover.GetProperty("rule").GetString() == "cover_open").ToList();
        Assert.Equal(Covers, covers.Count);
        Assert.All(covers, cover => Assert.Equal(cover.GetProperty("street").GetString(), byId[cover.GetProperty("suppressedBy").GetString()!]));
    }

    /// <summary>What the operators heard, counted by hand.</summary>
    private async Task TheLoadIsThatOfTheJournalAsync(ServiceProcess service)
    {
        // The gateways are offline a while after the storm: what is compared was asked for while the journal stood still.
        var (journal, alarms, load, _) = await Wait.ForAsync(
            "a journal that stands still meanwhile",
            async () => (
                Journal: await JournalAsync(service),
                Alarms: await service.GetAsync("api/v1/alarms?state=all"),
                Load: (await service.GetAsync("api/v1/load?position=city"))[0],
                After: await JournalAsync(service)),
            asked => asked.Journal.Count == asked.After.Count,
            60);
        var kinds = alarms.EnumerateArray().ToDictionary(alarm => alarm.GetProperty("id").GetString()!, alarm => alarm.GetProperty("kind").GetString());
        var calls = journal.Count(line => kinds[line.GetProperty("alarm").GetString()!] == "alarm" && line.GetProperty("to").GetString() == "active_unacknowledged"
            && (line.GetProperty("from").GetString() != "active_unacknowledged" || line.GetProperty("cause").GetString() is "climbed" or "escalated"));
        Assert.Equal(calls, load.GetProperty("alarms").GetInt64());
        Assert.True(load.GetProperty("floods").GetProperty("now").GetBoolean());
        output.WriteLine($"calls {calls} of {alarms.GetArrayLength()} alarms; standing {load.GetProperty("standing").GetProperty("value")}, peak in 10 min {load.GetProperty("floods").GetProperty("peakPer10Minutes")}");
    }

    private static async Task ImportAsync(ServiceProcess service)
    {
        var csv = new StringBuilder("id,family,gateway,district,street\n");
        for (var i = 0; i < Covers; i++)
            csv.Append(CultureInfo.InvariantCulture, $"cover-{i:D5},manhole_cover,gw-{i % 20},Donghu,street-{i / CoversOfAStreet:D3}\n");
        using var body = new StringContent(csv.ToString(), Encoding.UTF8, "text/csv");
        using var answer = await service.Http.PostAsync("api/v1/devices/import", body);
        Assert.Equal(200, (int)answer.StatusCode);
    }

    private static async Task OpenAllAsync(int port)
    {
        using var client = new MqttClientFactory().CreateMqttClient();
        await client.ConnectAsync(new MqttClientOptionsBuilder().WithTcpServer("127.0.0.1", port).WithTimeout(TimeSpan.FromSeconds(60)).Build());
        // A hundredth of the covers each hundredth of the storm.
        using var pace = new PeriodicTimer(Storm / 100);
        List<Task> sent = [];
        for (var i = 0; i < Covers; i++)
        {
            sent.Add(client.PublishAsync(new MqttApplicationMessageBuilder()
                .WithTopic(string.Create(CultureInfo.InvariantCulture, $"telemetry/v1/gw-{i % 20}/manhole_cover/cover-{i:D5}"))
                .WithPayload("""{"values":{"cover_state":"open"}}""").WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce).Build()));
            if (sent.Count < Covers / 100)
                continue;
            await Task.WhenAll(sent);
            sent.Clear();
            await pace.WaitForNextTickAsync();
        }
        await Task.WhenAll(sent);
        await client.DisconnectAsync();
    }

    /// <summary>Milliseconds from the acknowledged reading to the alarm in the API, of gas leaks one after the other.</summary>
    private async Task<List<double>> LeaksAsync(ServiceProcess service, int count)
    {
        List<double> latencies = [];
        for (var i = 0; i < count; i++)
        {
            var device = string.Create(CultureInfo.InvariantCulture, $"gas-{_leaks++}");
            await Clients.MosquittoPubAsync(service.MqttPort, $"telemetry/v1/gw-gas/gas_valve/{device}", """{"values":{"gas_alarm_state":"high"}}""", "-q", "1");
            var published = TimeProvider.System.GetTimestamp();
            await service.AlarmAsync(device, "leak_high");
            latencies.Add(TimeProvider.System.GetElapsedTime(published).TotalMilliseconds);
        }
        return latencies;
    }

    private static int Count(JsonElement alarms, string rule) => alarms.EnumerateArray().Count(alarm => alarm.GetProperty("rule").GetString() == rule);

    private static async Task<List<JsonElement>> JournalAsync(ServiceProcess service)
    {
        var text = await service.Http.GetStringAsync("api/v1/journal?from=0");
        return [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)];
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
