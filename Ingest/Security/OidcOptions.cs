using Microsoft.Extensions.Configuration;

namespace Telemetry.Ingest.Security;

/// <summary>A provider of OpenID Connect by which people log in at the page.</summary>
/// <param name="Authority">Where its <c>/.well-known/openid-configuration</c> lies; https, or on this machine.</param>
/// <param name="ClientSecretFile">Its first line; null for a public client, which has PKCE alone.</param>
/// <param name="NameClaim">Default <c>preferred_username</c>: it stands as <c>by</c> in the log, so the provider must give no name twice. <c>sub</c> where the token has none.</param>
/// <param name="RoleClaim">Default <c>roles</c>; one value or several.</param>
/// <param name="Roles">Which values of it make which role.</param>
/// <param name="DistrictsClaim">What the person sees, <c>*</c> for all; null where everybody sees all districts. A person without the claim sees nothing and is not let in.</param>
/// <param name="FamiliesClaim">Likewise.</param>
/// <param name="Scopes">Asked for beside <c>openid</c>; default <c>profile</c>.</param>
public sealed record OidcOptions(
    Uri Authority, string ClientId, string? ClientSecretFile, string NameClaim, string RoleClaim, IReadOnlyDictionary<string, Role> Roles, string? DistrictsClaim, string? FamiliesClaim, IReadOnlyList<string> Scopes)
{
    private const string Section = "Security:Oidc:";

    public static IReadOnlyList<string> Keys { get; } =
    [
        .. new[] { "Authority", "ClientId", "ClientSecretFile", "NameClaim", "RoleClaim", "DistrictsClaim", "FamiliesClaim", "Scopes" }.Select(key => Section + key),
        .. Security.Roles.Names.Select(role => $"{Section}Roles:{role}"),
    ];

    /// <summary>Null where none is configured, or something is wrong with it.</summary>
    public static OidcOptions? Read(IConfiguration configuration, List<string> errors)
    {
        string? Value(string key) => configuration[Section + key];
        if (Value("Authority") is not { } text)
        {
            errors.AddRange(Keys.Where(key => configuration[key] is not null).Select(key => $"{key} = {configuration[key]}: {Section}Authority is missing; name the provider too"));
            return null;
        }
        var before = errors.Count;
        if (!Uri.TryCreate(text, UriKind.Absolute, out var authority) || !(authority.Scheme == "https" || (authority.Scheme == "http" && authority.IsLoopback)))
            errors.Add($"{Section}Authority = {text}: https://…, the address beneath which the provider has .well-known/openid-configuration");
        if (Value("ClientId") is not { Length: > 0 } client)
            errors.Add($"{Section}ClientId: missing; the id under which the provider knows this service");
        if (Value("ClientSecretFile") is { } file && Secret(file) is null)
            errors.Add($"{Section}ClientSecretFile = {file}: can't be read, or its first line is empty");
        var roles = new Dictionary<string, Role>(StringComparer.Ordinal);
        foreach (var (name, role) in Security.Roles.Names.Select((name, index) => (name, (Role)index)))
        {
            foreach (var value in List(Value($"Roles:{name}")))
            {
                if (!roles.TryAdd(value, role))
                    errors.Add($"{Section}Roles:{name} = {value}: stands at {roles[value].Name()} too; once would be right");
            }
        }
        if (roles.Count == 0)
            errors.Add($"{Section}Roles: nobody would have a role; name the provider's values, such as {Section}Roles:operator=control-room");
        return errors.Count > before ? null : new OidcOptions(
            authority!, Value("ClientId")!, Value("ClientSecretFile"), Value("NameClaim") ?? "preferred_username", Value("RoleClaim") ?? "roles", roles, Value("DistrictsClaim"), Value("FamiliesClaim"),
            Value("Scopes") is { } scopes ? List(scopes) : ["profile"]);
    }

    /// <summary>The first line of a file; null where there is none.</summary>
    public static string? Secret(string file)
    {
        try
        {
            return File.ReadLines(file).FirstOrDefault()?.Trim() is { Length: > 0 } secret ? secret : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }

    private static string[] List(string? text) => (text ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
}
