using System.Security.Claims;

namespace Telemetry.Ingest.Security;

/// <summary>Who somebody is here by what the provider says.</summary>
public static class OidcPerson
{
    private const string All = "*";

    /// <param name="isTaken">Somebody of the service's own has this name.</param>
    /// <returns>The user; or what is missing, for the person to read.</returns>
    public static (User? User, string? Missing) Of(ClaimsPrincipal principal, OidcOptions options, Func<string, bool> isTaken)
    {
        var name = principal.FindFirst(options.NameClaim)?.Value ?? principal.FindFirst("sub")?.Value ?? "";
        if (!UserFile.IsName(name))
            return (null, $"the claim '{options.NameClaim}' holds no name");
        if (isTaken(name))
            return (null, $"'{name}' is the name of an account of this service, and the log could not tell the two apart");
        var said = principal.FindAll(options.RoleClaim).Select(claim => claim.Value).ToList();
        var roles = said.Where(options.Roles.ContainsKey).Select(value => options.Roles[value]).ToList();
        if (roles.Count == 0)
            return (null, $"'{name}' has no role here: the claim '{options.RoleClaim}' holds none of {string.Join(", ", options.Roles.Keys.Order(StringComparer.Ordinal))}");
        foreach (var claim in new[] { options.DistrictsClaim, options.FamiliesClaim }.OfType<string>())
        {
            if (principal.FindFirst(claim) is null)
                return (null, $"'{name}' sees nothing here: the claim '{claim}' is missing");
        }
        var scope = new Scope(Names(options.DistrictsClaim), Names(options.FamiliesClaim));
        return (new User(name, roles.Max(), $"oidc {principal.FindFirst("sub")?.Value}", null) { Scope = scope }, null);

        IReadOnlyList<string>? Names(string? claim) =>
            claim is null || principal.FindAll(claim).Select(each => each.Value).ToList() is var names && names.Contains(All) ? null : [.. names.Distinct(StringComparer.Ordinal)];
    }
}
