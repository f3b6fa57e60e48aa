using CsCheck;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;

namespace Telemetry.Rules.Tests.Pipeline;

/// <summary>Logs of everything that can stand in one: late readings, jumps, outages, restarts, operators, the register, other rules.</summary>
internal static class RandomLog
{
    private static readonly string Area = FamilySet.ShippedFiles().Single(file => file.File == "area.yaml").Text;

    // A rung more, a rung less, other rules.
    private static readonly string[] Versions =
    [
        Families.PumpInPlaces,
        Families.PumpInPlaces.Replace("    ladder:\n", "    ladder:\n      - {above: high - 1 m, severity: low}\n", StringComparison.Ordinal),
        Families.PumpInPlaces.Replace("      - {above: high, severity: high}\n", "", StringComparison.Ordinal),
        Families.Pump.ReplaceLineEndings("\n"),
    ];

    public static readonly Gen<(int Kind, int Device, int Value, int Step, int Late)> Step =
        Gen.Select(Gen.Int[0, 19], Gen.Int[0, 5], Gen.Int[0, 40], Gen.Int[0, 40], Gen.Int[0, 30]);

    // The same rules with causes: a cover explains pumps and their level, and a hot device (an event) its cover.
    private static readonly string Explained = Families.WithMaxRate(Families.PumpInPlaces, "6 m/min")
        .Replace("    when: cover == open\n", "    when: cover == open\n    suppresses: [not_started, level_high]\n", StringComparison.Ordinal)
        .Replace("    when: temperature > 50 Cel\n", "    when: temperature > 50 Cel\n    suppresses: [cover_open]\n", StringComparison.Ordinal);

    private static readonly string[] Actions =
        ["acknowledge", "reset", "shelve", "unshelve", "suppress", "unsuppress", "out-of-service", "return-to-service", "accept", "decline", "on-site", "done", "false-alarm"];

    public static Timeline Begin() => new(Explained, Area);

    public static void Write(Timeline timeline, (int Kind, int Device, int Value, int Step, int Late)[] steps)
    {
        var now = 0.0;
        var sequence = 0;
        foreach (var (kind, device, value, step, late) in steps)
        {
            now += step / 4.0;
            timeline.At(now);
            var id = $"ps-{device}";
            var gateway = $"gw-{device % 2}";
            double eventTime = Math.Max(0, now - (late > 20 ? late - 20 : 0));
            switch (kind)
            {
                case 0 or 1 or 2:
                    timeline.Reading(id, FormattableString.Invariant($"level={value / 10.0}"), eventTime, gateway, sequence: ++sequence, marks: value % 7 == 0 ? TimeMarks.Redecoded : TimeMarks.None);
                    break;
                case 3:
                    timeline.Reading(id, $"command.{1 + (value % 3)}=true run.{1 + (value % 3)}={(value % 2 == 0 ? "true" : "false")}", eventTime, gateway, sequence: ++sequence);
                    break;
                case 4:
                    timeline.Reading(id, value % 2 == 0 ? "cover=open" : "cover=closed", eventTime, gateway);
                    break;
                case 5:
                    timeline.Reading(id, $"level=0!{(value % 2 == 0 ? "bad" : "stale")} temperature={40 + value}", eventTime, gateway);
                    break;
                case 6 or 7 or 8:
                    // Some of them long enough for another sound.
                    var ticks = value == 40 ? 400 : value;
                    timeline.TicksTo(now + ticks);
                    now += ticks;
                    break;
                case 9 when timeline.Transitions.Count > 0:
                    timeline.Act(value % 3 == 0 ? "reset" : "acknowledge");
                    break;
                case 10:
                    timeline.Add(new GatewayEntry(gateway, up: value % 2 == 0, "status"));
                    break;
                case 16:
                    var text = Versions[value % Versions.Length];
                    timeline.Add(new FamilyEntry("pump", text, Telemetry.Rules.Families.FamilyReader.HashOf(text)));
                    break;
                case 13 or 14 when timeline.Transitions.Count > 0:
                    // An alarm of some time ago: it may have ended.
                    timeline.Act(Actions[value % Actions.Length], timeline.Transitions[^(1 + (step % timeline.Transitions.Count))].Alarm.Rule, reason: "why", until: now + 100 + value, second: "Wang", permit: "P-1", watch: "a guard");
                    break;
                case 15:
                    timeline.Add(new FamilyEntry("pump", value % 2 == 0 ? Explained : Families.PumpInPlaces, $"{value}"));
                    break;
                case 12 when late % 2 == 0:
                    // Entry ids that were opened here, and some that were not.
                    timeline.Add(new PositionEntry((PositionAction)(value % 5), $"P-{device % 2}", $"{"WLZ"[step % 3]}")
                    {
                        Text = "note",
                        Hash = $"{value}",
                        Handover = timeline.Log.OfType<PositionEntry>().LastOrDefault(entry => entry.Action == PositionAction.OpenHandover)?.Position ?? value,
                    });
                    break;
                case 12:
                    timeline.Add(new SystemEntry("broker_lost", active: value % 2 == 0, "refused"));
                    break;
                case 18:
                    var kinds = new[] { CalendarKind.WorkOrder, CalendarKind.RainForecast, CalendarKind.Holiday };
                    var scope = value % 2 == 0 ? CalendarScope.City : CalendarScope.Device;
                    timeline.Add(new CalendarEntry(
                        new CalendarItem($"W-{value % 4}", kinds[step % 3], step % 3 == 0 ? "entry" : null, scope, scope == CalendarScope.City ? null : id, At(now + late - 10), At(now + late + value), "Li", null),
                        cancelled: late % 5 == 0));
                    break;
                case 19:
                    timeline.Add(new ServiceStartedEntry("test", adoption: value % 8 == 0));
                    break;
                case 11 or 17:
                    timeline.Register(new Device { Id = id, Family = "pump", Gateway = gateway, District = "East", Street = $"S-{value % 2}", Parent = $"P-{late % 2}", State = value == 40 ? "commissioning" : value > 35 ? "test" : "live", Settings = new Dictionary<string, string> { ["high"] = $"{1 + (value % 3)}" }, Links = new Dictionary<string, string> { ["other"] = $"ps-{value % 4}" } });
                    break;
            }
        }
    }

    private static long At(double seconds) => Timeline.Zero + (long)(seconds * 1000);
}
