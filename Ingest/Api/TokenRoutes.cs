using System.Text.Json;
using Telemetry.Ingest.Security;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Api;

/// <summary>Tokens that people make for their programs: never more than they may themselves, now or later.</summary>
public static class TokenRoutes
{
    /// <param name="Name">What it is for, 1 to 100 characters.</param>
    /// <param name="Role">At most the caller's.</param>
    /// <param name="Districts">Of those that the caller sees; left out, all of these.</param>
    /// <param name="Families">Likewise.</param>
    /// <param name="Expires">RFC 3339 or Unix ms, within 400 d.</param>
    public sealed record NewTokenBody(string? Name, string? Role, IReadOnlyList<string>? Districts, IReadOnlyList<string>? Families, JsonElement? Expires);

    /// <param name="Id">To revoke it by; opens nothing.</param>
    /// <param name="LastUsed">A day, UTC; null for never.</param>
    public sealed record TokenAnswer(string Id, string Name, string Role, IReadOnlyList<string>? Districts, IReadOnlyList<string>? Families, string Made, string Expires, string? LastUsed);

    /// <param name="Secret">Shown this once.</param>
    public sealed record NewTokenAnswer(TokenAnswer Token, string Secret);

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/tokens", (HttpContext context, AccountChanges changes) => changes.Accounts.TokensOf(Owner(context).Name).Select(Answer))
            .Needs(Role.Viewer).Keeps(ScopeRule.OfNoDevice).Takes().WithSummary("The caller's own tokens that were made here, newest first.").Produces<TokenAnswer[]>();
        routes.MapPost("/tokens", IssueAsync)
            .Needs(Role.Viewer).Keeps(ScopeRule.OfNoDevice).Takes().WithSummary("Makes a token for a program. It is shown once, and can never do more than its owner.")
            .Accepts<NewTokenBody>("application/json").Produces<NewTokenAnswer>();
        routes.MapDelete("/tokens/{id}", async (string id, HttpContext context, AccountChanges changes) =>
            {
                var owner = Owner(context).Name;
                await changes.RevokeAsync(owner, id, owner, context.RequestAborted);
                return Results.NoContent();
            })
            .Needs(Role.Viewer).Keeps(ScopeRule.OfNoDevice).Takes().WithSummary("Revokes one at once: streams and MQTT connections by it end.").Produces(StatusCodes.Status204NoContent);
    }

    private static User Owner(HttpContext context) => Caller.Of(context).User ?? throw ApiException.Conflict("open_mode", "no users are configured, so nobody has tokens");

    private static async Task<NewTokenAnswer> IssueAsync(HttpContext context, AccountChanges changes)
    {
        var owner = Owner(context);
        var body = await ApiJson.ReadAsync<NewTokenBody>(context);
        var expires = Query.ParseTime(body.Expires) is { } at ? DateTimeOffset.FromUnixTimeMilliseconds(at) : throw ApiException.BadRequest("bad_token", "expires: must be RFC 3339 with a zone (2027-01-01T00:00:00Z) or Unix ms");
        var (token, secret) = await changes.IssueAsync(owner, body.Name ?? "", AccountRoutes.RoleOf(body.Role), AccountRoutes.ScopeOf(body.Districts, body.Families), expires, context.RequestAborted);
        return new NewTokenAnswer(Answer(token), secret);
    }

    internal static TokenAnswer Answer(IssuedToken token) => new(
        token.Id, token.Name, token.Role.Name(), token.Scope.Districts, token.Scope.Families, Iso.Time(token.Made.ToUnixTimeMilliseconds()), Iso.Time(token.Expires.ToUnixTimeMilliseconds()),
        token.LastUsed?.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture));
}
