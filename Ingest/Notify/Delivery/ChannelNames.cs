namespace Telemetry.Ingest.Notify.Delivery;

/// <summary>The one name of a channel, in the outbox, in history, in metrics and in messages.</summary>
internal static class ChannelNames
{
    public const string Voice = "voice", Sms = "sms", Mail = "mail", Push = "push", Webhook = "webhook", Mqtt = "mqtt";

    /// <summary>Programs that get a copy of every message to a person.</summary>
    public static readonly IReadOnlyList<string> Copies = [Webhook, Mqtt];

    public static string Of(MessageChannel channel) => channel.ToString().ToLowerInvariant();

    /// <summary>Each robot is a channel of its own: one that is blocked blocks no other.</summary>
    public static string Robot(string name) => "robot:" + name;
}
