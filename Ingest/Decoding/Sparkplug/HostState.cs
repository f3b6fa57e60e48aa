using System.Text.Json;

namespace Telemetry.Ingest.Decoding.Sparkplug;

/// <summary>What the service says of itself as a host application, retained: online, or offline by a last will.</summary>
/// <param name="timestamp">Unix ms of the connection; its birth and its death carry the same one.</param>
internal readonly struct HostState(string hostId, long timestamp)
{
    public string Topic { get; } = $"{SparkplugTopic.Root}/STATE/{hostId}";

    public byte[] Online => Payload(true);

    public byte[] Offline => Payload(false);

    /// <summary>Whether a payload under our topic says that we are gone.</summary>
    public static bool SaysOffline(ReadOnlySpan<byte> payload)
    {
        try
        {
            var reader = new Utf8JsonReader(payload);
            using var document = JsonDocument.ParseValue(ref reader);
            return document.RootElement.Member("online") is { ValueKind: JsonValueKind.False };
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private byte[] Payload(bool online) => JsonSerializer.SerializeToUtf8Bytes(new { online, timestamp });
}
