namespace Telemetry.Ingest.Api;

/// <summary>Who acts, as it will stand in the log: the user; without users it is what the caller says.</summary>
public static class Operator
{
    public const string Default = "operator";
    private const int MaxLength = 100;

    /// <param name="said">What the call itself says; null for nothing.</param>
    /// <exception cref="ApiException">400: empty, too long or with control characters; or not the user's own name.</exception>
    public static string Of(HttpContext context, string? said)
    {
        if (Caller.Of(context).Name is not { } user)
            return said is null ? Default : Checked(said);
        // Ignoring it would put another name into the log than the one that the caller believes stands there.
        if (said is not null && said != user)
            throw ApiException.BadRequest("by", $"by: you are '{user}', and nobody acts in another's name; leave it out");
        return user;
    }

    /// <summary>The same where it must be somebody: "operator" mans no position and signs nothing.</summary>
    /// <exception cref="ApiException">400: nobody, or as for <see cref="Of(HttpContext, string?)"/>.</exception>
    public static string Named(HttpContext context, string? said) => said is null && Caller.Of(context).Name is null
        ? throw Nobody()
        : Of(context, said).Trim();

    /// <param name="said">What the page was told; empty for nothing.</param>
    /// <exception cref="ApiException">400: too long or with control characters.</exception>
    public static string Of(Caller caller, string said) => caller.Name ?? (said.Length == 0 ? Default : Checked(said));

    /// <summary>The same where it must be somebody.</summary>
    /// <param name="said">What the page was told; empty for nothing.</param>
    /// <exception cref="ApiException">400: nobody, or as for <see cref="Of(Caller, string)"/>.</exception>
    public static string Named(Caller caller, string said) => said.Length == 0 && caller.Name is null ? throw Nobody() : Of(caller, said).Trim();

    private static ApiException Nobody() => ApiException.BadRequest("bad_operator", "by: must say who; a person's name");

    private static string Checked(string name) =>
        string.IsNullOrWhiteSpace(name) || name.Length > MaxLength || name.Any(char.IsControl)
            ? throw ApiException.BadRequest("bad_operator", $"by: must be 1 to {MaxLength} characters without control characters, or left out")
            : name;
}
