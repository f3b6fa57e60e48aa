using Telemetry.Rules.Model;

namespace Telemetry.Rules.Tests.Pipeline;

/// <summary>Readings that were decoded again from dead letters: they came long before their entries. The family's heartbeat of 24 s makes a device silent after 60 s.</summary>
public sealed class RedecodedTests : IDisposable
{
    private readonly Timeline _timeline = new(Families.Pump);
    private int _talked;

    public void Dispose() => _timeline.Dispose();

    [Fact]
    public void One_is_no_sign_of_life_of_its_device()
    {
        _timeline.At(0).Tick().Reading("ps-1", "cover=closed");
        Talking(59).Again("ps-1", "cover=closed", eventTime: 30);
        Talking(100);
        Assert.Equal(["01:00 ps-1 offline ActiveUnacknowledged Medium raised"], _timeline.Look());
        Assert.Equal($"no contact since {Iso.Time(Timeline.Zero + 30_000)}", _timeline.Transitions[^1].Alarm.Detail);
        Again("ps-1", "cover=closed", eventTime: 40);
        Assert.Empty(_timeline.Look());
    }

    [Fact]
    public void One_is_no_sign_of_life_of_its_gateway()
    {
        _timeline.At(0).Tick().Reading("ps-1", "level=1");
        _timeline.At(1).Add(new GatewayEntry("gw", up: false, "status")).TicksTo(60);
        Assert.Equal(["00:11 gw offline ActiveUnacknowledged Critical raised"], _timeline.Look());
        Again("ps-1", "temperature=20", eventTime: 0);
        Assert.Empty(_timeline.Look());
    }

    [Fact]
    public void One_that_came_through_another_gateway_moves_nobody_there()
    {
        _timeline.At(0).Tick().Reading("ps-1", "level=1", gateway: "gw-2").At(10);
        Again("ps-1", "level=1", eventTime: 5);
        Assert.Equal("gw-2", _timeline.Pipeline.Fleet.Find("ps-1")!.Device.Gateway);
    }

    [Fact]
    public void One_that_is_the_newest_of_its_channel_raises_like_any_late_reading()
    {
        _timeline.At(0).Tick().Reading("ps-1", "temperature=20").TicksTo(50);
        Again("ps-1", "cover=open", eventTime: 20);
        Assert.Equal(["00:30 ps-1 cover_open ActiveUnacknowledged Critical raised"], _timeline.Look());
    }

    [Fact]
    public void One_that_comes_twice_counts_once()
    {
        _timeline.At(0).Tick().Reading("ps-1", "level=1").At(10);
        Again("ps-1", "temperature=70", eventTime: 5);
        Again("ps-1", "temperature=70", eventTime: 5);
        Assert.Equal([Operators.ValueVerdict.Drop], _timeline.Pipeline.Moment.Verdicts);
    }

    /// <summary>The gateway's other device reports every ten seconds.</summary>
    private RedecodedTests Talking(int to)
    {
        for (var at = _talked + 10; at <= to; _talked = at, at += 10)
            _timeline.TicksTo(at).Reading("ps-2", "level=1");
        _timeline.TicksTo(to);
        return this;
    }

    private void Again(string device, string values, double eventTime) => _timeline.Reading(device, values, eventTime, marks: TimeMarks.Redecoded);
}
