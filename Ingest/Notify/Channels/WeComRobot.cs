using Telemetry.Ingest.Notify.Delivery;

namespace Telemetry.Ingest.Notify.Channels;

/// <summary>A WeCom robot. The key in its address is all it knows: no signature. 20 messages a minute.</summary>
internal sealed class WeComRobot(string name, RobotOptions options, HttpCaller http) : INotifyChannel
{
    public const string Kind = "wecom";

    // A text message's limit is 2,048 bytes.
    private const int MostText = 2048;

    public string Name => ChannelNames.Robot(name);

    public int AtOnce => 1;

    public TimeSpan Between => RobotCall.Between;

    public Task<Outcome> SendAsync(Envelope envelope, CancellationToken cancellationToken) =>
        RobotCall.PostAsync(
            http, options.Address.Read(), new { msgtype = "text", text = new { content = RobotCall.Cut(envelope.Text.Body, MostText), mentioned_list = Mentions.Of(envelope, Kind) } }, "errcode", VerdictOf, cancellationToken);

    private static Outcome VerdictOf(string code) => code switch
    {
        "-1" => Outcome.Busy($"errcode={code}"),
        // Too many a minute.
        "45009" => Outcome.Busy($"errcode={code}", TimeSpan.FromMinutes(1)),
        // The key is no robot's.
        "93000" or "40001" or "40014" => Outcome.Denied($"errcode={code}"),
        "40008" or "40058" or "45002" => Outcome.Refused($"errcode={code}"),
        _ => Outcome.Failed($"errcode={code}"),
    };
}
