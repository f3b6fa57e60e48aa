using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Telemetry.Ingest.Notify.Delivery;

namespace Telemetry.Ingest.Notify.Channels;

/// <summary>A Feishu robot. It signs with <c>timestamp</c> (s) and <c>sign</c> = base64(HMAC-SHA256("timestamp\nsecret", nothing)) in the body. 100 messages a minute, 5 a second.</summary>
/// <param name="now">Unix ms; Feishu refuses what is an hour off.</param>
internal sealed class FeishuRobot(string name, RobotOptions options, HttpCaller http, Func<long> now) : INotifyChannel
{
    public const string Kind = "feishu";

    // A request's limit is 20 KB.
    private const int MostText = 16_000;

    public string Name => ChannelNames.Robot(name);

    public int AtOnce => 1;

    public TimeSpan Between => RobotCall.Between;

    public Task<Outcome> SendAsync(Envelope envelope, CancellationToken cancellationToken)
    {
        var body = new Dictionary<string, object>
        {
            ["msg_type"] = "text",
            ["content"] = new { text = RobotCall.Cut(Plain(envelope.Text.Body), MostText) + string.Concat(Mentions.Of(envelope, Kind).Select(id => $" <at user_id=\"{id}\"></at>")) },
        };
        if (options.Secret is { } secret)
        {
            var at = (now() / 1000).ToString(CultureInfo.InvariantCulture);
            body["timestamp"] = at;
            body["sign"] = Sign(at, secret.Read());
        }
        return RobotCall.PostAsync(http, options.Address.Read(), body, "code", VerdictOf, cancellationToken);
    }

    internal static string Sign(string timestamp, string secret) => Convert.ToBase64String(HMACSHA256.HashData(Encoding.UTF8.GetBytes($"{timestamp}\n{secret}"), Array.Empty<byte>()));

    // A register's address must mention nobody.
    private static string Plain(string text) => text.Replace("<at", "< at", StringComparison.OrdinalIgnoreCase);

    private static Outcome VerdictOf(string code) => code switch
    {
        // Too many a minute.
        "9499" or "11232" => Outcome.Busy($"code={code}", TimeSpan.FromMinutes(1)),
        // Signature or clock, address, keyword; the robot is gone.
        "19021" or "19022" or "19024" or "19001" or "10003" => Outcome.Denied($"code={code}"),
        "19002" or "19036" => Outcome.Refused($"code={code}"),
        _ => Outcome.Failed($"code={code}"),
    };
}
