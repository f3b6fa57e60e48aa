using System.Net;
using Telemetry.Ingest.Gateways.External;
using Telemetry.Ingest.Notify.Channels;

namespace Telemetry.Ingest.Watchdog;

/// <summary>What the watchdog's process is told.</summary>
/// <param name="Service">The gateways' door that it knocks on, with its credentials there.</param>
/// <param name="Gateway">Its name as a gateway: second topic level and user name.</param>
/// <param name="Listen">Where it takes heartbeats.</param>
/// <param name="Key">Shared with the service.</param>
/// <param name="NeedsNotifier">See <see cref="Watch"/>.</param>
internal sealed record WatchdogOptions(ExternalOptions Service, string Gateway, IPEndPoint Listen, SecretFile Key, bool NeedsNotifier)
{
    /// <summary>A program to run; null for none.</summary>
    public string? Command { get; init; }

    /// <summary>Device, what is written at an alert, what when it is over.</summary>
    public (string Device, byte[] On, byte[] Off)? Serial { get; init; }

    /// <summary>Empty for no SMS.</summary>
    public IReadOnlyList<string> Phones { get; init; } = [];

    /// <summary>Null without phones.</summary>
    public ProviderOptions? Sms { get; init; }

    public bool WakesSomebody => Command is not null || Serial is not null || Phones.Count > 0;

    /// <summary>As <c>mqtts://host:port</c>; the errors name the command's own options.</summary>
    public static ExternalOptions? ReadService(string address, string gateway, string? passwordFile, string? caFile, Action<string> error)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(
        [
            new("Mqtt:External:Address", address), new("Mqtt:External:User", passwordFile is null ? null : gateway), new("Mqtt:External:PasswordFile", passwordFile),
            new("Mqtt:External:CaFile", caFile), new("Mqtt:External:ClientId", gateway),
        ]).Build();
        var options = ExternalOptions.Read(configuration, [], (key, value, right) => error($"{OptionOf(key)} {value}: {right}"));
        return options is null ? null : options with { KeepAlive = TimeSpan.FromSeconds(15) };
    }

    private static string OptionOf(string key) => key switch
    {
        "Mqtt:External:Address" => "--service",
        "Mqtt:External:PasswordFile" => "--password-file",
        "Mqtt:External:CaFile" => "--ca-file",
        _ => "--gateway",
    };

    /// <summary><c>a0 01 01 a2</c>; null where it is none.</summary>
    public static byte[]? Hex(string text)
    {
        var digits = string.Concat(text.Where(c => !char.IsWhiteSpace(c)));
        return digits.Length % 2 == 0 && digits.All(char.IsAsciiHexDigit) ? Convert.FromHexString(digits) : null;
    }

    /// <summary><c>+8613800138000</c>.</summary>
    public static bool IsPhone(string text) => text.Length is >= 5 and <= 20 && text.Index().All(sign => char.IsAsciiDigit(sign.Item) || (sign.Index == 0 && sign.Item == '+'));
}
