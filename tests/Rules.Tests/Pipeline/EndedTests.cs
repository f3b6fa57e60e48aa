using Telemetry.Rules.Alarms;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;

namespace Telemetry.Rules.Tests.Pipeline;

/// <summary>Alarms that end because what they speak of is no longer watched, and conditions that begin without a reading.</summary>
public sealed class EndedTests : IDisposable
{
    private const string Lost = """
            title: {en: Level lost, zh: 水位丢失}
            when: unknown(level)
            delay: {on: 5s}
            severity: high
            consequence: road closed
            respond_in: 10m
            who: crew
            action: {en: Phone the crew., zh: 致电班组。}
            source: engineering default
        """;

    private static readonly string Quiet = Families.Pump.ReplaceLineEndings("\n").Replace("heartbeat: 24s", "heartbeat: 1h", StringComparison.Ordinal);

    private readonly Timeline _timeline = new(Quiet);

    public void Dispose() => _timeline.Dispose();

    private static Device Station(string state) => new() { Id = "ps-1", Family = "pump", Gateway = "gw", State = state };

    [Fact]
    public void Two_losses_of_a_channel_are_two_occurrences_although_no_reading_began_them()
    {
        using var timeline = new Timeline(Quiet + "\n  level_lost:\n" + Lost.ReplaceLineEndings("\n"));
        for (var at = 0; at <= 120; at += 10)
            timeline.At(at).Reading("ps-1", at is 0 or 60 ? "level=1" : "temperature=20");
        var raised = timeline.Transitions.Where(transition => transition is { Cause: "raised", Alarm.Rule: "level_lost" }).ToList();
        Assert.Equal(2, raised.Count);
        Assert.NotEqual(raised[0].Alarm.Id, raised[1].Alarm.Id);
    }

    [Fact]
    public void A_device_back_in_commissioning_has_no_alarms_and_begins_anew_when_it_is_live()
    {
        _timeline.At(0).Register(Station("live")).Reading("ps-1", "cover=open").TicksTo(12);
        Assert.Equal(["00:10 ps-1 cover_open ActiveUnacknowledged Critical raised"], _timeline.Look());
        _timeline.Register(Station("commissioning"));
        Assert.Equal(["00:12 ps-1 cover_open Normal Critical commissioning"], _timeline.Look());
        _timeline.TicksTo(60).Reading("ps-1", "cover=open").TicksTo(90);
        Assert.Empty(_timeline.Look());
        _timeline.Register(Station("live")).TicksTo(101);
        Assert.Equal(["01:40 ps-1 cover_open ActiveUnacknowledged Critical raised"], _timeline.Look());
    }

    [Fact]
    public void An_alarm_of_a_pump_ends_when_its_rule_is_no_longer_one_of_each_pump()
    {
        for (var at = 0; at <= 30; at += 10)
            _timeline.At(at).Reading("ps-1", "command.2=true run.2=false");
        Assert.Equal(AlarmState.ActiveUnacknowledged, _timeline.Transitions[^1].To);
        _timeline.Look();
        var changed = Families.Pump.ReplaceLineEndings("\n").Replace("    each: pump\n", "", StringComparison.Ordinal).Replace("when: command && !run", "when: any(command) && !any(run)", StringComparison.Ordinal);
        Assert.Empty(FamilyReader.Read("test.yaml", changed).Errors);
        _timeline.Add(new FamilyEntry("pump", changed, "changed"));
        Assert.Contains("00:30 ps-1 not_started/2 Normal High rule_removed", _timeline.Look());
    }
}
