using System.Globalization;
using Telemetry.Rules.Alarms;
using Telemetry.Rules.Conditions;

namespace Telemetry.Ingest.Security;

/// <param name="Name">Stands as <c>by</c> in the log.</param>
/// <param name="Key">Of what was shown: a token's hash, see <see cref="ApiToken"/>, or a name with its password's hash. It changes with it.</param>
/// <param name="Expires">From then on it is refused; null for never.</param>
public sealed record User(string Name, Role Role, string Key, DateTimeOffset? Expires)
{
    public Scope Scope { get; init; } = Scope.City;

    /// <summary>A token that a person has made: it makes no further ones.</summary>
    public bool IsIssued { get; init; }

    /// <summary>The password is one that somebody else has seen: it is good for setting another, and nothing else.</summary>
    public bool MustChangePassword { get; init; }
}

/// <summary>Which people there are. Immutable.</summary>
/// <param name="users">By token.</param>
/// <param name="passwords">By name; the same people or others.</param>
public sealed class UserList(IReadOnlyList<User> users, IReadOnlyList<(User User, PasswordHash Password)>? passwords = null)
{
    private readonly Dictionary<string, (User User, PasswordHash Password)> _byName = (passwords ?? []).ToDictionary(each => each.User.Name, StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, User> _people = users.Concat((passwords ?? []).Select(each => each.User)).DistinctBy(user => user.Name, StringComparer.OrdinalIgnoreCase).ToDictionary(user => user.Name, StringComparer.OrdinalIgnoreCase);

    // By the hash of a token of 256 random bits: how long a lookup takes tells nothing about any token.
    private readonly Dictionary<string, User> _byToken = users.ToDictionary(user => user.Key, StringComparer.Ordinal);

    public int Count => _people.Count;

    public bool HasAdministrator => _people.Values.Any(user => user is { Role: Role.Administrator, Scope.IsCity: true });

    public bool Has(string name) => _people.ContainsKey(name);

    public User? Person(string name) => _people.GetValueOrDefault(name);

    /// <summary>Null where the name has no password.</summary>
    public (User User, PasswordHash Password)? FindByName(string name) => _byName.TryGetValue(name, out var found) ? found : null;

    public User? FindByTokenHash(string hash) => _byToken.GetValueOrDefault(hash);
}

/// <summary>
/// <c>Security:UsersFile</c>:
/// <code>
/// users:
///   li: {role: operator, token: sha256$…, expires: 2027-01-01}
///   zhao: {role: operator, password: pbkdf2-sha256$…}
///   wu: {role: engineer, token: sha256$…, districts: [Qingyunpu, Xihu], families: [gas_valve]}
/// </code>
/// </summary>
public static class UserFile
{
    public const int MaxName = 100;
    private static readonly string[] Lists = ["districts", "families"];
    private static readonly string[] Fields = ["role", "token", "password", "expires", "districts", "families"];

    /// <summary>The list, or every mistake of the file with its line.</summary>
    public static (UserList? List, IReadOnlyList<string> Errors) Read(string file)
    {
        var errors = new List<string>();
        var users = new Dictionary<string, User>(StringComparer.Ordinal);
        var passwords = new List<(User, PasswordHash)>();
        var names = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        foreach (var entry in CredentialYaml.Read(file, "users", errors) ?? [])
        {
            if (!names.TryAdd(entry.Name, entry.Line))
                errors.Add($"{file}:{entry.Line}: {LogText.Safe(entry.Name)}: differs from the name of line {names[entry.Name]} in capitals alone; take another name");
            if (ReadUser(file, entry, errors) is not var (user, password))
                continue;
            if (password is not null)
                passwords.Add((user with { Key = UserTokens.KeyOf(user.Name, password) }, password));
            if (user.Key.Length == 0)
                continue;
            if (users.TryGetValue(user.Key, out var other))
                errors.Add($"{file}:{entry.Line}: {LogText.Safe(user.Name)}: the same token as {LogText.Safe(other.Name)}; each person has one of their own");
            users[user.Key] = user;
        }
        return errors.Count == 0 ? (new UserList([.. users.Values], passwords), errors) : (null, errors);
    }

    public static bool IsName(string name) => !string.IsNullOrWhiteSpace(name) && name.Trim().Length == name.Length && name.Length <= MaxName && !name.Any(char.IsControl);

    /// <summary>RFC 3339 with an offset, or a day, which stands for its beginning in UTC.</summary>
    public static DateTimeOffset? Time(string text)
    {
        if (DateTimeOffset.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var day))
            return day;
        return DateTimeOffset.TryParseExact(text, ["yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.fffK"], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;
    }

    private static (User User, PasswordHash? Password)? ReadUser(string file, CredentialLine entry, List<string> errors)
    {
        var before = errors.Count;
        var name = LogText.Safe(entry.Name);
        void Wrong(int line, string message) => errors.Add($"{file}:{line}: {name}: {message}");

        if (!IsName(entry.Name))
            Wrong(entry.Line, $"a person's name has 1 to {MaxName} characters, no control characters and no blanks around it");
        if (entry.Fields is not { } fields)
        {
            Wrong(entry.Line, "expected {role: ROLE, token: HASH}, as `credential token NAME --role ROLE` prints it");
            return null;
        }
        foreach (var field in fields.Where(field => !Fields.Contains(field.Name) || (field.Text is null && !Lists.Contains(field.Name))))
            Wrong(field.Line, $"unknown or wrong '{LogText.Safe(field.Name)}'{NearestName.Hint(field.Name, Fields)}; a person has {string.Join(", ", Fields)}");
        CredentialLine? Field(string wanted) => fields.FirstOrDefault(field => field.Name == wanted && field.Text is not null);

        Role? role = null;
        if (Field("role") is not { } roleField)
            Wrong(entry.Line, $"role is missing; one of {string.Join(", ", Roles.Names)}");
        else if ((role = Roles.Find(roleField.Text!)) is null)
            Wrong(roleField.Line, $"role '{LogText.Safe(roleField.Text)}' is not one of {string.Join(", ", Roles.Names)}");
        PasswordHash? password = null;
        if (Field("password") is { } passwordField && (password = PasswordHash.Parse(passwordField.Text!).Hash) is null)
            Wrong(passwordField.Line, $"password: {PasswordHash.Parse(passwordField.Text!).Wrong}");
        if (Field("token") is not { } token)
        {
            if (Field("password") is null)
                Wrong(entry.Line, $"token is missing, and password; {ApiToken.HashForm}");
        }
        else if (!ApiToken.IsHash(token.Text!))
            Wrong(token.Line, $"token: expected {ApiToken.HashForm}{(token.Text!.StartsWith(ApiToken.Prefix, StringComparison.Ordinal) ? "; the token itself must not stand here" : "")}");
        DateTimeOffset? expires = null;
        if (Field("expires") is { } expiresField && (expires = Time(expiresField.Text!)) is null)
            Wrong(expiresField.Line, $"expires '{LogText.Safe(expiresField.Text)}': a day such as 2027-01-01 (it ends as that day begins, UTC) or a time such as 2027-01-01T08:00:00+08:00");
        var scope = new Scope(List("districts"), List("families"));
        return errors.Count == before ? (new User(entry.Name, role!.Value, Field("token")?.Text ?? "", expires) { Scope = scope }, password) : null;

        IReadOnlyList<string>? List(string wanted)
        {
            if (fields.FirstOrDefault(field => field.Name == wanted) is not { } list)
                return null;
            if (list.Items is not { Count: > 0 } items || items.Any(string.IsNullOrWhiteSpace) || items.Contains(LoadPosition.NoDistrict))
                Wrong(list.Line, $"{wanted}: a list with at least one name, as the register has it: [one, two]; left out, all of them");
            return list.Items;
        }
    }
}
