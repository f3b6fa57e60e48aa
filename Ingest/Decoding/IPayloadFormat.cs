using Telemetry.Ingest.Decoding.Reports;

namespace Telemetry.Ingest.Decoding;

/// <summary>One way in which gateways write their messages. One instance for the whole service, called from any thread.</summary>
internal interface IPayloadFormat
{
    /// <summary>As in configuration and <c>decode --format</c>: <c>chirpstack</c>.</summary>
    string Name { get; }

    /// <summary>Takes a message apart. What is wrong with one device's part stands in its report; what makes the whole message unreadable is thrown.</summary>
    /// <returns>Whose message it was (<see cref="ForeignMessage.Gateway"/>, unless the format knows better), and what it says of that gateway: <see cref="GatewaySign.Reading"/> where nothing in particular.</returns>
    /// <exception cref="MalformedMessageException">The message is refused as a whole.</exception>
    /// <exception cref="System.Text.Json.JsonException">The same, as malformed.</exception>
    DecodedMessage Read(in ForeignMessage message, List<Report> into);

    /// <summary>Hides in the bytes of a dead letter what not everyone may see who reads dead letters: a login.</summary>
    void Mask(Span<byte> payload)
    {
    }

    /// <summary>The gateway that a topic (UTF-8) names in the format's own way; null where the route has to say it.</summary>
    string? GatewayOf(ReadOnlySpan<byte> topic) => null;

    /// <summary>Whether a gateway has to hear what the filter matches. Nothing that comes in is ever routed there.</summary>
    /// <param name="gateway">Which one asks; null where they have no credentials.</param>
    bool MaySubscribe(string filter, string? gateway) => false;
}

/// <summary>A message on its way through a format.</summary>
internal readonly ref struct ForeignMessage(string topic, ReadOnlySpan<byte> payload, string gateway, string? device, long received, bool isAgain = false)
{
    public string Topic { get; } = topic;

    public ReadOnlySpan<byte> Payload { get; } = payload;

    /// <summary>Whose message it is: from the topic, or the route's own.</summary>
    public string Gateway { get; } = gateway;

    /// <summary>What stands at <c>{device}</c> in the route's topic; null where it has none.</summary>
    public string? Device { get; } = device;

    /// <summary>Unix ms.</summary>
    public long Received { get; } = received;

    /// <summary>A dead letter, long after it came: what a format remembers of its senders stays as it is.</summary>
    public bool IsAgain { get; } = isAgain;
}
