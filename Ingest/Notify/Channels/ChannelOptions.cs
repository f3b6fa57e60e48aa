using System.Security.Cryptography.X509Certificates;
using Telemetry.Ingest.Gateways.External;
using Telemetry.Ingest.Notify.Crew;
using Telemetry.Ingest.Notify.Push;
using Telemetry.Ingest.Notify.Texts;

namespace Telemetry.Ingest.Notify.Channels;

/// <summary>By which channels people are told: <c>Notify:*</c> but for <c>Notify:File</c>. What is not given is not there.</summary>
internal sealed record ChannelOptions
{
    public MailOptions? Mail { get; init; }

    public ProviderOptions? Sms { get; init; }

    public ProviderOptions? Voice { get; init; }

    public PushOptions? Push { get; init; }

    public WebhookOptions? Webhook { get; init; }

    public ExternalOptions? Mqtt { get; init; }

    /// <summary>Where people reach the service from outside, with / at its end; null: messages carry no links.</summary>
    public Uri? PublicUrl { get; init; }

    /// <summary>How the SMS provider hands on replies; null: nobody reads them.</summary>
    public ReplyOptions? SmsReplies { get; init; }

    /// <summary>How the voice provider hands on pressed keys; null: nobody reads them.</summary>
    public ReplyOptions? VoiceReplies { get; init; }

    /// <summary>Base address of a Prometheus Alertmanager, with / at its end.</summary>
    public Uri? Alertmanager { get; init; }

    /// <summary>By the name under <c>robots:</c> of Notify:File.</summary>
    public IReadOnlyDictionary<string, RobotOptions> Robots { get; init; } = new Dictionary<string, RobotOptions>();

    /// <summary>Trusted by mail and HTTP instead of the system's; empty for the system's.</summary>
    public X509Certificate2Collection Authorities { get; init; } = [];

    /// <summary>Whether a person can be told by it.</summary>
    public bool Has(MessageChannel channel) => channel switch
    {
        MessageChannel.Voice => Voice is not null,
        MessageChannel.Sms => Sms is not null,
        MessageChannel.Mail => Mail is not null,
        MessageChannel.Push => Push is not null,
        _ => false,
    };

    /// <summary>How a message may be answered.</summary>
    /// <param name="link">The last part of its address.</param>
    public AnswerWays WaysOf(string link) => new(PublicUrl is { } url ? new Uri(url, "go/" + link).AbsoluteUri : null, SmsReplies is not null, VoiceReplies is not null);

    public bool HasAny => Enum.GetValues<MessageChannel>().Any(Has);
}

/// <summary>One robot of a group chat: <c>Notify:Robots:NAME:*</c>.</summary>
/// <param name="Address">Its webhook's address, which is a secret itself.</param>
/// <param name="Secret">It signs with this; null for a robot that knows no signature.</param>
internal sealed record RobotOptions(SecretFile Address, SecretFile? Secret);
