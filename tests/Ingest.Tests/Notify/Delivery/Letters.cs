using System.Globalization;
using Telemetry.Ingest.Notify;
using Telemetry.Ingest.Notify.Channels;
using Telemetry.Ingest.Notify.Delivery;
using Telemetry.Ingest.Notify.Escalation;
using Telemetry.Ingest.Notify.Texts;
using Telemetry.Ingest.State;
using Telemetry.Ingest.Tests.State;
using Telemetry.Rules.Families;

namespace Telemetry.Ingest.Tests.Notify.Delivery;

/// <summary>Messages to the people of one small file.</summary>
internal static class Letters
{
    public static readonly NotifyFile File = Files.Right(
        Files.Small.Replace("wang: {name: 王伟,", "wang: {name: 王伟, mail: wang@example.cn, dingtalk: wang-1,", StringComparison.Ordinal) + "\nrobots: {group: {kind: dingtalk}}");

    public static Message Message(int number, MessageKind kind = MessageKind.Call, string recipient = "wang", params IReadOnlyList<MessageChannel> channels)
    {
        var key = string.Create(CultureInfo.InvariantCulture, $"t{number}.{recipient}.0");
        var alarm = Samples.Alarm(string.Create(CultureInfo.InvariantCulture, $"{number:D32}")) with { Severity = Severity.Critical };
        return new Message(key, recipient, File.Robots.ContainsKey(recipient), kind, false, channels, [new Place(alarm, $"t{number}", PlaceNews.Stands, 0)], Samples.T0);
    }

    public static Envelope Of(Message message) =>
        new(message, File.People.GetValueOrDefault(message.Recipient), new CrewText(File, message, _ => new PlaceFacts(null, null)), File.People, "4711");

    public static Envelope Of(Ingest.Notify.Delivery.Delivery delivery) => Of(delivery.Message);

    public static OutboxMessage For(this Message message, params IReadOnlyList<string> ways) => new(message, "王伟", [(OutboxDatabase.Recipient, ways)]);

    public static Ingest.Notify.Delivery.Delivery Delivery(MessageKind kind, params IReadOnlyList<string> ways) => new(1, Message(1, kind), ways);

    /// <summary>A provider as most of them are.</summary>
    public static ProviderOptions Provider(Uri url) =>
        new(new Uri(url, "send").AbsoluteUri, "POST", null, """{"to":"{phone}","text":"{text}","id":"{key}","from":"{sender}"}""", ProviderChannel.Json, "10690000", null, ("code", "0"));
}
