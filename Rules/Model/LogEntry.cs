namespace Telemetry.Rules.Model;

/// <summary>
/// One entry of the ordered, durable log. Everything that can change an alarm is one of the kinds below; alarms are a pure
/// function of the sequence of entries.
/// </summary>
public abstract class LogEntry
{
    /// <summary>Dense, from 1; assigned by the log.</summary>
    public long Position { get; set; }

    /// <summary>Log time in Unix milliseconds, UTC; never goes back from one entry to the next. For a reading: when it was received.</summary>
    public long Time { get; set; }

    /// <summary>What stands until another entry replaces it: register, rules, calendar, who mans a position.</summary>
    public bool IsSetting => this is DeviceEntry or FamilyEntry or CalendarEntry or PositionEntry;
}

/// <summary>A reading arrived.</summary>
public sealed class ReadingEntry(Reading reading) : LogEntry
{
    public Reading Reading { get; } = reading;

    /// <summary>When the device was heard, Unix ms. Of a message that was decoded again nobody wrote down more than its event time.</summary>
    public long Contact => Reading.IsRedecoded ? Reading.EventTime : Time;
}

/// <summary>A second passed while the service was up.</summary>
public sealed class TickEntry : LogEntry;

/// <summary>The wall clock jumped forward by more than 5 s. Ages nothing.</summary>
/// <param name="by">Milliseconds.</param>
public sealed class ClockStepEntry(long by) : LogEntry
{
    public long By { get; } = by;
}

/// <summary>The service started. The time since the entry before it ages no silence.</summary>
/// <param name="adoption">Until the next start, devices first seen are not evaluated before someone adopts them: gateways have credentials.</param>
public sealed class ServiceStartedEntry(string engineVersion, bool adoption = false) : LogEntry
{
    public string EngineVersion { get; } = engineVersion;

    public bool Adoption { get; } = adoption;
}

/// <summary>A gateway said so itself, or its connection ended: see <paramref name="cause"/>.</summary>
/// <param name="cause"><c>status</c>, <c>connection_ended</c>.</param>
public sealed class GatewayEntry(string gateway, bool up, string cause) : LogEntry
{
    public string Gateway { get; } = gateway;

    public bool Up { get; } = up;

    public string Cause { get; } = cause;
}

/// <summary>A device's register entry was created or replaced, whole.</summary>
/// <param name="by">Who did it; <c>import</c> for a file.</param>
public sealed class DeviceEntry(Device device, string by) : LogEntry
{
    public Device Device { get; } = device;

    public string By { get; } = by;
}

/// <summary>A family file takes effect, full text.</summary>
/// <param name="hash">First 16 hex digits of the text's SHA-256: the rule version in alarms and journal.</param>
/// <param name="by">Who changed it through the API; null for a file that the service found at its start.</param>
/// <param name="approvedBy">The second person, where the change needed one.</param>
public sealed class FamilyEntry(string family, string text, string hash, string? by = null, string? approvedBy = null) : LogEntry
{
    public string Family { get; } = family;

    public string Text { get; } = text;

    public string Hash { get; } = hash;

    public string? By { get; } = by;

    public string? ApprovedBy { get; } = approvedBy;
}

/// <summary>An operator acted on an alarm.</summary>
public sealed class ActionEntry : LogEntry
{
    /// <summary>As in the API's path: <c>acknowledge</c>, <c>shelve</c>, <c>on-site</c>, …; all stand in OperatorActions.</summary>
    public required string Action { get; init; }

    public required string Alarm { get; init; }

    public required string By { get; init; }

    public string? Comment { get; init; }

    public string? Reason { get; init; }

    /// <summary>Unix milliseconds, for actions that end by themselves.</summary>
    public long? Until { get; init; }

    /// <summary>The second person who agrees to shelving what is critical.</summary>
    public string? Second { get; init; }

    /// <summary>Number of the permit to work, for out of service.</summary>
    public string? Permit { get; init; }

    /// <summary>What stands watch instead, for out of service.</summary>
    public string? Watch { get; init; }

    /// <summary>Where the alarm was looked into, for a reset on site.</summary>
    public string? Place { get; init; }

    /// <summary>Someone has been there and looked.</summary>
    public bool CheckedOnSite { get; init; }

    /// <summary>A shelve that ends with the condition.</summary>
    public bool OneShot { get; init; }

    /// <summary>Who is asked to go, for assign.</summary>
    public string? To { get; init; }
}

/// <summary>An item of the calendar was entered, replaced whole, or cancelled.</summary>
/// <param name="cancelled">It ends now, or never begins.</param>
public sealed class CalendarEntry(CalendarItem item, bool cancelled = false) : LogEntry
{
    public CalendarItem Item { get; } = item;

    public bool Cancelled { get; } = cancelled;
}

/// <summary>The service itself reports a condition about itself, raised or over: <c>log_unwritable</c>, <c>disk_low</c>, <c>disk_almost_full</c>, <c>broker_lost</c>, <c>session_lost</c>, <c>channel_dead</c>, <c>channel_unproven</c>, <c>stream_differs</c>, <c>certificate_expiring</c>, <c>certificate_expires_soon</c>.</summary>
/// <param name="subject">Of which of several of its kind it speaks, with an alarm of its own: <c>certificate.mqtt</c>; null for the service as a whole.</param>
public sealed class SystemEntry(string rule, bool active, string detail, string? subject = null) : LogEntry
{
    public string? Subject { get; } = subject;

    public string Rule { get; } = rule;

    public bool Active { get; } = active;

    public string Detail { get; } = detail;
}

/// <summary>A message, or one element or value of it, that could not become a reading. Changes no alarm; here because it was acknowledged.</summary>
public sealed class DeadLetterEntry : LogEntry
{
    public required string Topic { get; init; }

    /// <summary><c>malformed</c>, <c>unknown_family</c>, <c>unknown_channel</c>, … see docs/payloads.md.</summary>
    public required string Reason { get; init; }

    /// <summary>What was wrong, where, and what would be right.</summary>
    public required string Detail { get; init; }

    /// <summary>The message's bytes, or the one element's of an array that was refused: a message of its own. Cut at 64 KiB.</summary>
    public required byte[] Payload { get; init; }

    /// <summary>When the message came, by the clock of the one who decoded it: relative times count from it. Unix ms, a little before <see cref="LogEntry.Time"/>; 0 where nobody noted it.</summary>
    public long Received { get; init; }
}

/// <summary>A dead letter was decoded again. What became readings stands before this entry, in the same group.</summary>
/// <param name="letter">Position of the dead letter.</param>
/// <param name="by">Who asked for it; <c>register</c> where its device has been entered since.</param>
/// <param name="readings">How many readings it has given.</param>
/// <param name="reason">Why it stays a dead letter; null where nothing of it is left to decode.</param>
/// <param name="detail">With the reason: what is wrong now.</param>
public sealed class RedecodedEntry(long letter, string by, int readings, string? reason = null, string? detail = null) : LogEntry
{
    public long Letter { get; } = letter;

    public string By { get; } = by;

    public int Readings { get; } = readings;

    public string? Reason { get; } = reason;

    public string? Detail { get; } = detail;
}
