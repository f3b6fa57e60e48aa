using System.Net.Sockets;
using System.Security.Authentication;
using MQTTnet;
using MQTTnet.Exceptions;
using MQTTnet.Protocol;

namespace Telemetry.Ingest.Gateways.External;

/// <summary>Why there is no connection to the broker: the one name in log, metric and readiness.</summary>
internal static class BrokerFailure
{
    /// <summary>Nobody listens there.</summary>
    public const string Refused = "refused";

    /// <summary>No such host, no route, or no answer in time.</summary>
    public const string Unreachable = "unreachable";

    public const string Tls = "tls";

    public const string PasswordFile = "password_file";

    public const string BadCredentials = "bad_credentials";

    public const string NotAuthorized = "not_authorized";

    /// <summary>The broker answered no to CONNECT for another reason, which the text names.</summary>
    public const string Rejected = "rejected";

    public const string ProtocolVersion = "protocol_version";

    public const string Protocol = "protocol";

    /// <summary>The subscription was refused, or granted with QoS 0 only.</summary>
    public const string Subscription = "subscription";

    /// <summary>Another client connected under our name.</summary>
    public const string TakenOver = "taken_over";

    /// <summary>The broker ended the connection.</summary>
    public const string Closed = "closed";

    /// <summary>The broker says or takes nothing any more.</summary>
    public const string Silent = "silent";

    /// <summary>The log failed; what was not stored is not acknowledged and comes again.</summary>
    public const string NotStored = "not_stored";

    public static BrokerFailureException Of(MqttClientConnectResult refused) => refused.ResultCode switch
    {
        MqttClientConnectResultCode.BadUserNameOrPassword => new(BadCredentials, "the broker refuses user name or password (Mqtt:External:User, PasswordFile)"),
        MqttClientConnectResultCode.NotAuthorized => new(NotAuthorized, "the broker refuses user, password or client id (Mqtt:External:User, PasswordFile, ClientId)"),
        MqttClientConnectResultCode.UnsupportedProtocolVersion => new(ProtocolVersion, "the broker speaks neither MQTT 5 nor 3.1.1"),
        var code => new(Rejected, $"the broker refuses the connection: {code}{(string.IsNullOrEmpty(refused.ReasonString) ? "" : $", {refused.ReasonString}")}"),
    };

    public static BrokerFailureException Of(MqttDisconnectReasonCode told, string? reason) => new(
        told == MqttDisconnectReasonCode.SessionTakenOver ? TakenOver : Closed,
        told == MqttDisconnectReasonCode.SessionTakenOver
            ? "another client connected with the same client id (Mqtt:External:ClientId)"
            : $"the broker ended the connection: {told}{(string.IsNullOrEmpty(reason) ? "" : $", {reason}")}");

    /// <summary>What went wrong on the way to the socket.</summary>
    public static BrokerFailureException Of(Exception error) => error switch
    {
        BrokerFailureException known => known,
        AuthenticationException => new(Tls, error.InnerException?.Message ?? error.Message, error),
        SocketException { SocketErrorCode: SocketError.ConnectionRefused } => new(Refused, "nobody listens there", error),
        SocketException => new(Unreachable, error.Message, error),
        OperationCanceledException => new(Unreachable, "no answer in time", error),
        MqttCommunicationException { InnerException: null } => new(Closed, "the broker closed the connection without a reason; if it goes on so, another client has our client id (Mqtt:External:ClientId)", error),
        _ => new(Closed, error.GetBaseException().Message, error),
    };
}

/// <param name="kind">A name of <see cref="BrokerFailure"/>.</param>
internal sealed class BrokerFailureException(string kind, string message, Exception? cause = null) : Exception(message, cause)
{
    public string Kind { get; } = kind;
}
