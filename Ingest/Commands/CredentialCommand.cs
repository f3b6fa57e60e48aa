using System.CommandLine;
using System.Text.Json;
using Telemetry.Ingest.Security;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Commands;

/// <summary><c>credential</c>: makes a secret, prints it once, and the line for the file. It changes no file that is there, but for <c>mosquitto</c>. Exit code 0 made, 2 wrong usage.</summary>
public static class CredentialCommand
{
    /// <summary>Characters of a password that a person chose; what we make is longer.</summary>
    private const int MinPassword = 12;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly Option<bool> AsJson = new("--json") { Description = "One JSON object {kind, name, secret, line} on standard output; secret is null where it was given." };

    public static Command Create() => new("credential", "Makes a gateway's password or a person's token. The service needs the hash only; the secret is shown once.") { Gateway(), Token(), EnrolmentCommands.Enrol(AsJson), EnrolmentCommands.Authority(AsJson), MosquittoCommand.Create() };

    private static Command Gateway()
    {
        var name = new Argument<string>("NAME") { Description = "The gateway's name, as in its topics telemetry/v1/NAME/…" };
        var given = new Option<bool>("--stdin") { Description = $"Take the password from the first line of standard input, at least {MinPassword} characters, instead of making one." };
        var command = new Command("gateway", """
            Makes a password for a gateway and prints it with the line for Security:GatewaysFile.

            Examples:
              credential gateway gw-river-01
              credential gateway gw-river-01 --stdin < password.txt
              credential gateway gw-river-01 --json
            """) { name, given, AsJson };
        command.SetAction(parsed =>
        {
            var (gateway, output, error) = (parsed.GetValue(name)!, parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
            if (!DeviceId.IsValid(gateway))
                return Refuse(error, $"'{gateway}' is no gateway's name; 1-64 characters A-Z a-z 0-9 _ . : -, as in its topics");
            var password = parsed.GetValue(given) ? Console.In.ReadLine() ?? "" : PasswordHash.NewPassword();
            if (password.Length < MinPassword)
                return Refuse(error, $"the password has fewer than {MinPassword} characters; let the command make one");
            if (password.StartsWith(ApiToken.Prefix, StringComparison.Ordinal))
                return Refuse(error, $"a password must not begin with {ApiToken.Prefix}, which marks a person's token");
            var line = $"{Key(gateway)}: {PasswordHash.Create(Secrets.Utf8(password)).Text}";
            return Print(output, parsed.GetValue(AsJson), "gateway", gateway, parsed.GetValue(given) ? null : password, line, "password", "Security:GatewaysFile, beneath gateways");
        });
        return command;
    }

    private static Command Token()
    {
        var name = new Argument<string>("NAME") { Description = "The person's or program's name; it stands in the log as who acted." };
        var role = new Option<string>("--role") { Description = string.Join(", ", Roles.Names) + "; each may what those before it may.", Required = true };
        var expires = new Option<string?>("--expires") { Description = "A day such as 2027-01-01 (the token ends as it begins, UTC) or a time such as 2027-01-01T08:00:00+08:00; default never." };
        var districts = new Option<string?>("--districts") { Description = "Only these districts, as the register has them, separated by commas; default all." };
        var families = new Option<string?>("--families") { Description = "Only these families; default all." };
        var command = new Command("token", """
            Makes an API token and prints it with the line for Security:UsersFile.

            Examples:
              credential token li --role operator
              credential token grafana --role viewer --expires 2027-01-01
              credential token wu --role operator --districts Xihu,Donghu --families gas_valve
              credential token li --role operator --json
            """) { name, role, expires, districts, families, AsJson };
        command.SetAction(parsed =>
        {
            var (user, output, error) = (parsed.GetValue(name)!, parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
            if (!UserFile.IsName(user))
                return Refuse(error, $"a name has 1 to {UserFile.MaxName} characters, no control characters and no blanks around it");
            if (Roles.Find(parsed.GetValue(role)!) is not { } found)
                return Refuse(error, $"role '{parsed.GetValue(role)}' is not one of {string.Join(", ", Roles.Names)}");
            if (parsed.GetValue(expires) is { } end && UserFile.Time(end) is null)
                return Refuse(error, $"--expires '{end}': a day such as 2027-01-01 or a time such as 2027-01-01T08:00:00+08:00");
            var token = ApiToken.New();
            var until = parsed.GetValue(expires) is { } last ? $", expires: {last}" : "";
            var line = $"{Key(user)}: {{role: {found.Name()}, token: {ApiToken.HashOf(token)}{until}{List("districts", parsed.GetValue(districts))}{List("families", parsed.GetValue(families))}}}";
            return Print(output, parsed.GetValue(AsJson), "token", user, token, line, "token", "Security:UsersFile, beneath users");
        });
        return command;
    }

    private static string List(string field, string? names) =>
        names is null ? "" : $", {field}: [{string.Join(", ", names.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(name => $"'{name.Replace("'", "''", StringComparison.Ordinal)}'"))}]";

    internal static int Print(TextWriter output, bool json, string kind, string name, string? secret, string line, string what, string where)
    {
        if (json)
        {
            output.WriteLine(JsonSerializer.Serialize(new { kind, name, secret, line }, Json));
            return 0;
        }
        if (secret is not null)
        {
            output.WriteLine($"{what}, shown this once:");
            output.WriteLine($"  {secret}");
        }
        output.WriteLine($"line for the file of {where}:");
        output.WriteLine($"  {line}");
        return 0;
    }

    // Quoted where YAML would see something else in it.
    internal static string Key(string name) =>
        name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '_' or '-' or '.') && name[0] is not ('-' or '.') ? name : $"'{name.Replace("'", "''", StringComparison.Ordinal)}'";

    internal static int Refuse(TextWriter error, string why)
    {
        error.WriteLine($"credential: {why}");
        return 2;
    }
}
