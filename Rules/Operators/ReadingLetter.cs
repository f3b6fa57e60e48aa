using System.Globalization;
using System.Text;
using Telemetry.Rules.Model;

namespace Telemetry.Rules.Operators;

/// <summary>A dead letter for a reading that was fine as a message but is refused by the rules; its payload is the reading in the native format.</summary>
internal static class ReadingLetter
{
    public static DeadLetterEntry Of(LogEntry entry, Reading reading, string reason, string detail) => new()
    {
        Position = entry.Position,
        Time = entry.Time,
        Topic = $"telemetry/v1/{reading.Gateway}/{reading.Family}/{reading.Device}",
        Reason = reason,
        Detail = detail,
        Payload = Encoding.UTF8.GetBytes(Json(reading)),
    };

    private static string Json(Reading reading)
    {
        var text = new StringBuilder("{");
        if (reading.SentTime is { } time)
            text.Append(CultureInfo.InvariantCulture, $"\"ts\":{time},");
        if (reading.Sequence is { } sequence)
            text.Append(CultureInfo.InvariantCulture, $"\"seq\":{sequence},");
        text.Append("\"values\":{").AppendJoin(',', reading.Values.Select(value => $"\"{value.Channel}\":{Json(value)}")).Append("}}");
        return text.ToString();
    }

    private static string Json(ChannelValue value) => value.Kind switch
    {
        ValueKind.State => $"\"{value.State}\"",
        ValueKind.Boolean => value.Number != 0 ? "true" : "false",
        _ => value.Number.ToString("R", CultureInfo.InvariantCulture),
    };
}
