using System.Globalization;
using Telemetry.Ingest.Alarms;
using Telemetry.Ingest.Security;
using Telemetry.Rules.Alarms;

namespace Telemetry.Ingest.State;

/// <summary>Filter of the alarm list; null fields don't filter. Times: occurrences that overlap [From, To), Unix ms.</summary>
public sealed record AlarmFilter
{
    private static readonly Dictionary<string, AlarmState[]> Groups = new(StringComparer.Ordinal)
    {
        ["active"] = [AlarmState.ActiveUnacknowledged, AlarmState.ActiveAcknowledged, AlarmState.LatchedUnacknowledged, AlarmState.LatchedAcknowledged],
        ["acknowledged"] = [AlarmState.ActiveAcknowledged, AlarmState.LatchedAcknowledged],
        ["cleared"] = [AlarmState.ClearedUnacknowledged, AlarmState.Normal],
        ["latched"] = [AlarmState.LatchedUnacknowledged, AlarmState.LatchedAcknowledged],
        ["shelved"] = [AlarmState.Shelved],
        ["suppressed"] = [AlarmState.Suppressed],
        ["out_of_service"] = [AlarmState.OutOfService],
        ["open"] = [.. Enum.GetValues<AlarmState>().Where(state => state != AlarmState.Normal)],
        ["all"] = Enum.GetValues<AlarmState>(),
    };

    /// <summary>The public names that <see cref="State"/> may have.</summary>
    public static IReadOnlyCollection<string> StateNames => Groups.Keys;

    /// <summary>Public names: active, acknowledged, cleared, latched, shelved, suppressed, out_of_service, open, all.</summary>
    public string State { get; init; } = "all";

    public string? Kind { get; init; }

    public string? Severity { get; init; }

    public string? Family { get; init; }

    public string? District { get; init; }

    public string? Device { get; init; }

    public long? From { get; init; }

    public long? To { get; init; }

    /// <summary>Alarms that late data has shown not to have been are among them when they have ended, too. Until then they always are: someone has to see them off.</summary>
    public bool Retracted { get; init; }

    public Scope Scope { get; init; } = Scope.City;

    /// <summary>At least 1; null for the whole list.</summary>
    public int? Limit { get; init; }

    /// <summary>From the previous answer's <c>next</c>: the <see cref="AlarmCursor"/> of its last alarm, as text.</summary>
    public string? After { get; init; }

    /// <summary>The states behind <see cref="State"/>.</summary>
    /// <exception cref="FormatException">It is not one of <see cref="StateNames"/>.</exception>
    public IReadOnlyList<AlarmState> States() =>
        Groups.TryGetValue(State, out var states)
            ? states
            : throw new FormatException($"state \"{State}\" is unknown: {string.Join(", ", Groups.Keys)} would be right");

    /// <summary>All but <see cref="Limit"/> and <see cref="After"/>. An occurrence lasts from raisedAt to clearedAt, both included.</summary>
    public bool Matches(Alarm alarm) =>
        States().Contains(alarm.State)
        && (Retracted || alarm.RetractedAt is null || alarm.State != AlarmState.Normal)
        && Scope.Sees(alarm)
        && (Kind is null || Kind == AlarmJson.Name(alarm.Kind))
        && (Severity is null || Severity == AlarmJson.Name(alarm.Severity))
        && (Family is null || Family == alarm.Family)
        && (District is null || District == alarm.District)
        && (Device is null || Device == alarm.Device)
        && (From is null || alarm.ClearedAt is null || alarm.ClearedAt >= From)
        && (To is null || alarm.RaisedAt < To);
}

/// <summary>A place in the alarm list: newest raisedAt first, equal times by id.</summary>
public readonly record struct AlarmCursor(long RaisedAt, string Id)
{
    /// <summary>The list's order.</summary>
    public static Comparer<AlarmCursor> Order { get; } = Comparer<AlarmCursor>.Create((one, other) =>
        one.RaisedAt != other.RaisedAt ? other.RaisedAt.CompareTo(one.RaisedAt) : string.CompareOrdinal(one.Id, other.Id));

    public static AlarmCursor Of(Alarm alarm) => new(alarm.RaisedAt, alarm.Id);

    /// <exception cref="FormatException">It is not what <see cref="ToString"/> writes.</exception>
    public static AlarmCursor Parse(string text)
    {
        var dot = text.IndexOf('.', StringComparison.Ordinal);
        if (dot <= 0 || dot == text.Length - 1 || !long.TryParse(text.AsSpan(0, dot), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var raisedAt))
            throw new FormatException($"after \"{text}\" is not a place in the list: the value of next from the answer before would be right");
        return new AlarmCursor(raisedAt, text[(dot + 1)..]);
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{RaisedAt}.{Id}");
}
