using System.Text.Json;

namespace Telemetry.Ingest.Security;

/// <summary>Accounts and tokens as they are kept, in SQLite and in PostgreSQL.</summary>
internal static class AccountJson
{
    private sealed record AccountRow(
        string Name, string Role, IReadOnlyList<string>? Districts, IReadOnlyList<string>? Families, string Password, DateTimeOffset? OneTimeUntil, bool Disabled, DateTimeOffset? LastLogin, long Position);

    private sealed record TokenRow(
        string Id, string Owner, string Name, string Hash, string Role, IReadOnlyList<string>? Districts, IReadOnlyList<string>? Families, DateTimeOffset Made, DateTimeOffset Expires, DateOnly? LastUsed);

    public static string Of(Account account) => JsonSerializer.Serialize(new AccountRow(
        account.Name, account.Role.Name(), account.Scope.Districts, account.Scope.Families, account.Password.Text, account.OneTimeUntil, account.Disabled, account.LastLogin, account.Position));

    public static string Of(IssuedToken token) => JsonSerializer.Serialize(new TokenRow(
        token.Id, token.Owner, token.Name, token.Hash, token.Role.Name(), token.Scope.Districts, token.Scope.Families, token.Made, token.Expires, token.LastUsed));

    /// <exception cref="InvalidDataException">It says nothing that this version understands.</exception>
    public static Account Account(string json)
    {
        var row = Row<AccountRow>(json, "an account");
        return new Account(row.Name, RoleOf(row.Role), new Scope(row.Districts, row.Families), PasswordHash.Parse(row.Password).Hash ?? throw Unreadable($"the password of {row.Name}"), row.OneTimeUntil, row.Disabled)
        {
            LastLogin = row.LastLogin,
            Position = row.Position,
        };
    }

    /// <exception cref="InvalidDataException">Likewise.</exception>
    public static IssuedToken Token(string json)
    {
        var row = Row<TokenRow>(json, "a token");
        return new IssuedToken(row.Id, row.Owner, row.Name, row.Hash, RoleOf(row.Role), new Scope(row.Districts, row.Families), row.Made, row.Expires, row.LastUsed);
    }

    private static T Row<T>(string json, string what)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(json) ?? throw Unreadable(what);
        }
        catch (JsonException)
        {
            throw Unreadable(what);
        }
    }

    private static Role RoleOf(string name) => Roles.Find(name) ?? throw Unreadable($"the role '{name}'");

    private static InvalidDataException Unreadable(string what) => new($"{what} can't be read");
}
