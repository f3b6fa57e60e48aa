using Telemetry.Rules.Alarms;
using Telemetry.Rules.Families;

namespace Telemetry.Ingest.Backtest;

/// <summary>One occurrence as a playback gave it.</summary>
/// <param name="Alarm">As it stood when the playback ended.</param>
/// <param name="Severity">The highest that it reached.</param>
/// <param name="Calls">How often it called an operator.</param>
public sealed record Occurred(Alarm Alarm, Severity Severity, int Calls)
{
    public string Id => Alarm.Id;

    internal OccurrenceKey Key => new(Alarm.Family, Alarm.Rule, Alarm.Device, Alarm.Instance);

    public long RaisedAt => Alarm.RaisedAt;

    /// <summary>Unix ms; the end of time while it stands.</summary>
    public long Until => Alarm.Kind == AlarmKind.Event ? Alarm.RaisedAt : Alarm.ClearedAt ?? long.MaxValue;
}

/// <summary>What two playbacks' occurrences have in common when they are of one thing.</summary>
internal readonly record struct OccurrenceKey(string Family, string Rule, string Device, string? Instance) : IComparable<OccurrenceKey>
{
    public int CompareTo(OccurrenceKey other)
    {
        var order = string.CompareOrdinal(Family, other.Family);
        order = order != 0 ? order : string.CompareOrdinal(Rule, other.Rule);
        order = order != 0 ? order : string.CompareOrdinal(Device, other.Device);
        return order != 0 ? order : string.CompareOrdinal(Instance, other.Instance);
    }
}
