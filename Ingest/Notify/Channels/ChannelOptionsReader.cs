using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Telemetry.Ingest.Gateways.External;
using Telemetry.Ingest.Notify.Crew;
using Telemetry.Ingest.Notify.Push;
using Telemetry.Ingest.Security;

namespace Telemetry.Ingest.Notify.Channels;

/// <summary>Reads <see cref="ChannelOptions"/>; every error names key, value and what would be right, and none repeats a secret.</summary>
/// <param name="error">Key, value, what would be right.</param>
internal sealed class ChannelOptionsReader(IConfiguration configuration, Action<string, string?, string> error)
{
    // go/ and the link's name come behind it, and 【signature】 before it.
    private const int LongestPublicUrl = 32;

    private static readonly string[] ProviderOptionKeys = ["Url", "Method", "Header", "Body", "ContentType", "Sender", "SecretFile", "Success"];

    private static readonly string[] SmsReplyKeys = ["SecretFile", "Header", "Phone", "Text", "Id", "Answer"];
    private static readonly string[] VoiceReplyKeys = ["SecretFile", "Header", "Phone", "Digit", "Message", "Id", "Answer"];

    public static readonly string[] Keys =
    [
        "Notify:CaFile", "Notify:PublicUrl", "Notify:Mail:Server", "Notify:Mail:From", "Notify:Mail:User", "Notify:Mail:PasswordFile", "Notify:Webhook:Url", "Notify:Webhook:SecretFile",
        .. ProviderKeys("Sms"), .. ProviderKeys("Voice"), .. SmsReplyKeys.Select(key => "Notify:Sms:Reply:" + key), .. VoiceReplyKeys.Select(key => "Notify:Voice:Reply:" + key), "Notify:Robots:NAME:UrlFile", "Notify:Robots:NAME:SecretFile",
        "Notify:Mqtt:Address", "Notify:Mqtt:User", "Notify:Mqtt:PasswordFile", "Notify:Mqtt:ClientId", "Notify:Mqtt:CaFile", "Notify:Alertmanager:Url",
        .. PushOptions.Keys,
    ];

    /// <summary>A robot's keys hold its name.</summary>
    public static bool IsKey(string key) => key.Split(':') is [var notify, var robots, { Length: > 0 }, var last]
        && notify.Equals("Notify", StringComparison.OrdinalIgnoreCase) && robots.Equals("Robots", StringComparison.OrdinalIgnoreCase)
        && (last.Equals("UrlFile", StringComparison.OrdinalIgnoreCase) || last.Equals("SecretFile", StringComparison.OrdinalIgnoreCase));

    public ChannelOptions Read() => new()
    {
        Mail = Mail(),
        Sms = Provider("Sms"),
        Voice = Provider("Voice"),
        SmsReplies = Replies("Notify:Sms", SmsReplyKeys),
        VoiceReplies = Replies("Notify:Voice", VoiceReplyKeys),
        Push = PushOptions.Read(configuration, error),
        Webhook = Webhook(),
        Mqtt = Mqtt(),
        PublicUrl = PublicUrl(),
        Alertmanager = Address("Notify:Alertmanager:Url") is { } url ? new Uri(url.AbsoluteUri.TrimEnd('/') + "/") : null,
        Robots = Robots(),
        Authorities = Authorities(),
    };

    private static string[] ProviderKeys(string name) => [.. ProviderOptionKeys.Select(key => $"Notify:{name}:{key}")];

    private MailOptions? Mail()
    {
        if (configuration["Notify:Mail:Server"] is not { } server)
        {
            Lacking("Notify:Mail", "Server", "smtp://mail.example.cn:587");
            return null;
        }
        if (!Uri.TryCreate(server, UriKind.Absolute, out var uri) || uri.Scheme is not ("smtp" or "smtps") || uri.Host.Length == 0 || uri.UserInfo.Length > 0 || uri.PathAndQuery.Length > 1)
            error("Notify:Mail:Server", server, "smtp://host:port, or smtps://host:port with TLS from the first byte; user and password have keys of their own");
        var from = configuration["Notify:Mail:From"];
        if (from is null || from.Split('@') is not [{ Length: > 0 }, { Length: > 2 }] || from.Any(c => char.IsControl(c) || char.IsWhiteSpace(c) || c is '<' or '>' or ',' or ';'))
            error("Notify:Mail:From", from, "the address that mail comes from, such as telemetry@example.cn");
        var (user, password) = (configuration["Notify:Mail:User"], Secret("Notify:Mail:PasswordFile"));
        if (user is null != password is null)
            error("Notify:Mail:User", user, "user and password go together: give Notify:Mail:User and Notify:Mail:PasswordFile, or neither");
        return uri is null || from is null ? null : new MailOptions(uri, from, password is null ? null : user, password);
    }

    private WebhookOptions? Webhook()
    {
        if (Address("Notify:Webhook:Url") is not { } url)
        {
            Lacking("Notify:Webhook", "Url", "https://example.cn/hook");
            return null;
        }
        if (Secret("Notify:Webhook:SecretFile") is { } secret)
            return new WebhookOptions(url, secret);
        if (configuration["Notify:Webhook:SecretFile"] is null)
            error("Notify:Webhook:SecretFile", null, "a file whose first line is the secret that signs: without it the receiver cannot know who calls");
        return null;
    }

    private ProviderOptions? Provider(string name)
    {
        var section = $"Notify:{name}";
        if (configuration[section + ":Url"] is not { } url)
        {
            Lacking(section, "Url", "https://sms.example.cn/send");
            return null;
        }
        if (!Uri.TryCreate(url, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
            error(section + ":Url", url, "an address that begins with http:// or https://; {phone}, {text}, {key}, {code}, {sender} and {secret} may stand in it");
        var method = configuration[section + ":Method"] ?? "POST";
        if (method is not ("POST" or "GET"))
            error(section + ":Method", method, "POST or GET");
        var (body, header) = (configuration[section + ":Body"], configuration[section + ":Header"]);
        if (method == "GET" && body is not null)
            error(section + ":Body", body, "GET has no body; write the placeholders into Url");
        if (header is not null && (header.Split(": ", 2) is not [{ Length: > 0 }, { Length: > 0 }] || header.Any(char.IsControl)))
            error(section + ":Header", header, "one header, such as Authorization: Bearer {secret}");
        var type = configuration[section + ":ContentType"] ?? ProviderChannel.Json;
        if (type is not (ProviderChannel.Json or ProviderChannel.Form))
            error(section + ":ContentType", type, $"{ProviderChannel.Json} or {ProviderChannel.Form}");
        var all = url + body;
        if (!all.Contains("{phone}", StringComparison.Ordinal) || !all.Contains("{text}", StringComparison.Ordinal))
            error(section + (body is null ? ":Url" : ":Body"), body ?? url, "both {phone} and {text} must stand in Url or Body");
        var secret = Secret(section + ":SecretFile");
        if ((all + header).Contains("{secret}", StringComparison.Ordinal) && configuration[section + ":SecretFile"] is null)
            error(section + ":SecretFile", null, "{secret} is used: name the file whose first line it is");
        return new ProviderOptions(url, method, header, body, type, configuration[section + ":Sender"] ?? "", secret, Success(section + ":Success"));
    }

    private ReplyOptions? Replies(string channel, string[] known)
    {
        var section = configuration.GetSection(channel + ":Reply");
        if (!section.GetChildren().Any())
            return null;
        if (configuration[channel + ":Url"] is null)
            error(section.Path + ":SecretFile", section["SecretFile"], $"needs {channel}:Url: nobody answers what is not sent");
        var header = section["Header"];
        if (header is not null && (header.Split(": ", 2) is not [{ Length: > 0 }, { Length: > 0 } value] || !value.Contains("{secret}", StringComparison.Ordinal)))
            error(section.Path + ":Header", header, "the header by which the provider shows the secret, such as X-Secret: {secret}; left out, it signs as our webhook does");
        if (section["SecretFile"] is null)
            error(section.Path + ":SecretFile", null, "a file whose first line is the secret that the provider shows or signs with: without it anybody could answer in anybody's place");
        foreach (var empty in known.Where(key => section[key] is { } text && string.IsNullOrWhiteSpace(text)))
            error($"{section.Path}:{empty}", "", "leave it out, or say where it stands: code, Result.Code, 0.phone");
        if (Secret(section.Path + ":SecretFile") is not { } secret)
            return null;
        var isVoice = known.Contains("Digit");
        return new ReplyOptions(secret, header, section["Phone"] ?? "phone", isVoice ? section["Digit"] ?? "digit" : section["Text"] ?? "text", isVoice ? section["Message"] ?? "code" : null, section["Id"], section["Answer"]);
    }

    private (string, string)? Success(string key)
    {
        if (configuration[key] is not { } text)
            return null;
        if (text.Split('=', 2) is [{ Length: > 0 } path, var value])
            return (path.Trim(), value.Trim());
        error(key, text, "path=value of a good answer, such as code=0, Result.Code=OK or SendStatusSet.0.Code=Ok");
        return null;
    }

    private SortedDictionary<string, RobotOptions> Robots()
    {
        var robots = new SortedDictionary<string, RobotOptions>(StringComparer.Ordinal);
        foreach (var section in configuration.GetSection("Notify:Robots").GetChildren())
        {
            if (Secret($"Notify:Robots:{section.Key}:UrlFile") is not { } address)
            {
                if (section["UrlFile"] is null)
                    error($"Notify:Robots:{section.Key}:UrlFile", null, "a file whose first line is the robot's webhook address, which is a secret");
            }
            else if (!Uri.TryCreate(address.Read(), UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https"))
                error($"Notify:Robots:{section.Key}:UrlFile", section["UrlFile"], "its first line must be an address that begins with https://");
            else
                robots[section.Key] = new RobotOptions(address, Secret($"Notify:Robots:{section.Key}:SecretFile"));
        }
        return robots;
    }

    private ExternalOptions? Mqtt()
    {
        var section = configuration.GetSection("Notify:Mqtt");
        if (section["Address"] is not { } address)
        {
            Lacking("Notify:Mqtt", "Address", "mqtt://broker:1883");
            return null;
        }
        if (!Uri.TryCreate(address.Contains("://", StringComparison.Ordinal) ? address : "mqtt://" + address, UriKind.Absolute, out var uri)
            || uri.Scheme is not ("mqtt" or "mqtts") || uri.Host.Length == 0 || uri.UserInfo.Length > 0 || uri.PathAndQuery.Length > 1)
        {
            error("Notify:Mqtt:Address", address, "mqtt://host:port or, with TLS, mqtts://host:port; user and password have keys of their own");
            return null;
        }
        var (user, password) = (section["User"], Secret("Notify:Mqtt:PasswordFile"));
        if (password is not null && user is null)
            error("Notify:Mqtt:PasswordFile", password.Path, "needs Notify:Mqtt:User");
        var tls = uri.Scheme == "mqtts";
        var options = new ExternalOptions
        {
            Host = uri.DnsSafeHost, Port = uri.Port > 0 ? uri.Port : tls ? 8883 : 1883, Tls = tls, User = user, PasswordFile = password?.Path,
            ClientId = section["ClientId"] ?? "telemetry-notify", CaFile = section["CaFile"],
        };
        options.CheckAuthorities("Notify:Mqtt:CaFile", error);
        return options;
    }

    private Uri? PublicUrl()
    {
        const string Key = "Notify:PublicUrl";
        if (configuration[Key] is not { } text)
            return null;
        if (!Uri.TryCreate(text.TrimEnd('/') + "/", UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https") || url.UserInfo.Length > 0 || url.Query.Length > 0 || url.Fragment.Length > 0)
            error(Key, text, "the address at which people reach the service from outside, such as https://ops.city.example/");
        else if (url.Scheme == "http" && !url.IsLoopback)
            error(Key, text, "https://: whoever reads a link on its way can act by it");
        else if (!url.IsLoopback && !SecurityOptionsReader.HasUsers(configuration))
            error(Key, text, "without users the service answers this machine alone, and nobody outside could open a link; name a file of users by Security:UsersFile, or give Security:Accounts=true");
        else if (configuration["Notify:Sms:Url"] is not null && url.AbsoluteUri.Length > LongestPublicUrl)
            error(Key, text, $"at most {LongestPublicUrl} characters: an SMS has {Texts.CrewText.MaxSms}, and place and hazard come before the link");
        else
            return url;
        return null;
    }

    private X509Certificate2Collection Authorities()
    {
        var authorities = new X509Certificate2Collection();
        if (configuration["Notify:CaFile"] is not { } path)
            return authorities;
        try
        {
            authorities.ImportFromPemFile(path);
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException or CryptographicException)
        {
            error("Notify:CaFile", path, $"a readable file with certificates in PEM form ({cause.Message})");
            return authorities;
        }
        if (authorities.Count == 0)
            error("Notify:CaFile", path, "a file with at least one certificate in PEM form");
        return authorities;
    }

    private Uri? Address(string key)
    {
        if (configuration[key] is not { } text)
            return null;
        if (Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" && url.UserInfo.Length == 0)
            return url;
        error(key, text, "an address that begins with http:// or https://, without a user");
        return null;
    }

    /// <summary>Null where the key is missing, and where its file is wrong.</summary>
    private SecretFile? Secret(string key)
    {
        if (configuration[key] is not { } path)
            return null;
        if (SecretFile.Problem(path, out _) is not { } problem)
            return new SecretFile(path);
        error(key, path, $"a file whose first line is the secret; {problem}");
        return null;
    }

    /// <summary>Other keys of a channel without the one that makes it.</summary>
    private void Lacking(string section, string key, string example)
    {
        if (configuration[$"{section}:{key}"] is null && configuration.GetSection(section).GetChildren().FirstOrDefault() is { } other)
            error($"{section}:{other.Key}", other.Value, $"needs {section}:{key}, such as {example}");
    }
}
