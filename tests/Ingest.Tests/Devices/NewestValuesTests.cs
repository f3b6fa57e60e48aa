using Telemetry.Ingest.Devices;
using Telemetry.Ingest.Tests.Log;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Tests.Devices;

/// <summary>What a device said last, by event time, out of the log.</summary>
public sealed class NewestValuesTests
{
    private const long Now = 1_767_225_600_000, Minute = 60_000, Hour = 60 * Minute, Day = 24 * Hour;

    private static readonly Device Station = new() { Id = "ps-1", Family = "drainage_pump" };

    private readonly LogBench _bench = new();

    [Fact]
    public async Task The_newest_by_event_time_stands_however_late_it_came_and_whatever_its_quality()
    {
        await using var log = _bench.Open();
        await LogBench.Append(log,
            Of("ps-1", Now - Minute, ("sump_level", 2, Quality.Bad)),
            Of("ps-1", Now - Hour, ("sump_level", 1, Quality.Good)),
            Of("ps-2", Now, ("sump_level", 9, Quality.Good)),
            Of("ps-1", Now - Minute, ("sump_level", 3, Quality.Good)));
        using var newest = new NewestValues(log);
        var value = Assert.Single(await newest.ReadAsync(Station, SomeFamilies.ByName["drainage_pump"], Now, TestContext.Current.CancellationToken));
        Assert.Equal(("sump_level", 2.0, Quality.Bad, Now - Minute), (value.Channel, value.Number, value.Quality, value.Time));
    }

    [Fact]
    public async Task What_is_reported_rarely_is_looked_back_for_and_instances_stand_in_their_order()
    {
        await using var log = _bench.Open();
        await LogBench.Append(log,
            Of("ps-1", Now - (40 * Day), ("pump_run.3", 1, Quality.Good)),
            Of("ps-1", Now - (20 * Day), ("pump_run.10", 1, Quality.Good), ("sump_level", 1, Quality.Good)),
            Of("ps-1", Now - (2 * Day), ("pump_run.2", 1, Quality.Good)),
            Of("ps-1", Now - Minute, ("sump_level", 2, Quality.Good), ("gone", 1, Quality.Good)));
        using var newest = new NewestValues(log);
        var values = await newest.ReadAsync(Station, SomeFamilies.ByName["drainage_pump"], Now, TestContext.Current.CancellationToken);
        Assert.Equal(["sump_level 2", "pump_run.2 1", "pump_run.10 1"], values.Select(value => FormattableString.Invariant($"{value.Channel} {value.Number}")));
    }

    private static ReadingEntry Of(string device, long time, params (string Channel, double Number, Quality Quality)[] values) => new(new Reading
    {
        Gateway = "gw-1",
        Family = "drainage_pump",
        Device = device,
        SentTime = time,
        EventTime = time,
        Values = [.. values.Select(value => new ChannelValue(value.Channel, ValueKind.Number, value.Number, null, value.Quality))],
    });
}
