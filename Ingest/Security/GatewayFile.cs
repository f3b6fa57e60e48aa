using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Security;

/// <summary>Which gateways there are, with their passwords' hashes. Immutable.</summary>
public sealed class GatewayList(IReadOnlyDictionary<string, PasswordHash> gateways)
{
    public int Count => gateways.Count;

    public PasswordHash? Find(string name) => gateways.GetValueOrDefault(name);
}

/// <summary>
/// <c>Security:GatewaysFile</c>:
/// <code>
/// gateways:
///   gw-river-01: pbkdf2-sha256$210000$…$…
/// </code>
/// </summary>
public static class GatewayFile
{
    /// <summary>The list, or every mistake of the file with its line.</summary>
    public static (GatewayList? List, IReadOnlyList<string> Errors) Read(string file)
    {
        var errors = new List<string>();
        var gateways = new Dictionary<string, PasswordHash>(StringComparer.Ordinal);
        foreach (var entry in CredentialYaml.Read(file, "gateways", errors) ?? [])
        {
            var name = LogText.Safe(entry.Name);
            if (!DeviceId.IsValid(entry.Name))
                errors.Add($"{file}:{entry.Line}: '{name}' is no gateway's name; 1-64 characters A-Z a-z 0-9 _ . : -, as in its topics");
            else if (entry.Text is null)
                errors.Add($"{file}:{entry.Line}: {name}: expected {PasswordHash.Form}");
            else if (PasswordHash.Parse(entry.Text) is { Hash: { } hash })
                gateways[entry.Name] = hash;
            else
                errors.Add($"{file}:{entry.Line}: {name}: {PasswordHash.Parse(entry.Text).Wrong}");
        }
        return errors.Count == 0 ? (new GatewayList(gateways), errors) : (null, errors);
    }
}
