using Telemetry.Ingest.Notify.Channels;

namespace Telemetry.Ingest.Watchdog;

/// <summary><c>Watchdog:*</c>: a process on another host that wants to hear that readings pass.</summary>
/// <param name="Url">Where it listens.</param>
/// <param name="Key">Shared with it; signs the heartbeats.</param>
internal sealed record HeartbeatOptions(Uri Url, SecretFile Key)
{
    public static readonly string[] Keys = ["Watchdog:Url", "Watchdog:KeyFile"];

    /// <summary>Characters of a key; <c>openssl rand -hex 32</c> makes one of 64.</summary>
    public const int ShortestKey = 32;

    /// <param name="error">Key, value, what would be right.</param>
    /// <returns>Null without <c>Watchdog:Url</c>.</returns>
    public static HeartbeatOptions? Read(IConfiguration configuration, Action<string, string?, string> error)
    {
        var (text, file) = (configuration["Watchdog:Url"], configuration["Watchdog:KeyFile"]);
        if (text is null)
        {
            if (file is not null)
                error("Watchdog:KeyFile", file, "needs Watchdog:Url, such as http://watchdog.example.cn:8090/heartbeat");
            return null;
        }
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https") || url.UserInfo.Length > 0)
            error("Watchdog:Url", text, "where `Ingest watchdog` listens, such as http://watchdog.example.cn:8090/heartbeat");
        if (file is null)
            error("Watchdog:KeyFile", null, "a file whose first line is the key that signs; the watchdog has the same: openssl rand -hex 32");
        else if (KeyProblem(file) is { } problem)
            error("Watchdog:KeyFile", file, problem);
        return url is null || file is null ? null : new HeartbeatOptions(url, new SecretFile(file));
    }

    /// <summary>Null for a file with a key that nobody guesses.</summary>
    public static string? KeyProblem(string file) =>
        SecretFile.Problem(file, out var key) ?? (key.Length < ShortestKey ? $"the key has {key.Length} characters; at least {ShortestKey}: openssl rand -hex 32" : null);
}
