using System.Reactive.Subjects;
using Telemetry.Rules.Alarms;
using Telemetry.Rules.Model;

namespace Telemetry.Rules.Tests.Pipeline;

/// <summary>With gateway credentials, devices first seen wait for adoption; that gateways have credentials stands in the start entry.</summary>
public sealed class AdoptionTests : IDisposable
{
    private static readonly Device Adopted = new() { Id = "ps-1", Family = "pump", Gateway = "gw" };

    private readonly Timeline _timeline = new(Families.Pump);

    public void Dispose() => _timeline.Dispose();

    private Timeline WithCredentials() => _timeline.At(0).Add(new ServiceStartedEntry("test", adoption: true)).Tick();

    [Fact]
    public void Without_credentials_a_device_first_seen_is_evaluated()
    {
        _timeline.At(0).Tick().Reading("ps-1", "cover=open").TicksTo(11);
        Assert.Equal(["00:10 ps-1 cover_open ActiveUnacknowledged Critical raised"], _timeline.Look());
    }

    [Fact]
    public void With_credentials_a_device_first_seen_raises_nothing_but_its_readings_are_accepted()
    {
        WithCredentials().Reading("ps-1", "cover=open");
        Assert.Null(_timeline.Pipeline.Moment.Verdicts);
        Assert.Equal("provisional", Assert.Single(_timeline.Pipeline.Moment.ChangedDevices).State);
        _timeline.TicksTo(30).Reading("ps-1", "level=9 temperature=55").TicksTo(60).Reading("ps-2", "level=1").TicksTo(65);
        Assert.Empty(_timeline.Look());
    }

    [Fact]
    public void An_adopted_device_is_evaluated_from_then_on()
    {
        WithCredentials().Reading("ps-1", "cover=open").TicksTo(20);
        Assert.Empty(_timeline.Look());
        // What it has said before is known: its delay begins now.
        _timeline.Register(Adopted).TicksTo(40);
        Assert.Equal(["00:30 ps-1 cover_open ActiveUnacknowledged Critical raised"], _timeline.Look());
    }

    [Fact]
    public void A_change_that_leaves_it_provisional_adopts_nothing()
    {
        WithCredentials().Reading("ps-1", "cover=open").Register(Adopted with { State = "provisional", Street = "Long Street" });
        _timeline.Reading("ps-1", "cover=open").TicksTo(20);
        Assert.Empty(_timeline.Look());
    }

    [Fact]
    public void A_device_of_the_register_is_evaluated_from_its_first_reading()
    {
        WithCredentials().Register(Adopted).Reading("ps-1", "cover=open").TicksTo(11);
        Assert.Equal(["00:10 ps-1 cover_open ActiveUnacknowledged Critical raised"], _timeline.Look());
    }

    [Fact]
    public void With_credentials_no_reading_moves_a_device_to_another_gateway()
    {
        WithCredentials().Register(Adopted).Reading("ps-1", "level=1", gateway: "gw-2").TicksTo(5);
        Assert.Equal("gw", _timeline.Pipeline.Fleet.Find("ps-1")!.Device.Gateway);
        // A person does, and one that stood behind none belongs to the first that brings it.
        _timeline.Register(Adopted with { Gateway = "gw-2" }).Register(Adopted with { Id = "ps-2", Gateway = null }).Reading("ps-1", "level=1", gateway: "gw").Reading("ps-2", "level=1", gateway: "gw-3").TicksTo(6);
        Assert.Equal(("gw-2", "gw-3"), (_timeline.Pipeline.Fleet.Find("ps-1")!.Device.Gateway, _timeline.Pipeline.Fleet.Find("ps-2")!.Device.Gateway));
        // Without credentials it follows again.
        _timeline.Add(new ServiceStartedEntry("test")).Reading("ps-1", "level=1", gateway: "gw").TicksTo(7);
        Assert.Equal("gw", _timeline.Pipeline.Fleet.Find("ps-1")!.Device.Gateway);
    }

    [Fact]
    public void Silence_of_a_waiting_device_is_nobodys_alarm_and_of_an_adopted_one_is()
    {
        WithCredentials().Reading("ps-1", "level=1").Register(Adopted with { Id = "ps-2" }).Reading("ps-2", "level=1");
        for (var at = 10; at <= 40; at += 10)
            _timeline.TicksTo(at).Reading("ps-2", "level=1");
        _timeline.TicksTo(70).Reading("ps-2", "level=1");
        Assert.Empty(_timeline.Look());
        _timeline.Register(Adopted);
        for (var at = 80; at <= 140; at += 10)
            _timeline.TicksTo(at).Reading("ps-2", "level=1");
        Assert.Equal(["01:11 ps-1 offline ActiveUnacknowledged Medium raised"], _timeline.Look());
    }

    [Fact]
    public void What_was_evaluated_before_credentials_came_stays_evaluated_so_that_its_alarms_can_end()
    {
        _timeline.At(0).Tick().Reading("ps-1", "cover=open").TicksTo(11);
        _timeline.Add(new ServiceStartedEntry("test", adoption: true)).TicksTo(20).Reading("ps-1", "cover=closed").Reading("ps-2", "cover=open").TicksTo(81);
        Assert.Equal(
            ["00:10 ps-1 cover_open ActiveUnacknowledged Critical raised", "01:20 ps-1 cover_open ClearedUnacknowledged Critical cleared"],
            _timeline.Look().Where(line => line.Contains("cover_open", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_start_without_credentials_evaluates_what_was_waiting()
    {
        WithCredentials().Reading("ps-1", "cover=open").TicksTo(20).Add(new ServiceStartedEntry("test")).Reading("ps-1", "cover=open").TicksTo(31);
        Assert.Equal(["00:30 ps-1 cover_open ActiveUnacknowledged Critical raised"], _timeline.Look());
    }

    [Fact]
    public void What_fell_silent_while_it_was_waiting_is_told_when_it_waits_no_more()
    {
        WithCredentials().Reading("ps-1", "cover=closed").TicksTo(40).Reading("ps-2", "cover=closed").TicksTo(80).Reading("ps-2", "cover=closed");
        _timeline.Add(new ServiceStartedEntry("test")).TicksTo(90);
        Assert.Equal(["01:21 ps-1 offline ActiveUnacknowledged Medium raised"], _timeline.Look());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_restart_from_a_checkpoint_keeps_who_waits_and_who_does_not(bool withStart)
    {
        WithCredentials().Reading("ps-1", "level=1").Reading("ps-2", "level=1").Register(Adopted with { Id = "ps-2" });
        var resumed = new RulePipeline((long)TimeSpan.FromDays(7).TotalMilliseconds);
        using var memory = new MemoryStream();
        using (var into = new BinaryWriter(memory, System.Text.Encoding.UTF8, leaveOpen: true))
            _timeline.Pipeline.Save(into);
        memory.Position = 0;
        using (var from = new BinaryReader(memory))
            resumed.Load(from);

        var before = _timeline.Log.Count;
        if (withStart)
            _timeline.Add(new ServiceStartedEntry("test", adoption: true));
        _timeline.Reading("ps-1", "cover=open").Reading("ps-2", "cover=open").Reading("ps-3", "cover=open").TicksTo(11);
        var transitions = new List<AlarmTransition>();
        using var entries = new Subject<LogEntry>();
        using (resumed.Run(entries).Subscribe(transitions.Add))
        {
            foreach (var entry in _timeline.Log.Skip(before))
                entries.OnNext(entry);
        }
        Assert.Equal("ps-2", Assert.Single(transitions).Alarm.Device);
        Assert.Equal(["00:10 ps-2 cover_open ActiveUnacknowledged Critical raised"], _timeline.Look());
    }
}
