namespace Telemetry.Ingest.Notify.Push;

/// <summary><c>Notify:Push:*</c>.</summary>
/// <param name="Subject">Whom a push service asks when something is wrong: a mailto: or https: address.</param>
/// <param name="KeyFile">Null for <see cref="PushKey.FileName"/> in Data:Path, which is made at the first start.</param>
/// <param name="Origins">Push services that may lie within the network, or speak plain HTTP: of a closed network, and of tests. Scheme, host and port.</param>
internal sealed record PushOptions(string Subject, string? KeyFile, IReadOnlyList<Uri> Origins)
{
    public static readonly string[] Keys = ["Notify:Push:Subject", "Notify:Push:KeyFile", "Notify:Push:Origins"];

    /// <param name="error">Key, value, what would be right.</param>
    public static PushOptions? Read(IConfiguration configuration, Action<string, string?, string> error)
    {
        var section = configuration.GetSection("Notify:Push");
        if (section["Subject"] is not { } subject)
        {
            if (section.GetChildren().FirstOrDefault() is { } other)
                error(other.Path, other.Value, "needs Notify:Push:Subject, such as mailto:ops@example.cn");
            return null;
        }
        if (!Uri.TryCreate(subject, UriKind.Absolute, out var uri) || uri.Scheme is not ("mailto" or "https"))
            error("Notify:Push:Subject", subject, "whom a push service asks when something is wrong: mailto:ops@example.cn, or an https:// address");
        if (section["KeyFile"] is { } key && PushKey.Problem(key) is { } problem)
            error("Notify:Push:KeyFile", key, $"a file with a P-256 private key in PEM form ({problem}); left out, one is made");
        var origins = new List<Uri>();
        foreach (var text in (section["Origins"] ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (Uri.TryCreate(text, UriKind.Absolute, out var origin) && origin.Scheme is "http" or "https" && origin.PathAndQuery == "/" && origin.UserInfo.Length == 0)
                origins.Add(origin);
            else
                error("Notify:Push:Origins", text, "origins with blanks between them, such as https://push.city.example:8443");
        }
        return new PushOptions(subject, section["KeyFile"], origins);
    }
}
