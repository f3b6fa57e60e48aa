using Telemetry.Ingest.Notify;
using Telemetry.Ingest.Notify.Rota;
using Telemetry.Ingest.Notify.Routing;
using Telemetry.Rules.Families;

namespace Telemetry.Ingest.Tests.Notify;

public class RoutingTests
{
    private const string People = """
        people:
          a: {name: A, phone: "110001"}
          b: {name: B, phone: "110002"}
          c: {name: C, phone: "110003"}
          d: {name: D, phone: "110004"}
          x: {name: X, phone: "110005"}
        teams:
          pumps: {title: {en: P, zh: 泵}, people: [a, b, c], handover: daily 08:00, leader: x}
          night: {title: {en: N, zh: 夜}, shifts: {day: {hours: 08:00-20:00, people: [a, b]}, dark: {hours: 20:00-08:00, people: [c, d]}}}
          alone: {title: {en: O, zh: 独}, always: d, leader: pumps}

        """;

    private static readonly long Monday = Files.At("2026-11-30 12:00");

    private static readonly NotifyFile File = Files.Right(People + """
        routes:
          - {family: gas_valve, rule: leak_high, to: night}
          - {family: [tunnel, public_toilet], hours: 20:00-08:00, to: night}
          - {district: [西湖区], street: 八一大道, to: alone}
          - {calendar: [holiday, rain_forecast], to: alone}
          - {kind: ticket, to: alone}
          - {severity: [critical, high], to: pumps, position: north}
          - {to: night, steps: [{after: 0min, to: on_call}, {after: 10min, to: x, by: [sms]}]}
        """);

    [Theory]
    [InlineData("gas_valve leak_high critical", "2026-11-30 12:00", 1)]
    [InlineData("gas_valve leak_low critical", "2026-11-30 12:00", 6)]
    [InlineData("tunnel co_high high", "2026-11-30 12:00", 6)]
    [InlineData("tunnel co_high high", "2026-11-30 20:00", 2)]
    [InlineData("public_toilet sos critical", "2026-12-01 07:59", 2)]
    [InlineData("public_toilet sos critical", "2026-12-01 08:00", 6)]
    [InlineData("manhole_cover cover_open high 西湖区 八一大道", "2026-11-30 12:00", 3)]
    [InlineData("manhole_cover cover_open high 西湖区 中山路", "2026-11-30 12:00", 6)]
    [InlineData("manhole_cover cover_loose medium", "2026-11-30 12:00", 7)]
    public void The_first_route_that_fits_has_it(string alarm, string at, int route)
    {
        var words = alarm.Split(' ');
        var query = new RouteQuery(AlarmKind.Alarm, words[0], words[1], Vocabulary.Severities[words[2]], words.ElementAtOrDefault(3), words.ElementAtOrDefault(4), CalendarKinds.None);

        Assert.Equal(route, new Router(File).Of(query, Files.At(at)).Route.Number);
    }

    [Theory]
    [InlineData(CalendarKinds.None, 6)]
    [InlineData(CalendarKinds.WorkOrder, 6)]
    [InlineData(CalendarKinds.RainForecast, 4)]
    [InlineData(CalendarKinds.WorkOrder | CalendarKinds.Holiday, 4)]
    public void A_route_may_ask_for_what_is_in_force(CalendarKinds calendar, int route) =>
        Assert.Equal(route, new Router(File).Of(new RouteQuery(AlarmKind.Alarm, "tunnel", "co_high", Severity.High, null, null, calendar), Monday).Route.Number);

    [Fact]
    public void A_ticket_waits_for_the_digest_whatever_its_route_says()
    {
        var routed = new Router(File).Of(new RouteQuery(AlarmKind.Ticket, "tunnel", "fan_wear", Severity.Critical, null, null, CalendarKinds.None), Monday);

        Assert.Equal((5, true), (routed.Route.Number, routed.IsDigest));
    }

    [Theory]
    [InlineData(Severity.Critical, "0 on_call, 3 next, 6 leader Voice Sms")]
    [InlineData(Severity.High, "0 on_call")]
    [InlineData(Severity.Medium, "0 on_call, 10 x Sms")]
    public void Steps_are_the_route_s_or_the_severity_s(Severity severity, string expected) => Assert.Equal(
        expected,
        string.Join(", ", new Router(File).Of(new RouteQuery(AlarmKind.Alarm, "manhole_cover", "cover_open", severity, null, null, CalendarKinds.None), Monday).Steps
            .Select(step => $"{step.After / 60_000} {step.To.Word} {string.Join(' ', step.By ?? [])}".TrimEnd())));

    [Fact]
    public void An_unsigned_handover_is_the_leader_s_unless_its_route_says_otherwise()
    {
        var query = new RouteQuery(AlarmKind.Alarm, "system", "handover_unsigned", Severity.High, null, null, CalendarKinds.None);

        Assert.Equal([new RouteStep(0, StepTarget.Leader)], new Router(File).Of(query, Monday).Steps);
        var written = Files.Right(People + "routes: [{family: system, to: pumps, steps: [{after: 0min, to: on_call}]}, {to: pumps}]");
        Assert.Equal([new RouteStep(0, StepTarget.OnCall)], new Router(written).Of(query, Monday).Steps);
    }

    // On 2026-11-30 a has the pumps; day is in a's or b's week, dark in c's or d's.
    [Theory]
    [InlineData("pumps", "on_call", "", "a")]
    [InlineData("pumps", "next", "a", "b")]
    [InlineData("pumps", "next", "a b", "c")]
    [InlineData("pumps", "next", "a b c", "x")]
    [InlineData("pumps", "leader", "a b", "x")]
    [InlineData("pumps", "leader", "a b x", "c")]
    [InlineData("pumps", "c", "c", "c")]
    [InlineData("alone", "next", "d", "a")]
    [InlineData("alone", "next", "d a", "d")]
    public void A_step_always_finds_somebody(string team, string target, string told, string expected)
    {
        var at = Files.At("2026-11-30 12:00") + (Offset() * 86_400_000L);

        Assert.Equal(expected, new OnCall(File).Of(File.Team(team)!, new StepTarget(target), at, told.Split(' ', StringSplitOptions.RemoveEmptyEntries)));
    }

    [Fact]
    public void The_next_one_is_of_the_shift_that_runs()
    {
        var night = File.Team("night")!;
        var at = Files.At("2026-11-30 03:00");
        var now = night.At(at).Person!;

        Assert.Contains(now, new[] { "c", "d" });
        Assert.Equal(now == "c" ? "d" : "c", new OnCall(File).Of(night, StepTarget.Next, at, [now]));
    }

    [Fact]
    public void In_a_gap_the_next_best_is_asked()
    {
        var file = Files.Right(People.Replace("people: [a, b, c], handover: daily 08:00", "shifts: {day: {hours: 08:00-20:00, people: [b, a]}}", StringComparison.Ordinal) + "routes: [{to: pumps}]");

        Assert.Null(file.Team("pumps")!.At(Files.At("2026-11-30 03:00")).Person);
        Assert.Equal("b", new OnCall(file).Of(file.Team("pumps")!, StepTarget.OnCall, Files.At("2026-11-30 03:00"), []));
    }

    /// <summary>Days until a has the pumps.</summary>
    private static int Offset() => Enumerable.Range(0, 3).First(days => File.Team("pumps")!.At(Files.At("2026-11-30 12:00") + (days * 86_400_000L)).Person == "a");
}
