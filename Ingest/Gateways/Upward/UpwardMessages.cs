using System.Text.Json;
using Telemetry.Ingest.Api;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Gateways.Upward;

/// <summary>Readings of the log as native messages: those of one device that follow each other in a stretch become one array, in their order.</summary>
internal static class UpwardMessages
{
    /// <summary>Readings in a message.</summary>
    public const int Most = 50;

    /// <param name="entries">A stretch of the log.</param>
    /// <returns>Topic and payload; each device's in order.</returns>
    public static List<(string Topic, byte[] Payload)> Of(IEnumerable<LogEntry> entries, string gateway)
    {
        var messages = new List<(string, byte[])>();
        foreach (var device in entries.OfType<ReadingEntry>().Select(entry => entry.Reading).GroupBy(reading => (reading.Family, reading.Device)))
        {
            foreach (var some in device.Chunk(Most))
                messages.Add(($"telemetry/v1/{gateway}/{device.Key.Family}/{device.Key.Device}", Payload(some)));
        }
        return messages;
    }

    private static byte[] Payload(Reading[] readings)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, ApiJson.Writer))
        {
            json.WriteStartArray();
            foreach (var reading in readings)
                Write(json, reading);
            json.WriteEndArray();
        }
        return buffer.ToArray();
    }

    private static void Write(Utf8JsonWriter json, Reading reading)
    {
        json.WriteStartObject();
        // As it counts here: corrected, or the received time where there was none. It stays the same however often it is sent.
        json.WriteNumber("ts", reading.EventTime);
        if (reading.Sequence is { } sequence)
            json.WriteNumber("seq", sequence);
        json.WriteStartObject("values");
        foreach (var value in reading.Values.Where(CanBeSent))
        {
            switch (value.Kind)
            {
                case ValueKind.Boolean:
                    json.WriteBoolean(value.Channel, value.Number != 0);
                    break;
                case ValueKind.State:
                    json.WriteString(value.Channel, value.State);
                    break;
                default:
                    json.WriteNumber(value.Channel, value.Number);
                    break;
            }
        }
        json.WriteEndObject();
        if (reading.Values.Any(value => value.Quality != Quality.Good))
        {
            json.WriteStartObject("quality");
            foreach (var value in reading.Values.Where(value => value.Quality != Quality.Good && CanBeSent(value)))
                json.WriteString(value.Channel, ReadingRoutes.QualityName(value.Quality));
            json.WriteEndObject();
        }
        json.WriteEndObject();
    }

    // JSON has no word for it, and its quality is bad anyway.
    private static bool CanBeSent(ChannelValue value) => value.Kind != ValueKind.Number || double.IsFinite(value.Number);
}
