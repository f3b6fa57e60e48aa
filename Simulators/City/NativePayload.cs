using System.Buffers;
using System.Text.Json;
using Telemetry.Rules.Model;

namespace Telemetry.Simulators.City;

/// <summary>The native MQTT format: topic, and one JSON object or an array of them (a backfill).</summary>
public static class NativePayload
{
    public static string Topic(Reading reading) => $"telemetry/v1/{reading.Gateway}/{reading.Family}/{reading.Device}";

    public static string StatusTopic(string gateway) => $"telemetry/v1/{gateway}/status";

    /// <param name="readings">Of one device; an array where there is more than one.</param>
    public static byte[] Write(IReadOnlyList<Reading> readings)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using var json = new Utf8JsonWriter(buffer);
        if (readings.Count == 1)
        {
            Write(json, readings[0]);
        }
        else
        {
            json.WriteStartArray();
            foreach (var reading in readings)
                Write(json, reading);
            json.WriteEndArray();
        }
        json.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    private static void Write(Utf8JsonWriter json, Reading reading)
    {
        json.WriteStartObject();
        if (reading.SentTime is { } sent)
            json.WriteNumber("ts", sent);
        if (reading.Sequence is { } sequence)
            json.WriteNumber("seq", sequence);
        json.WriteStartObject("values");
        foreach (var value in reading.Values)
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
            foreach (var value in reading.Values.Where(value => value.Quality != Quality.Good))
                json.WriteString(value.Channel, value.Quality.ToString().ToLowerInvariant());
            json.WriteEndObject();
        }
        json.WriteEndObject();
    }
}
