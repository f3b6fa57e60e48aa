using System.Buffers;
using System.Text;
using System.Text.Json;
using Telemetry.Rules.Alarms;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Alarms;

/// <summary>The alarm object of the API, MQTT and server-sent events, and the journal's line: one writer each, byte-stable.</summary>
public static class AlarmJson
{
    private static readonly JsonWriterOptions Options = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Name(AlarmState state) => state switch
    {
        AlarmState.Normal => "normal",
        AlarmState.ActiveUnacknowledged => "active_unacknowledged",
        AlarmState.ActiveAcknowledged => "active_acknowledged",
        AlarmState.ClearedUnacknowledged => "cleared_unacknowledged",
        AlarmState.LatchedUnacknowledged => "latched_unacknowledged",
        AlarmState.LatchedAcknowledged => "latched_acknowledged",
        AlarmState.Shelved => "shelved",
        AlarmState.Suppressed => "suppressed",
        AlarmState.OutOfService => "out_of_service",
        _ => throw new ArgumentOutOfRangeException(nameof(state)),
    };

    public static string Name(Severity severity) => severity switch
    {
        Severity.Low => "low",
        Severity.Medium => "medium",
        Severity.High => "high",
        Severity.Critical => "critical",
        _ => throw new ArgumentOutOfRangeException(nameof(severity)),
    };

    public static string Name(AlarmKind kind) => kind switch
    {
        AlarmKind.Alarm => "alarm",
        AlarmKind.Ticket => "ticket",
        AlarmKind.Event => "event",
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    /// <param name="rule">The rule as it stands now, for title and action; null if it has left the family file.</param>
    /// <param name="positionOf">Which operator position answers for it now; null leaves <c>position</c> out, where nobody would say when that changes.</param>
    public static void Write(Utf8JsonWriter json, Alarm alarm, Rule? rule, Func<Alarm, string?>? positionOf = null)
    {
        json.WriteStartObject();
        json.WriteString("id", alarm.Id);
        json.WriteString("device", alarm.Device);
        json.WriteString("family", alarm.Family);
        json.WriteString("district", alarm.District);
        json.WriteString("street", alarm.Street);
        json.WriteString("rule", alarm.Rule);
        json.WriteString("instance", alarm.Instance);
        json.WriteString("kind", Name(alarm.Kind));
        json.WriteString("severity", Name(alarm.Severity));
        json.WriteString("state", Name(alarm.State));
        json.WriteString("underlying", Name(alarm.Underlying));
        json.WriteString("raisedAt", Iso.Time(alarm.RaisedAt));
        json.WriteString("raisedReceivedAt", Iso.Time(alarm.RaisedReceivedAt));
        WriteTime(json, "acknowledgedAt", alarm.AcknowledgedAt);
        json.WriteString("acknowledgedBy", alarm.AcknowledgedBy);
        WriteResponse(json, alarm);
        WriteTime(json, "clearedAt", alarm.ClearedAt);
        json.WriteNumber("lateBy", Math.Max(0, alarm.RaisedReceivedAt - alarm.RaisedAt));
        json.WriteBoolean("retrospective", alarm.Retrospective);
        WriteTime(json, "amendedAt", alarm.AmendedAt);
        WriteTime(json, "retractedAt", alarm.RetractedAt);
        json.WriteString("channel", alarm.Channel);
        if (alarm.ValueState is not null)
            json.WriteString("value", alarm.ValueState);
        else
            WriteNumber(json, "value", alarm.Value);
        WriteNumber(json, "limit", alarm.Limit);
        json.WriteString("unit", alarm.Unit);
        json.WriteString("detail", alarm.Detail);
        json.WriteString("step", rule?.Steps.ElementAtOrDefault(alarm.Step)?.Name);
        json.WriteString("mode", alarm.Mode ?? "live");
        WriteOverlay(json, alarm.Overlay);
        json.WriteString("suppressedBy", alarm.SuppressedBy);
        json.WriteString("escalatedBy", alarm.EscalatedBy);
        WriteTime(json, "soundedAt", alarm.SoundedAt);
        json.WriteBoolean("chattering", alarm.Chattering);
        json.WriteString("proposedOnDelay", alarm.ProposedOnDelay is { } delay ? FormattableString.Invariant($"{delay / 1000}s") : null);
        WriteTitle(json, "title", rule?.Title);
        WriteTitle(json, "action", rule?.Action);
        if (positionOf is not null)
            json.WriteString("position", positionOf(alarm));
        json.WriteString("ruleVersion", alarm.RuleVersion);
        json.WriteEndObject();
    }

    public static byte[] Write(Alarm alarm, Rule? rule, Func<Alarm, string?>? positionOf = null)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(buffer, Options))
            Write(json, alarm, rule, positionOf);
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>The journal's line, without line end.</summary>
    public static string JournalLine(AlarmTransition transition)
    {
        var alarm = transition.Alarm;
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            json.WriteStartObject();
            json.WriteNumber("partition", 0);
            json.WriteNumber("position", transition.Position);
            json.WriteString("id", transition.Id);
            json.WriteString("alarm", alarm.Id);
            json.WriteString("device", alarm.Device);
            json.WriteString("rule", alarm.Rule);
            json.WriteString("instance", alarm.Instance);
            json.WriteString("severity", Name(alarm.Severity));
            json.WriteString("from", Name(transition.From));
            json.WriteString("to", Name(transition.To));
            json.WriteString("at", Iso.Time(transition.At));
            json.WriteString("receivedAt", Iso.Time(transition.ReceivedAt));
            json.WriteString("cause", transition.Cause);
            // Only where someone acted, and said so.
            WriteIfAny(json, "by", transition.By);
            WriteIfAny(json, "comment", transition.Comment);
            WriteIfAny(json, "reason", transition.Reason);
            json.WriteString("ruleVersion", alarm.RuleVersion);
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void WriteResponse(Utf8JsonWriter json, Alarm alarm)
    {
        json.WriteString("assignedTo", alarm.AssignedTo);
        json.WriteString("acceptedBy", alarm.AcceptedBy);
        WriteTime(json, "acceptedAt", alarm.AcceptedAt);
        json.WriteString("declinedBy", alarm.DeclinedBy);
        WriteTime(json, "onSiteAt", alarm.OnSiteAt);
        WriteTime(json, "doneAt", alarm.DoneAt);
        json.WriteString("falseAlarm", alarm.FalseAlarm);
        json.WriteBoolean("responseOverdue", alarm.ResponseOverdue);
    }

    private static void WriteOverlay(Utf8JsonWriter json, Overlay? overlay)
    {
        if (overlay is null)
        {
            json.WriteNull("overlay");
            return;
        }
        json.WriteStartObject("overlay");
        json.WriteString("state", Name(overlay.State));
        json.WriteString("by", overlay.By);
        json.WriteString("reason", overlay.Reason);
        json.WriteString("since", Iso.Time(overlay.Since));
        WriteTime(json, "until", overlay.Until);
        json.WriteString("second", overlay.Second);
        json.WriteString("permit", overlay.Permit);
        json.WriteString("watch", overlay.Watch);
        json.WriteBoolean("oneShot", overlay.OneShot);
        json.WriteEndObject();
    }

    private static void WriteIfAny(Utf8JsonWriter json, string name, string? text)
    {
        if (text is not null)
            json.WriteString(name, text);
    }

    private static void WriteTime(Utf8JsonWriter json, string name, long? time)
    {
        if (time is { } value)
            json.WriteString(name, Iso.Time(value));
        else
            json.WriteNull(name);
    }

    private static void WriteNumber(Utf8JsonWriter json, string name, double? number)
    {
        if (number is { } value && double.IsFinite(value))
            json.WriteNumber(name, value);
        else
            json.WriteNull(name);
    }

    private static void WriteTitle(Utf8JsonWriter json, string name, Title? title)
    {
        if (title is null)
        {
            json.WriteNull(name);
            return;
        }
        json.WriteStartObject(name);
        json.WriteString("en", title.En);
        json.WriteString("zh", title.Zh);
        json.WriteEndObject();
    }
}
