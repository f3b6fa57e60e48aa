using System.Reactive.Subjects;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;

namespace Telemetry.Rules.Tests.Pipeline;

/// <summary>Many gateways of a district lost at once are one alarm of the district.</summary>
public sealed class GatewayOutagesTests : IDisposable
{
    private readonly SortedSet<string> _gateways = new(StringComparer.Ordinal);
    private readonly HashSet<string> _down = [];
    private Timeline _timeline = New();
    private int _now;

    public void Dispose() => _timeline.Dispose();

    private static Timeline New() => new(Families.Pump, FamilySet.ShippedFiles().Single(file => file.File == "area.yaml").Text);

    /// <summary>One device behind each.</summary>
    private void Register(int count, string district = "East", string prefix = "gw", string state = "live")
    {
        _timeline.At(0);
        for (var i = 0; i < count; i++)
        {
            _timeline.Register(new Device { Id = $"{prefix}-{i:00}-ps", Family = "pump", Gateway = $"{prefix}-{i:00}", District = district, State = state, StateReason = state == "live" ? null : "drill" });
            _gateways.Add($"{prefix}-{i:00}");
        }
        TicksTo(1);
    }

    private void Down(double at, params IEnumerable<int> gateways) => Set(at, false, gateways);

    private void Set(double at, bool up, IEnumerable<int> gateways, string prefix = "gw")
    {
        TicksTo((int)at);
        _timeline.At(at);
        foreach (var gateway in gateways.Select(number => $"{prefix}-{number:00}"))
        {
            _timeline.Add(new GatewayEntry(gateway, up, "connection_ended"));
            if (!(up ? _down.Remove(gateway) : _down.Add(gateway)))
                throw new InvalidOperationException($"{gateway} is so already");
        }
    }

    /// <summary>With a reading of each device that can send one, every 10 s.</summary>
    private void TicksTo(int at)
    {
        while (_now < at)
        {
            _timeline.At(++_now);
            foreach (var gateway in _now % 10 == 1 ? _gateways.Except(_down) : [])
                _timeline.Reading($"{gateway}-ps", "cover=closed", gateway: gateway);
            _timeline.Tick();
        }
    }

    /// <summary>A restart at any entry gives the same journal.</summary>
    private static void AssertResumes(Timeline timeline)
    {
        var expected = timeline.Transitions.Select(transition => transition.Id + transition.Cause).ToList();
        for (var cut = 0; cut <= timeline.Log.Count; cut++)
        {
            var told = new List<string>();
            var memory = new MemoryStream();
            var before = new RulePipeline((long)TimeSpan.FromDays(7).TotalMilliseconds);
            Run(before, timeline.Log.Take(cut));
            before.Save(new BinaryWriter(memory));
            var after = new RulePipeline((long)TimeSpan.FromDays(7).TotalMilliseconds);
            after.Load(new BinaryReader(new MemoryStream(memory.ToArray())));
            Run(after, timeline.Log.Skip(cut));
            Assert.Equal(expected, told);

            void Run(RulePipeline pipeline, IEnumerable<LogEntry> entries)
            {
                using var log = new Subject<LogEntry>();
                using var running = pipeline.Run(log).Subscribe(transition => told.Add(transition.Id + transition.Cause));
                foreach (var entry in entries)
                    log.OnNext(entry);
            }
        }
    }

    private string[] Look() => [.. _timeline.Look().Select(line => string.Join(' ', line.Split(' ').Where(word => word is not ("Critical" or "High" or "Medium"))))];

    [Fact]
    public void Twenty_at_once_are_one_alarm_with_the_count_and_those_that_stay_away_are_told_when_it_is_over()
    {
        Register(20);
        Down(10.3, Enumerable.Range(0, 20));
        TicksTo(30);
        var lines = Look();
        Assert.Equal("00:19 East gateways_offline ActiveUnacknowledged raised", lines[0]);
        Assert.Equal(20, lines.Count(line => line.Contains("offline Suppressed raised", StringComparison.Ordinal)));
        Assert.Equal(21, lines.Length);
        var area = _timeline.Transitions.First(transition => transition.Alarm.Rule == "gateways_offline").Alarm;
        Assert.Equal(("area", "East", _timeline.Transitions[^1].Alarm.Severity), (area.Family, area.District, area.Severity));
        Assert.StartsWith("20 of 20 gateways of East were lost: gw-00, gw-01", area.Detail, StringComparison.Ordinal);
        Assert.Single(_timeline.Transitions, transition => transition.Alarm.SoundedAt is not null);

        // All but two come back: over a minute later, and the two are told one by one.
        Set(40.5, true, Enumerable.Range(2, 18));
        TicksTo(110);
        Assert.Equal(
            ["01:41 East gateways_offline ClearedUnacknowledged cleared", "01:41 gw-00 offline ActiveUnacknowledged cause_over", "01:41 gw-01 offline ActiveUnacknowledged cause_over"],
            Look().Where(line => !line.Contains("offline Normal", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(20, 4, false)]
    [InlineData(20, 5, true)]
    [InlineData(10, 2, false)]
    [InlineData(10, 3, true)]
    [InlineData(3, 1, false)]
    [InlineData(3, 2, true)]
    [InlineData(1, 1, false)]
    public void So_many_or_a_third_where_that_is_fewer_and_two_at_least(int all, int lost, bool isArea)
    {
        Register(all);
        Down(10, Enumerable.Range(0, lost));
        TicksTo(40);
        var lines = Look();
        Assert.Equal(isArea, lines.Any(line => line.Contains("gateways_offline", StringComparison.Ordinal)));
        Assert.Equal(isArea ? 0 : lost, lines.Count(line => line.Contains(" offline ActiveUnacknowledged raised", StringComparison.Ordinal)));
    }

    [Fact]
    public void What_was_lost_a_minute_before_is_no_part_of_it_and_what_is_lost_meanwhile_is()
    {
        Register(20);
        Down(10, 19);
        TicksTo(99);
        Look();
        Down(100, 0, 1, 2, 3, 4);
        TicksTo(120);
        Down(121, 5);
        TicksTo(140);
        var area = _timeline.Transitions.First(transition => transition.Alarm.Rule == "gateways_offline").Alarm;
        Assert.StartsWith("5 of 20 gateways of East", area.Detail, StringComparison.Ordinal);
        Assert.Equal(["gw-00", "gw-01", "gw-02", "gw-03", "gw-04", "gw-05"], _timeline.Pipeline.OpenAlarms.Where(alarm => alarm.SuppressedBy == area.Id).Select(alarm => alarm.Device).Order(StringComparer.Ordinal));
        Assert.Equal("gw-19", Assert.Single(_timeline.Pipeline.OpenAlarms, alarm => alarm.Rule == "offline" && alarm.SuppressedBy is null).Device);
    }

    [Fact]
    public void Gateways_of_several_districts_in_a_drill_or_back_within_seconds_are_none()
    {
        Register(4);
        Register(4, "West", "w");
        Register(10, "North", "d", "drill");
        Set(10, false, [0], "gw");
        Set(10, false, [0], "w");
        Set(10, false, Enumerable.Range(0, 10), "d");
        TicksTo(30);
        Assert.DoesNotContain(Look(), line => line.Contains("gateways_offline", StringComparison.Ordinal));
        Set(40, false, [1, 2, 3], "gw");
        TicksTo(45);
        Set(46, true, [1, 2, 3], "gw");
        TicksTo(90);
        Assert.DoesNotContain(Look(), line => line.Contains("gateways_offline", StringComparison.Ordinal));
    }

    [Fact]
    public void It_is_the_same_in_whatever_order_they_are_lost_and_after_a_restart_at_any_entry()
    {
        string[]? first = null;
        foreach (var order in (IEnumerable<int>[])[Enumerable.Range(0, 7), Enumerable.Range(0, 7).Reverse(), [3, 0, 6, 1, 5, 2, 4]])
        {
            _timeline.Dispose();
            (_timeline, _now) = (New(), 0);
            _down.Clear();
            Register(8);
            Down(10, order);
            TicksTo(25);
            Set(30, true, order.Where(gateway => gateway > 0));
            TicksTo(120);
            var story = _timeline.Transitions.Select(transition => $"{transition.Alarm.Device} {transition.Alarm.Rule} {transition.To} {transition.At} {transition.Cause}").Order(StringComparer.Ordinal).ToArray();
            Assert.Equal(first ??= story, story);
        }
        Assert.Contains(first!, line => line.Contains("gateways_offline ActiveUnacknowledged", StringComparison.Ordinal));
        AssertResumes(_timeline);
    }
}
