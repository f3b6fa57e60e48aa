using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Telemetry.Ingest.Alarms;
using Telemetry.Ingest.Notify.Delivery;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Notify.Channels;

/// <summary>A message as programs get it, by webhook and MQTT. Without phone and mail.</summary>
internal static class MessageJson
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static byte[] Of(Envelope envelope)
    {
        var message = envelope.Message;
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            json.WriteStartObject();
            json.WriteString("key", message.Key);
            json.WriteString("to", message.Recipient);
            json.WriteString("name", envelope.Person?.Name);
            json.WriteString("kind", message.Kind.ToString().ToLowerInvariant());
            json.WriteBoolean("drill", message.Drill);
            json.WriteString("due", Iso.Time(message.Due));
            json.WriteString("subject", envelope.Text.Subject);
            json.WriteString("text", envelope.Text.Body);
            json.WriteString("link", envelope.Text.Link);
            json.WriteStartArray("places");
            foreach (var place in message.Places)
            {
                json.WriteStartObject();
                json.WriteString("transition", place.Transition);
                json.WriteString("news", JsonNamingPolicy.SnakeCaseLower.ConvertName(place.News.ToString()));
                json.WriteNumber("step", place.Step);
                json.WritePropertyName("alarm");
                AlarmJson.Write(json, place.Alarm, null);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return buffer.WrittenSpan.ToArray();
    }
}
