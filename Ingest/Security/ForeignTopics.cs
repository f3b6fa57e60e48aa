using System.Text;
using Telemetry.Ingest.Decoding;
using Telemetry.Ingest.Hosting;

namespace Telemetry.Ingest.Security;

/// <summary>Messages under a topic that is not their sender's: counted each, logged once for each sender and name.</summary>
public sealed partial class ForeignTopics(Stats stats, TimeProvider time, ILogger<ForeignTopics> logger)
{
    private readonly OncePerInterval _said = new(Timeout.InfiniteTimeSpan, time);

    /// <param name="topic">UTF-8.</param>
    public void Refused(MqttLogin sender, ReadOnlySpan<byte> topic)
    {
        stats.CountRejected(RejectReason.NotAuthorized);
        var name = LogText.Safe(NameIn(topic));
        if (_said.May($"{sender.Owner}|{name}"))
            LogRefused(sender.Owner, name);
    }

    /// <summary>The gateway's level; of a topic that has none, its beginning.</summary>
    private static string NameIn(ReadOnlySpan<byte> topic)
    {
        var root = "telemetry/v1/"u8;
        var rest = topic.StartsWith(root) ? topic[root.Length..] : topic;
        if (topic.StartsWith(root) && rest.IndexOf((byte)'/') is >= 0 and var end)
            rest = rest[..end];
        return Encoding.UTF8.GetString(rest[..Math.Min(rest.Length, 256)]);
    }

    [LoggerMessage(LogLevel.Warning, "{Sender} published under a topic that is not its own ({Name}); such messages are refused and not stored")]
    private partial void LogRefused(string sender, string name);
}
