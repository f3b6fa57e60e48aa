using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Telemetry.Ingest.Gateways.External;

/// <summary>Somebody else's broker that the service connects to: <c>Mqtt:External:*</c>.</summary>
public sealed record ExternalOptions
{
    public static readonly string[] Keys =
    [
        "Mqtt:External:Address", "Mqtt:External:User", "Mqtt:External:PasswordFile", "Mqtt:External:ClientId", "Mqtt:External:Topic", "Mqtt:External:Window", "Mqtt:External:CaFile",
    ];

    private const string Scope = "telemetry/v1/";

    public required string Host { get; init; }

    /// <summary>Default 1883, with TLS 8883.</summary>
    public required int Port { get; init; }

    /// <summary>The address began with <c>mqtts://</c>.</summary>
    public bool Tls { get; init; }

    public string? User { get; init; }

    /// <summary>Its first line is the password; read at each connect, so that it can be changed while the service runs.</summary>
    public string? PasswordFile { get; init; }

    /// <summary>Names the session that the broker keeps. Default <c>telemetry</c>; two services with one name push each other out.</summary>
    public string ClientId { get; init; } = "telemetry";

    /// <summary>Filters to subscribe to. Default <c>telemetry/v1/#</c>.</summary>
    public IReadOnlyList<string> Topics { get; init; } = [Scope + "#"];

    /// <summary>Messages that the broker may have under way unacknowledged: MQTT 5's Receive Maximum. Default 1,000; 1 to 65,535. A small one costs throughput.</summary>
    public ushort Window { get; init; } = 1000;

    /// <summary>PEM certificates to trust instead of the system's.</summary>
    public string? CaFile { get; init; }

    /// <summary>Between two signs of life; the broker is left after 1.5 of it without one. No key: 30 s.</summary>
    public TimeSpan KeepAlive { get; init; } = TimeSpan.FromSeconds(30);

    public string Address => string.Create(CultureInfo.InvariantCulture, $"{(Tls ? "mqtts" : "mqtt")}://{(Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]" : Host)}:{Port}");

    public bool IsLoopback => Host == "localhost" || (IPAddress.TryParse(Host, out var address) && IPAddress.IsLoopback(address));

    /// <param name="others">Filters of the formats but the native one, subscribed to as well.</param>
    /// <param name="error">Key, value, what would be right.</param>
    /// <returns>Null without <c>Mqtt:External:Address</c>.</returns>
    public static ExternalOptions? Read(IConfiguration configuration, IEnumerable<string> others, Action<string, string?, string> error)
    {
        var section = configuration.GetSection("Mqtt:External");
        if (section["Address"] is not { } address)
        {
            foreach (var key in Keys.Where(key => configuration[key] is not null))
                error(key, configuration[key], "needs Mqtt:External:Address, such as mqtt://broker:1883");
            return null;
        }
        if (!Uri.TryCreate(address.Contains("://", StringComparison.Ordinal) ? address : "mqtt://" + address, UriKind.Absolute, out var uri)
            || uri.Scheme is not ("mqtt" or "mqtts") || uri.Host.Length == 0 || uri.Port == 0 || uri.UserInfo.Length > 0 || uri.PathAndQuery.Length > 1)
        {
            error("Mqtt:External:Address", address, "host, host:port, mqtt://host:port or, with TLS, mqtts://host:port; user and password have keys of their own");
            uri = new Uri("mqtt://localhost");
        }
        var tls = uri.Scheme == "mqtts";
        var defaults = new ExternalOptions { Host = uri.DnsSafeHost, Port = uri.Port > 0 ? uri.Port : tls ? 8883 : 1883, Tls = tls };
        var options = defaults with
        {
            User = section["User"],
            PasswordFile = section["PasswordFile"],
            ClientId = section["ClientId"] ?? defaults.ClientId,
            Topics = section["Topic"]?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? defaults.Topics,
            Window = ReadWindow(section["Window"], error) ?? defaults.Window,
            CaFile = section["CaFile"],
        };
        options.Check(section, error);
        return options with { Topics = [.. options.Topics, .. others] };
    }

    /// <summary>The password as it stands now; null without a file.</summary>
    /// <exception cref="BrokerFailureException">The file can't be read.</exception>
    public byte[]? ReadPassword()
    {
        if (PasswordFile is null)
            return null;
        try
        {
            using var file = new StreamReader(PasswordFile);
            return System.Text.Encoding.UTF8.GetBytes(file.ReadLine() ?? "");
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw new BrokerFailureException(BrokerFailure.PasswordFile, cause.Message, cause);
        }
    }

    private void Check(IConfigurationSection section, Action<string, string?, string> error)
    {
        if (PasswordFile is not null && User is null)
            error("Mqtt:External:PasswordFile", PasswordFile, "needs Mqtt:External:User");
        if (PasswordFile is not null && !File.Exists(PasswordFile))
            error("Mqtt:External:PasswordFile", PasswordFile, "a file whose first line is the password");
        if (ClientId.Length is 0 or > 64 || ClientId.Any(char.IsControl))
            error("Mqtt:External:ClientId", ClientId, "1 to 64 characters; the broker keeps the session under it");
        if (Topics.Count == 0)
            error("Mqtt:External:Topic", section["Topic"], "at least one filter, such as telemetry/v1/#");
        foreach (var topic in Topics.Where(topic => !IsFilter(topic)))
            error("Mqtt:External:Topic", topic, "filters under telemetry/v1/, separated by commas, such as telemetry/v1/# or $share/telemetry/telemetry/v1/+/tunnel/#");
        CheckAuthorities("Mqtt:External:CaFile", error);
    }

    internal void CheckAuthorities(string key, Action<string, string?, string> error)
    {
        if (CaFile is null)
            return;
        if (!Tls)
            error(key, CaFile, "needs an address that begins with mqtts://");
        try
        {
            if (ReadAuthorities().Count == 0)
                error(key, CaFile, "a file with at least one certificate in PEM form");
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException or CryptographicException)
        {
            error(key, CaFile, $"a readable file with certificates in PEM form ({cause.Message})");
        }
    }

    internal X509Certificate2Collection ReadAuthorities()
    {
        var authorities = new X509Certificate2Collection();
        if (CaFile is not null)
            authorities.ImportFromPemFile(CaFile);
        return authorities;
    }

    private static ushort? ReadWindow(string? text, Action<string, string?, string> error)
    {
        if (text is null)
            return null;
        if (ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var window) && window > 0)
            return window;
        error("Mqtt:External:Window", text, "a whole number from 1 to 65535");
        return null;
    }

    private static bool IsFilter(string text)
    {
        var levels = text.Split('/');
        if (levels[0] == "$share")
        {
            if (levels.Length < 3 || levels[1].Length == 0 || levels[1].AsSpan().ContainsAny('+', '#'))
                return false;
            text = text[(levels[0].Length + levels[1].Length + 2)..];
            levels = levels[2..];
        }
        return text.StartsWith(Scope, StringComparison.Ordinal) && text.Length > Scope.Length
            && levels.Index().All(level => level.Item == "+" || (level.Item == "#" && level.Index == levels.Length - 1) || !level.Item.AsSpan().ContainsAny('+', '#', '\0'));
    }
}
