using Telemetry.Ingest.Gateways.Upward;
using Telemetry.Ingest.State;
using Telemetry.Rules.Alarms;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;
using static Telemetry.Ingest.Tests.State.Samples;

namespace Telemetry.Ingest.Tests.Gateways.Upward;

/// <summary>The log as counts at its ticks: made of the journal up to each tick alone, wherever one begins.</summary>
public sealed class CountedLogTests : IDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly StateDatabase _state;
    private readonly AlarmCounts _counts = AlarmCounts.Load(Path.Combine(Repository.Root, "docs", "samples", "district.yaml"), FamilySet.Shipped()).Counts!;

    public CountedLogTests() => _state = StateDatabase.Open(_directory.File("state.db"));

    /// <summary>A tick a second; what lies between two has the position between theirs.</summary>
    private static TickEntry Tick(long second) => new() { Position = 2 * second, Time = T0 + (1000 * second) };

    private static ClockStepEntry Between(long second) => new ClockStepEntry(0) { Position = (2 * second) + 1, Time = T0 + (1000 * second) };

    private static List<LogEntry> Seconds(long from, long to) => [.. Enumerable.Range((int)from, (int)(to - from)).SelectMany(second => (LogEntry[])[Tick(second), Between(second)])];

    private static IEnumerable<(long Second, long? Sequence, double Flooded)> Said(IEnumerable<LogEntry> readings) => readings.Cast<ReadingEntry>().Select(entry => entry.Reading).Select(reading =>
        ((reading.EventTime - T0) / 1000, reading.Sequence, reading.Values.Single(value => value.Channel == "flood_close").Number));

    private CountedLog Begin() => new(_counts, "district-a", _state);

    private void Journal(long second, string id, AlarmState state) =>
        _state.Apply(Batch((2 * second) + 1, Transition((2 * second) + 1, 0, Alarm(id, state: state) with { Rule = "flood_close", Severity = Severity.Critical })));

    [Fact]
    public void A_change_is_said_at_the_next_tick_and_everything_again_after_half_a_minute()
    {
        Journal(3, "a", AlarmState.ActiveUnacknowledged);
        Journal(5, "b", AlarmState.ActiveUnacknowledged);
        Journal(40, "a", AlarmState.Normal);
        var said = Begin().Of(Seconds(1, 80));
        Assert.Equal([(1, 2, 0), (4, 8, 1), (6, 12, 2), (36, 72, 2), (41, 82, 1), (71, 142, 1)], Said(said));
        var reading = ((ReadingEntry)said[1]).Reading;
        Assert.Equal(("district-a", "district", "district-a", T0 + 4000), (reading.Gateway, reading.Family, reading.Device, reading.SentTime!.Value));
        Assert.Equal(1, reading.Values.Single(value => value.Channel == "critical_unacknowledged").Number);
    }

    [Fact]
    public void Stretches_of_any_length_say_the_same()
    {
        Journal(3, "a", AlarmState.ActiveUnacknowledged);
        Journal(4, "a", AlarmState.Normal);
        Journal(9, "b", AlarmState.LatchedAcknowledged);
        var whole = Said(Begin().Of(Seconds(1, 60))).ToList();
        foreach (var length in (int[])[1, 2, 3, 7])
        {
            var counted = Begin();
            Assert.Equal(whole, Said(Seconds(1, 60).Chunk(length).SelectMany(counted.Of)));
        }
    }

    [Fact]
    public void Whoever_begins_later_says_the_same_of_the_same_tick()
    {
        Journal(3, "a", AlarmState.ActiveUnacknowledged);
        Journal(20, "b", AlarmState.ActiveUnacknowledged);
        Journal(45, "a", AlarmState.Normal);
        Journal(70, "c", AlarmState.ActiveUnacknowledged);
        var everything = Said(Begin().Of(Seconds(1, 100))).ToList();
        for (var from = 2; from < 100; from++)
        {
            var later = Said(Begin().Of(Seconds(from, 100))).ToList();
            Assert.Equal((from, 2 * from, everything.Last(said => said.Second <= from).Flooded), later[0]);
            // What changed is said by both under the same key, with the same value.
            Assert.All(later, said => Assert.Equal(everything.Last(other => other.Second <= said.Second).Flooded, said.Flooded));
            Assert.All(everything.Where(said => said.Second > from && said.Second is 4 or 21 or 46 or 71), said => Assert.Contains(said, later));
        }
    }

    [Fact]
    public void An_alarm_that_came_and_went_between_two_ticks_is_not_said()
    {
        _state.Apply(new ProjectionBatch(
            7, [Transition(7, 0, Alarm("a") with { Rule = "flood_close" }), Transition(7, 1, Alarm("a", state: AlarmState.Normal) with { Rule = "flood_close" }, AlarmState.ActiveUnacknowledged)], [], []));
        Assert.Equal([(1, 2, 0)], Said(Begin().Of(Seconds(1, 20))));
    }

    public void Dispose()
    {
        _state.Dispose();
        _directory.Dispose();
    }
}
