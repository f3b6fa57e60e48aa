using Telemetry.Rules.Model;

namespace Telemetry.Rules.Tests.Pipeline;

/// <summary>Silence of devices and gateways. The family's heartbeat of 24 s makes a device silent after 60 s.</summary>
public sealed class SilenceTests : IDisposable
{
    private readonly Timeline _timeline = new(Families.Pump);

    public void Dispose() => _timeline.Dispose();

    private static Device Registered(string id, string? gateway = null) => new() { Id = id, Family = "pump", Gateway = gateway };

    [Fact]
    public void A_device_never_seen_is_silent_Kapacitor_1015()
    {
        _timeline.At(0).Tick().Register(Registered("ps-9")).TicksTo(59);
        Assert.Empty(_timeline.Look());
        _timeline.TicksTo(60);
        Assert.Equal(["01:00 ps-9 offline ActiveUnacknowledged Medium raised"], _timeline.Look());
        Assert.Equal("never seen", _timeline.Transitions[^1].Alarm.Detail);
        _timeline.At(70).Reading("ps-9", "cover=closed", gateway: "");
        Assert.Equal(["01:10 ps-9 offline ClearedUnacknowledged Medium cleared"], _timeline.Look());
    }

    [Fact]
    public void A_gateway_that_says_offline_is_one_alarm_for_its_500_devices()
    {
        _timeline.At(0).Tick();
        for (var i = 0; i < 500; i++)
            _timeline.Reading($"ps-{i}", "level=1");
        _timeline.At(1).Add(new GatewayEntry("gw", up: false, "status")).TicksTo(600);
        var line = Assert.Single(_timeline.Look());
        Assert.Equal("00:11 gw offline ActiveUnacknowledged Critical raised", line);
        Assert.Equal("status; 500 devices behind it", _timeline.Transitions[^1].Alarm.Detail);
    }

    [Theory]
    [InlineData("commissioning")]
    [InlineData("moved")]
    public void A_gateways_silence_is_judged_by_what_is_evaluated_behind_it(string why)
    {
        var quick = Registered("ps-1", "gw");
        _timeline.At(0).Tick().Register(Registered("ps-2", "gw") with { Heartbeat = "1h" }).Register(quick);
        _timeline.Register(why == "moved" ? quick with { Gateway = "gw-2" } : quick with { State = "commissioning" }).Reading("ps-2", "level=1").TicksTo(600);
        Assert.DoesNotContain(_timeline.Look(), line => line.Contains(" gw ", StringComparison.Ordinal));
        // Wired, and back behind it.
        _timeline.Register(quick).Reading("ps-1", "level=1").TicksTo(700);
        Assert.Contains("11:10 gw offline ActiveUnacknowledged Critical raised", _timeline.Look());
    }

    [Fact]
    public void A_gateway_counts_those_that_came_to_it_and_not_those_that_left()
    {
        _timeline.At(0).Tick();
        for (var i = 0; i < 5; i++)
            _timeline.Reading($"ps-{i}", "level=1");
        foreach (var (at, device, gateway) in new[] { (1, "ps-1", "gw-2"), (2, "ps-4", "gw-2"), (3, "ps-0", "gw-2"), (4, "ps-1", "gw") })
            _timeline.At(at).Reading(device, "level=2", gateway: gateway);
        _timeline.At(5).Add(new GatewayEntry("gw", up: false, "status")).Add(new GatewayEntry("gw-2", up: false, "status")).TicksTo(30);
        Assert.Equal(["gw: status; 3 devices behind it", "gw-2: status; 2 devices behind it"], _timeline.Transitions.Select(transition => $"{transition.Alarm.Device}: {transition.Alarm.Detail}"));
    }

    [Fact]
    public void A_gateway_of_which_nothing_is_heard_is_one_alarm_before_its_devices()
    {
        _timeline.At(0).Tick();
        for (var i = 0; i < 20; i++)
            _timeline.Reading($"ps-{i}", "level=1");
        _timeline.TicksTo(300);
        var line = Assert.Single(_timeline.Look());
        Assert.Equal("01:10 gw offline ActiveUnacknowledged Critical raised", line);
    }

    [Fact]
    public void One_silent_device_of_a_gateway_that_talks_is_its_own_alarm()
    {
        _timeline.At(0).Tick().Reading("ps-1", "level=1").Reading("ps-2", "level=1");
        for (var at = 10; at <= 100; at += 10)
            _timeline.TicksTo(at).Reading("ps-2", "level=1");
        Assert.Equal(["01:00 ps-1 offline ActiveUnacknowledged Medium raised"], _timeline.Look());
    }

    [Fact]
    public void A_gateway_that_comes_back_at_once_is_no_alarm_and_any_reading_brings_it_back()
    {
        _timeline.At(0).Tick().Reading("ps-1", "level=1").Add(new GatewayEntry("gw", up: false, "connection_ended"));
        _timeline.TicksTo(9).Reading("ps-1", "level=1").TicksTo(30);
        Assert.Empty(_timeline.Look());
    }

    [Fact]
    public void Silence_does_not_age_while_the_service_is_down_nor_over_a_clock_step_Kapacitor_1898()
    {
        _timeline.At(0).Tick().Reading("ps-1", "level=1").TicksTo(10);
        _timeline.At(7200).Add(new ServiceStartedEntry("test")).Tick();
        _timeline.TicksTo(7230);
        _timeline.At(36_000).Add(new ClockStepEntry(28_800_000)).Tick().TicksTo(36_005);
        Assert.Equal(["raised", "cleared"], _timeline.Transitions.Select(transition => transition.Cause));
        Assert.All(_timeline.Transitions, transition => Assert.Equal("clock_step", transition.Alarm.Rule));
    }

    [Fact]
    public void A_process_that_stood_still_ages_nothing_but_a_few_seconds()
    {
        _timeline.At(0).Tick().Reading("ps-1", "level=1").TicksTo(10);
        _timeline.At(3600).Tick();
        Assert.Empty(_timeline.Look());
    }

    [Theory]
    [InlineData("broker_lost")]
    [InlineData("log_unwritable")]
    public void No_silence_ages_while_the_service_takes_nothing_and_it_goes_on_where_it_stood_afterwards(string rule)
    {
        _timeline.At(0).Tick().Reading("ps-1", "level=1").Reading("ps-2", "level=1").TicksTo(30).Add(new SystemEntry(rule, true, "why"));
        _timeline.TicksTo(600).Add(new SystemEntry(rule, false, "over"));
        Assert.Equal(
            [$"00:30 telemetry {rule} ActiveUnacknowledged Critical raised", $"10:00 telemetry {rule} ClearedUnacknowledged Critical cleared"],
            _timeline.Look());
        for (var at = 605; at <= 625; at += 5)
            _timeline.TicksTo(at).Reading("ps-2", "level=1");
        Assert.Empty(_timeline.Look());
        // 30 s before and 30 s after.
        _timeline.TicksTo(630);
        Assert.Equal(["10:30 ps-1 offline ActiveUnacknowledged Medium raised"], _timeline.Look());
    }

    [Fact]
    public void A_gateway_is_not_silent_because_the_broker_is_lost()
    {
        _timeline.At(0).Tick().Reading("ps-1", "level=1").TicksTo(50).Add(BrokerLost(true)).TicksTo(3600).Add(BrokerLost(false));
        Assert.DoesNotContain(_timeline.Look(), line => line.Contains(" offline ", StringComparison.Ordinal));
        _timeline.TicksTo(3600 + 19);
        Assert.Empty(_timeline.Look());
        _timeline.TicksTo(3600 + 20);
        Assert.Equal(["00:20 gw offline ActiveUnacknowledged Critical raised"], _timeline.Look());
    }

    [Fact]
    public void A_loss_of_the_broker_outlives_a_restart_of_the_service()
    {
        _timeline.At(0).Tick().Reading("ps-1", "level=1").Add(BrokerLost(true)).At(600).Add(new ServiceStartedEntry("test")).TicksTo(1200);
        Assert.Equal(["00:00 telemetry broker_lost ActiveUnacknowledged Critical raised"], _timeline.Look());
    }

    [Fact]
    public void A_lost_session_is_a_ticket_that_someone_has_to_see()
    {
        _timeline.At(0).Tick().Add(new SystemEntry("session_lost", active: true, "the broker")).Add(new SystemEntry("session_lost", active: false, "the broker"));
        Assert.Equal(
            ["00:00 telemetry session_lost ActiveUnacknowledged Low raised", "00:00 telemetry session_lost ClearedUnacknowledged Low cleared"],
            _timeline.Look());
        Assert.Equal("the broker", _timeline.Transitions[0].Alarm.Detail);
    }

    [Fact]
    public void Another_channel_that_dies_is_announced_anew_and_names_both()
    {
        _timeline.At(0).Tick().Add(new SystemEntry("channel_dead", active: true, "voice: timed_out"));
        _timeline.At(60).Add(new SystemEntry("channel_dead", active: false, "another channel died")).Add(new SystemEntry("channel_dead", active: true, "sms: failed; voice: timed_out"));
        _timeline.At(120).Add(new SystemEntry("channel_dead", active: false, "all channels work again"));
        Assert.Equal(["voice: timed_out", "sms: failed; voice: timed_out"], _timeline.Transitions.Where(transition => transition.To == Rules.Alarms.AlarmState.ActiveUnacknowledged).Select(transition => transition.Alarm.Detail));
        Assert.Equal(Rules.Alarms.AlarmState.ClearedUnacknowledged, _timeline.Transitions[^1].To);
    }

    [Fact]
    public void Each_certificate_has_an_alarm_of_its_own()
    {
        _timeline.At(0).Tick().Add(new SystemEntry("certificate_expires_soon", active: true, "a", "certificate.mqtt")).Add(new SystemEntry("certificate_expires_soon", active: true, "b", "certificate.gateway.gw-1"));
        _timeline.At(60).Add(new SystemEntry("certificate_expires_soon", active: false, "renewed", "certificate.mqtt"));
        Assert.Equal(
            ["00:00 certificate.mqtt certificate_expires_soon ActiveUnacknowledged High raised", "00:00 certificate.gateway.gw-1 certificate_expires_soon ActiveUnacknowledged High raised", "01:00 certificate.mqtt certificate_expires_soon ClearedUnacknowledged High cleared"],
            _timeline.Look());
    }

    private static SystemEntry BrokerLost(bool active) => new("broker_lost", active, "refused");
}
