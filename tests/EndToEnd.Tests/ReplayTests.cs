using System.CommandLine;
using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Telemetry.Rules.Model;
using Telemetry.Simulators.City;
using Telemetry.Simulators.Commands;

namespace Telemetry.EndToEnd.Tests;

/// <summary>What a service recorded, played into another one.</summary>
[Collection(nameof(RecordedDemo))]
public sealed class ReplayTests(RecordedDemo demo)
{
    [Fact]
    public async Task A_recorded_demo_played_into_a_drill_tells_the_same_alarms_and_nothing_is_lost_or_doubled()
    {
        using var second = new TempDirectory();
        var file = Path.Combine(second.Path, "recorded.jsonl.gz");
        var exported = await ServiceProcess.RunAsync("export", "--log", "--Data:Path", demo.Data, "--out", file, "--json");
        Assert.Equal((0, ""), (exported.ExitCode, exported.Error));
        var readings = Member(exported.Output, "readings");
        // Without the city: what the whole log tells.
        await using var recorded = await ServiceProcess.StartAsync(demo.Data);
        await recorded.CaughtUpAsync();

        await using var drill = await ServiceProcess.StartAsync(Path.Combine(second.Path, "data"));
        var live = $"replay {file} --broker 127.0.0.1:{drill.MqttPort} --url {drill.Http.BaseAddress} --speed max --json";
        await RegisterAsync(drill, "live");
        var refused = await SimulateAsync(live);
        Assert.Equal((1, ""), (refused.Code, refused.Output));
        Assert.Contains("neither a demo (--demo) nor are all devices of the recording in state drill or test", refused.Error, StringComparison.Ordinal);
        Assert.Equal(0, (await drill.GetAsync("api/v1/stats")).GetProperty("received").GetInt64());

        await RegisterAsync(drill, "drill");
        var (code, output, error) = await SimulateAsync(live);
        Assert.Equal((0, ""), (code, error));
        Assert.Equal((readings, readings), (Member(output, "sent"), Member(output, "acknowledged")));
        await drill.CaughtUpAsync();
        // A tick later the last delays have matured.
        var stats = await Wait.ForAsync("ticks", () => drill.GetAsync("api/v1/stats"), seen => seen.GetProperty("rulesPosition").GetInt64() > readings + 3);
        Assert.Equal((readings, 0), (stats.GetProperty("accepted").GetInt64() + stats.GetProperty("duplicates").GetInt64(), stats.GetProperty("deadLetters").GetInt64()));
        Assert.Equal(0, stats.GetProperty("duplicates").GetInt64());

        var end = await LastReceivedAsync(demo.Data);
        var shift = Member(output, "shiftMs");
        var expected = (await AlarmsAsync(recorded)).Where(alarm => alarm.RaisedAt < end).Select(alarm => alarm with { RaisedAt = alarm.RaisedAt + shift }).Order().ToList();
        var told = (await AlarmsAsync(drill)).Where(alarm => alarm.RaisedAt < end + shift).Order().ToList();
        Assert.NotEmpty(expected);
        Assert.Equal(expected, told);
    }

    [Fact]
    public async Task An_engineers_own_columns_raise_the_alarm_that_they_describe()
    {
        using var data = new TempDirectory();
        await using var drill = await ServiceProcess.StartAsync(data.Path);
        foreach (var device in new[] { "PS-01", "RG-01" })
        {
            using var put = await drill.Http.PutAsJsonAsync($"api/v1/devices/{device}", new { family = "drainage_pump", state = "drill", stateReason = "replay", stateUntil = TimeProvider.System.GetUtcNow().AddHours(1) });
            Assert.True(put.IsSuccessStatusCode, await put.Content.ReadAsStringAsync());
        }
        var samples = Path.Combine(Repository.Root, "docs/samples");

        var (code, output, error) = await SimulateAsync($"replay {samples}/level.csv --map {samples}/level.yaml --broker 127.0.0.1:{drill.MqttPort} --url {drill.Http.BaseAddress} --speed max --json");

        Assert.Equal((0, ""), (code, error));
        await drill.CaughtUpAsync();
        var alarm = await drill.AlarmAsync("PS-01", "level_high", found => found.GetProperty("clearedAt").ValueKind == JsonValueKind.String);
        // Above 2.2 m from 16:45:00 in Denmark, 30 s long.
        var shift = Member(output, "shiftMs");
        Assert.Equal(new DateTimeOffset(2026, 6, 20, 14, 45, 30, TimeSpan.Zero).AddMilliseconds(shift), alarm.GetProperty("raisedAt").GetDateTimeOffset());
        Assert.Equal(0, (await drill.GetAsync("api/v1/stats")).GetProperty("deadLetters").GetInt64());
        var rain = (await drill.GetAsync("api/v1/devices/RG-01/readings?channel=rainfall")).EnumerateArray().Select(reading => reading.GetProperty("value").GetDouble()).ToList();
        Assert.Equal((26, 23.6, 28.6), (rain.Count, Math.Round(rain[0], 6), Math.Round(rain[^1], 6)));
    }

    private sealed record Told(string Family, string Device, string Rule, string? Instance, long RaisedAt) : IComparable<Told>
    {
        public int CompareTo(Told? other) => string.CompareOrdinal(ToString(), other?.ToString());
    }

    /// <summary>Of devices, by event time; silence is judged by the service's own clock.</summary>
    private static async Task<List<Told>> AlarmsAsync(ServiceProcess service) =>
    [
        .. (await service.GetAsync("api/v1/alarms?state=all")).EnumerateArray()
            .Select(alarm => new Told(
                alarm.GetProperty("family").GetString()!, alarm.GetProperty("device").GetString()!, alarm.GetProperty("rule").GetString()!, alarm.GetProperty("instance").ToString(),
                alarm.GetProperty("raisedAt").GetDateTimeOffset().ToUnixTimeMilliseconds()))
            .Where(alarm => RecordedDemo.Families.Contains(alarm.Family) && alarm.Rule is not ("offline" or "unknown")),
    ];

    private static async Task RegisterAsync(ServiceProcess service, string state)
    {
        var devices = new SimulatedCity(2000, 1, false, DateTimeOffset.UnixEpoch).Devices;
        var (until, why) = state == "drill" ? (TimeProvider.System.GetUtcNow().AddHours(1).ToString("O", CultureInfo.InvariantCulture), "replay") : (null, null);
        using var csv = new StringContent(RegisterCsv.Write([.. devices.Select(device => device with { State = state, StateUntil = until, StateReason = why })]), Encoding.UTF8, new MediaTypeHeaderValue("text/csv", "utf-8"));
        using var answer = await service.Http.PostAsync(new Uri("api/v1/devices/import", UriKind.Relative), csv);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    private static async Task<long> LastReceivedAsync(string data)
    {
        var file = Path.Combine(data, "again.jsonl");
        await ServiceProcess.RunAsync("export", "--log", "--Data:Path", data, "--out", file);
        using var last = JsonDocument.Parse((await File.ReadAllLinesAsync(file))[^1]);
        return last.RootElement.GetProperty("received").GetDateTimeOffset().ToUnixTimeMilliseconds();
    }

    private static long Member(string json, string name)
    {
        using var line = JsonDocument.Parse(json);
        return line.RootElement.GetProperty(name).GetInt64();
    }

    private static async Task<(int Code, string Output, string Error)> SimulateAsync(string line)
    {
        using var output = new StringWriter(CultureInfo.InvariantCulture);
        using var error = new StringWriter(CultureInfo.InvariantCulture);
        var code = await SimulatorsCommand.RunAsync(line.Split(' '), new InvocationConfiguration { Output = output, Error = error });
        return (code, output.ToString(), error.ToString());
    }
}
