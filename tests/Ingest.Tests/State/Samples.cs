using System.Globalization;
using Telemetry.Ingest.State;
using Telemetry.Rules.Alarms;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Tests.State;

/// <summary>Alarms, transitions and dead letters for tests of the projections.</summary>
internal static class Samples
{
    public const long T0 = 1_732_440_000_000;

    public static Alarm Alarm(string id, long raisedAt = T0, AlarmState state = AlarmState.ActiveUnacknowledged) => new()
    {
        Id = id,
        Device = "PS-1",
        Family = "drainage_pump",
        District = "north",
        Street = "南京路",
        Rule = "level_high",
        Instance = "2",
        Kind = AlarmKind.Alarm,
        Severity = Severity.High,
        State = state,
        RaisedAt = raisedAt,
        RaisedReceivedAt = raisedAt + 120,
        Channel = "sump_level",
        Value = 2.375,
        Limit = 2.2,
        Unit = "m",
        RuleVersion = "0123456789abcdef",
    };

    /// <summary>The alarm's transition at this position, which becomes the alarm's own.</summary>
    public static AlarmTransition Transition(long position, int ordinal, Alarm alarm, AlarmState from = AlarmState.Normal) => new(
        position,
        ordinal,
        string.Create(CultureInfo.InvariantCulture, $"t{position}.{ordinal}"),
        from,
        alarm.State,
        alarm.RaisedAt,
        alarm.RaisedReceivedAt,
        "raised",
        alarm with { Position = position });

    public static ProjectionBatch Batch(long position, params AlarmTransition[] transitions) => new(position, transitions, [], []);

    public static DeadLetterEntry DeadLetter(long position) => new()
    {
        Position = position,
        Time = T0 + position,
        Topic = "telemetry/v1/GW-1/tunnel/T-1",
        Reason = "malformed",
        Detail = "byte 7: 'x' is no JSON; a number would be right",
        Payload = [0, 1, 0xFF, (byte)position],
    };
}
