using System.Text.Json;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Commands.Export;

/// <summary>The line of a reading in a file of <c>export --log</c> (docs/replay.md): the native payload, and before it when, from where and from whom it came.</summary>
internal static class LogLine
{
    public static void Write(Utf8JsonWriter json, ReadingEntry entry, string? district)
    {
        var reading = entry.Reading;
        json.WriteStartObject();
        json.WriteString("received", Iso.Time(entry.Time));
        json.WriteString("gateway", reading.Gateway);
        json.WriteString("family", reading.Family);
        json.WriteString("device", reading.Device);
        if (district is not null)
            json.WriteString("district", district);
        // A message that was decoded again may have had no time: what the log took for it then.
        if ((reading.SentTime ?? (reading.ReceivedTimeStandsIn ? null : reading.EventTime)) is { } sent)
            json.WriteNumber("ts", sent);
        if (reading.Sequence is { } sequence)
            json.WriteNumber("seq", sequence);
        json.WriteStartObject("values");
        foreach (var value in reading.Values)
            WriteValue(json, value);
        json.WriteEndObject();
        if (reading.Values.Any(value => value.Quality != Quality.Good))
            WriteQuality(json, reading.Values);
        json.WriteEndObject();
    }

    private static void WriteValue(Utf8JsonWriter json, in ChannelValue value)
    {
        if (value.Kind == ValueKind.State)
            json.WriteString(value.Channel, value.State);
        else if (value.Kind == ValueKind.Boolean)
            json.WriteBoolean(value.Channel, value.Number != 0);
        else if (double.IsFinite(value.Number))
            json.WriteNumber(value.Channel, value.Number);
        else
            json.WriteNull(value.Channel);
    }

    private static void WriteQuality(Utf8JsonWriter json, ChannelValue[] values)
    {
        json.WriteStartObject("quality");
        foreach (var value in values.Where(value => value.Quality != Quality.Good))
            json.WriteString(value.Channel, value.Quality.ToString().ToLowerInvariant());
        json.WriteEndObject();
    }
}
