using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Telemetry.Ingest.Notify.Delivery;

namespace Telemetry.Ingest.Notify.Channels;

/// <summary>
/// A DingTalk robot. It signs with <c>timestamp</c> (ms) and <c>sign</c> = base64(HMAC-SHA256(secret, "timestamp\nsecret")) in the address. 20 messages a minute,
/// then none for ten: the lane of a robot lets 15 through.
/// </summary>
/// <param name="now">Unix ms; DingTalk refuses what is an hour off.</param>
internal sealed class DingTalkRobot(string name, RobotOptions options, HttpCaller http, Func<long> now) : INotifyChannel
{
    public const string Kind = "dingtalk";

    // A message's text, in bytes.
    private const int MostText = 18_000;

    public string Name => ChannelNames.Robot(name);

    public int AtOnce => 1;

    public TimeSpan Between => RobotCall.Between;

    public Task<Outcome> SendAsync(Envelope envelope, CancellationToken cancellationToken)
    {
        var address = options.Address.Read();
        if (options.Secret is { } secret)
        {
            var at = now().ToString(CultureInfo.InvariantCulture);
            address += $"{(address.Contains('?', StringComparison.Ordinal) ? '&' : '?')}timestamp={at}&sign={Uri.EscapeDataString(Sign(at, secret.Read()))}";
        }
        var mentions = Mentions.Of(envelope, Kind);
        var text = RobotCall.Cut(envelope.Text.Body, MostText) + string.Concat(mentions.Select(id => $" @{id}"));
        return RobotCall.PostAsync(http, address, new { msgtype = "text", text = new { content = text }, at = new { atUserIds = mentions, isAtAll = false } }, "errcode", VerdictOf, cancellationToken);
    }

    internal static string Sign(string timestamp, string secret) => Convert.ToBase64String(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes($"{timestamp}\n{secret}")));

    private static Outcome VerdictOf(string code) => code switch
    {
        // Busy, and too many a minute: then it is silent for ten.
        "-1" => Outcome.Busy($"errcode={code}"),
        "130101" or "410100" => Outcome.Busy($"errcode={code}", TimeSpan.FromMinutes(10)),
        // Signature, address or keyword; the robot is gone or turned off.
        "310000" or "300001" or "400101" or "400102" or "400013" => Outcome.Denied($"errcode={code}"),
        // Words that DingTalk does not pass on, malformed content.
        "430101" or "430102" or "430103" or "430104" or "40035" => Outcome.Refused($"errcode={code}"),
        _ => Outcome.Failed($"errcode={code}"),
    };
}
