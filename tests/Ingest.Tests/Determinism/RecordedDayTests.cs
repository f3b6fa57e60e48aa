using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Telemetry.Ingest.Commands;
using Telemetry.Ingest.Commands.Export;
using Telemetry.Rules.Model;
using Telemetry.Simulators.City;
using Telemetry.Simulators.Replay;
using Telemetry.Simulators.Scenarios;

namespace Telemetry.Ingest.Tests.Determinism;

/// <summary>
/// Same log, same journal: the demonstration's city is recorded, exported as it arrived, and replayed twice into services that have never run; the second one
/// stops and goes on at half time. TELEMETRY_LONG=1 takes a whole day.
/// </summary>
public sealed class RecordedDayTests
{
    private static readonly bool IsLong = Environment.GetEnvironmentVariable("TELEMETRY_LONG") is { Length: > 0 };
    private static readonly TimeSpan Length = TimeSpan.FromHours(IsLong ? 24 : 0.5);
    private static readonly int Devices = IsLong ? 400 : 100;
    private static readonly DateTimeOffset Start = new(2026, 6, 1, 0, 0, 0, TimeSpan.FromHours(8));
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly ITestOutputHelper _output = TestContext.Current.TestOutputHelper!;

    [Fact]
    public async Task A_recorded_day_of_the_demo_city_replayed_twice_gives_the_same_journal_to_the_byte()
    {
        using var data = new TempDirectory();
        var file = data.File("day.jsonl.gz");
        var register = await RecordAsync(data.File("recorded"), file);
        var readings = new Recording([file], null, new ReplayFilter()).Look(CancellationToken.None).Readings;
        var first = await ReplayAsync(file, data.File("first"), register, stops: false);
        var second = await ReplayAsync(file, data.File("second"), register, stops: true);

        Assert.Equal(first.Journal, second.Journal);
        Assert.Equal(first.Journal, await RecomputedAsync(data.File("first")));
        var lines = first.Journal.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        // What is compared is no empty day: something of all five families, and what a gateway had to keep for a minute.
        Assert.Contains(new Recording([file], null, new ReplayFilter()).Read(_ => { }), reading => reading.Time - reading.SentTime > 30_000);
        Assert.Superset(new HashSet<string> { "cover", "gas", "pump", "toilet", "tunnel" }, lines.Select(line => JsonDocument.Parse(line).RootElement.GetProperty("device").GetString()!.Split('-')[0]).ToHashSet());
        Assert.True(readings > 5_000, $"{readings} readings");
        _output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Length.TotalHours} h, {Devices} devices, {readings} readings, {first.Entries} entries, {lines.Length} transitions; replayed in {first.Took.TotalSeconds:0.0} s and {second.Took.TotalSeconds:0.0} s"));
    }

    private static async Task<IReadOnlyList<Device>> RecordAsync(string data, string file)
    {
        var city = new SimulatedCity(Devices, 1, story: true, Start);
        var gateways = new VirtualGateways();
        await using (var service = await VirtualService.BeginAsync(data, Start, city.Devices))
        {
            for (var now = Start + Second; now <= Start + Length; now += Second)
            {
                service.Pass(now);
                foreach (var entry in city.AdvanceTo(now).SelectMany(gateways.Take))
                    service.Receive(entry);
                await service.TickAsync();
            }
        }
        var errors = new List<string>();
        var export = LogExport.Read(data, null, null, null, null, null, file, errors);
        Assert.Empty(errors);
        export!.Run(quiet: true, CancellationToken.None);
        return city.Devices;
    }

    private static async Task<(string Journal, long Entries, TimeSpan Took)> ReplayAsync(string file, string data, IReadOnlyList<Device> register, bool stops)
    {
        var begun = Stopwatch.GetTimestamp();
        await using var service = await VirtualService.BeginAsync(data, Start, register);
        using var recording = new Recording([file], null, new ReplayFilter()).Read(bad => Assert.Fail(bad.ToString())).GetEnumerator();
        var isOver = !recording.MoveNext();
        for (var now = Start + Second; now <= Start + Length; now += Second)
        {
            service.Pass(now);
            for (; !isOver && recording.Current.Time <= now.ToUnixTimeMilliseconds(); isOver = !recording.MoveNext())
                service.Receive(ReplayTopic.Of(recording.Current, null), ReplayPayload.Write(recording.Current, 0));
            await service.TickAsync();
            if (stops && now == Start + (Length / 2))
                service.Judge();
        }
        Assert.True(isOver);
        service.Judge();
        return (service.Journal(), service.Committed, Stopwatch.GetElapsedTime(begun));
    }

    private static async Task<string> RecomputedAsync(string data)
    {
        var (output, error) = (new StringWriter(CultureInfo.InvariantCulture), new StringWriter(CultureInfo.InvariantCulture));
        Assert.Equal(0, await JournalCommand.Create().Parse(["--Data:Path", data, "--json"]).InvokeAsync(new InvocationConfiguration { Output = output, Error = error }));
        return output.ToString();
    }
}
