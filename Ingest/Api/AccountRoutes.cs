using Telemetry.Ingest.Security;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Api;

/// <summary>The service's own accounts, for administrators of the whole city.</summary>
public static class AccountRoutes
{
    /// <param name="Districts">What the person sees; null or left out for all.</param>
    /// <param name="Families">Likewise.</param>
    public sealed record NewAccountBody(string? Name, string? Role, IReadOnlyList<string>? Districts, IReadOnlyList<string>? Families);

    /// <summary>Whole: what is left out is null, and that is all of them.</summary>
    public sealed record AccountBody(string? Role, IReadOnlyList<string>? Districts, IReadOnlyList<string>? Families, bool? Disabled);

    /// <param name="OneTimeUntil">Its password is for one time and ends then; null once the person has set one.</param>
    /// <param name="LastLogin">The last right password; null for none yet.</param>
    /// <param name="WrongPasswords">Within 15 min.</param>
    /// <param name="WaitsUntil">After so many wrong ones some address may not try again before; null for none.</param>
    public sealed record AccountAnswer(
        string Name, string Role, IReadOnlyList<string>? Districts, IReadOnlyList<string>? Families, bool Disabled, string? OneTimeUntil, string? LastLogin, int WrongPasswords, string? WaitsUntil);

    /// <param name="Password">To be told to the person; shown this once.</param>
    public sealed record OneTimeAnswer(AccountAnswer Account, string Password);

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/accounts", (AccountChanges changes, SecurityParts security) =>
            {
                var tried = security.Passwords!.Throttle.Tried();
                return changes.Accounts.All.Select(account => Answer(account, tried));
            })
            .Needs(Role.Administrator).Keeps(ScopeRule.OfTheCity).Takes().WithSummary("The service's own accounts, ascending by name. People of Security:UsersFile are not among them.").Produces<AccountAnswer[]>();
        routes.MapPost("/accounts", CreateAsync)
            .Needs(Role.Administrator).Keeps(ScopeRule.OfTheCity).Takes().WithSummary("Makes an account, with a password for one time that is shown here once and ends after 24 h.")
            .Accepts<NewAccountBody>("application/json").Produces<OneTimeAnswer>();
        routes.MapPut("/accounts/{name}", ChangeAsync)
            .Needs(Role.Administrator).Keeps(ScopeRule.OfTheCity).Takes().WithSummary("Sets role and what the person sees, or disables the account: then its sessions and tokens end at once.")
            .Accepts<AccountBody>("application/json").Produces<AccountAnswer>();
        routes.MapPost("/accounts/{name}/one-time-password", async (string name, HttpContext context, AccountChanges changes, SecurityParts security) =>
            {
                var (account, password) = await changes.ResetAsync(name, By(context), context.RequestAborted);
                return new OneTimeAnswer(Answer(account, security.Passwords!.Throttle.Tried()), password);
            })
            .Needs(Role.Administrator).Keeps(ScopeRule.OfTheCity).Takes().WithSummary("For somebody who has forgotten the password: a new one for one time. Sessions of that person end.").Produces<OneTimeAnswer>();
        routes.MapGet("/accounts/{name}/tokens", (string name, AccountChanges changes) => changes.Accounts.TokensOf(name).Select(TokenRoutes.Answer))
            .Needs(Role.Administrator).Keeps(ScopeRule.OfTheCity).Takes().WithSummary("A person's tokens that were made here, newest first.").Produces<TokenRoutes.TokenAnswer[]>();
        routes.MapDelete("/accounts/{name}/tokens/{id}", async (string name, string id, HttpContext context, AccountChanges changes) =>
            {
                await changes.RevokeAsync(name, id, By(context), context.RequestAborted);
                return Results.NoContent();
            })
            .Needs(Role.Administrator).Keeps(ScopeRule.OfTheCity).Takes().WithSummary("Revokes a person's token at once.").Produces(StatusCodes.Status204NoContent);
    }

    internal static Role RoleOf(string? name) => (name is null ? null : Roles.Find(name)) ?? throw Bad($"role: must be one of {string.Join(", ", Roles.Names)}");

    internal static Scope ScopeOf(IReadOnlyList<string>? districts, IReadOnlyList<string>? families)
    {
        foreach (var (field, names) in new[] { ("districts", districts), ("families", families) })
        {
            if (names is not null && (names.Count == 0 || names.Any(name => string.IsNullOrWhiteSpace(name) || name == Rules.Alarms.LoadPosition.NoDistrict)))
                throw Bad($"{field}: at least one name, as the register has it; null for all of them");
        }
        return new Scope(districts, families);
    }

    private static string By(HttpContext context) => Operator.Of(context, null);

    private static async Task<OneTimeAnswer> CreateAsync(HttpContext context, AccountChanges changes, SecurityParts security)
    {
        var body = await ApiJson.ReadAsync<NewAccountBody>(context);
        var (account, password) = await changes.CreateAsync(body.Name ?? "", RoleOf(body.Role), ScopeOf(body.Districts, body.Families), By(context), context.RequestAborted);
        return new OneTimeAnswer(Answer(account, security.Passwords!.Throttle.Tried()), password);
    }

    private static async Task<AccountAnswer> ChangeAsync(string name, HttpContext context, AccountChanges changes, SecurityParts security)
    {
        var body = await ApiJson.ReadAsync<AccountBody>(context);
        return Answer(await changes.ChangeAsync(name, RoleOf(body.Role), ScopeOf(body.Districts, body.Families), body.Disabled ?? false, By(context), context.RequestAborted), security.Passwords!.Throttle.Tried());
    }

    private static AccountAnswer Answer(Account account, IReadOnlyDictionary<string, (int Wrong, DateTimeOffset? Until)> tried)
    {
        var (wrong, until) = tried.GetValueOrDefault(account.Name);
        return new AccountAnswer(account.Name, account.Role.Name(), account.Scope.Districts, account.Scope.Families, account.Disabled, Time(account.OneTimeUntil), Time(account.LastLogin), wrong, Time(until));

        static string? Time(DateTimeOffset? time) => time is { } at ? Iso.Time(at.ToUnixTimeMilliseconds()) : null;
    }

    private static ApiException Bad(string detail) => ApiException.BadRequest("bad_account", detail);
}
