using System.Text.Json;
using System.Text.RegularExpressions;
using Json.Schema;
using static Telemetry.Dashboards.Tests.Compose.ComposeFile;

namespace Telemetry.Dashboards.Tests.Compose;

/// <summary>What is wrong with a compose file, in words; nothing for a right one.</summary>
internal static partial class ComposeChecks
{
    private const string SecretsFolder = "./secrets/";

    // Draft 7 has its name with http; the specification writes https, which no reader knows.
    private static readonly JsonSchema Specification = JsonSchema.FromText(
        new StreamReader(typeof(ComposeChecks).Assembly.GetManifestResourceStream("compose-spec.json")!).ReadToEnd().Replace("https://json-schema.org/draft-07/schema", "http://json-schema.org/draft-07/schema#", StringComparison.Ordinal));

    /// <param name="made">What make-secrets makes, by path beneath its folder, with the owner's uid.</param>
    public static IEnumerable<string> All(ComposeFile file, IReadOnlyDictionary<string, int> made) =>
    [
        .. Schema(file), .. Variables(file), .. file.Services.SelectMany(service => Hardening(service.Name, service.Service)), .. file.Services.SelectMany(service => Ports(service.Name, service.Service)),
        .. Mounts(file, made), .. Secrets(file, made), .. Health(file), .. Networks(file), .. Nodes(file),
    ];

    public static IEnumerable<string> Schema(ComposeFile file)
    {
        var result = Specification.Evaluate(file.Root, new EvaluationOptions { OutputFormat = OutputFormat.List });
        // A valid file has details too: of the alternatives that it did not take.
        return result.IsValid
            ? []
            : (result.Details ?? []).SelectMany(detail => (detail.Errors ?? new Dictionary<string, string>()).Select(error => $"specification: {detail.InstanceLocation}: {error.Value}"));
    }

    private static IEnumerable<string> Variables(ComposeFile file)
    {
        foreach (var (name, rest) in file.Variables)
        {
            if (!file.Example.TryGetValue(name, out var example))
                yield return $"variable {name} is not in .env.example";
            else if (rest is null || !(rest.StartsWith(":-", StringComparison.Ordinal) || rest.StartsWith(":?", StringComparison.Ordinal)))
                yield return $"variable {name} has neither a default nor a word on what is missing";
            else if (rest.StartsWith(":-", StringComparison.Ordinal) && example != (false, rest[2..]))
                yield return $"variable {name} has the default {rest[2..]}, .env.example says {example.Value}";
            else if (rest.StartsWith(":?", StringComparison.Ordinal) && !example.IsSet)
                yield return $"variable {name} must be set, .env.example leaves it out";
        }
        foreach (var name in file.Example.Keys.Except(file.Variables.Select(variable => variable.Name)))
            yield return $"variable {name} of .env.example is asked for by nothing";
    }

    private static IEnumerable<string> Hardening(string name, JsonElement service)
    {
        if (Text(service, "read_only") != bool.TrueString)
            yield return $"{name}: root is not read-only";
        if (!Texts(service, "cap_drop").SequenceEqual(["ALL"]) || service.TryGetProperty("cap_add", out _) || service.TryGetProperty("privileged", out _))
            yield return $"{name}: keeps capabilities";
        if (!Texts(service, "security_opt").Contains("no-new-privileges:true"))
            yield return $"{name}: may gain privileges";
        if (!UserForm().IsMatch(Text(service, "user") ?? ""))
            yield return $"{name}: runs as '{Text(service, "user")}'; a uid other than 0, and a gid";
        if (Text(service, "restart") is null or "no")
            yield return $"{name}: is not restarted";
        if (Text(service, "deploy", "resources", "limits", "memory") is null || Text(service, "deploy", "resources", "limits", "cpus") is null)
            yield return $"{name}: has no limit of memory and processors";
        if (Text(service, "logging", "options", "max-size") is null || Text(service, "logging", "options", "max-file") is null)
            yield return $"{name}: its log has no limit";
        if (Text(service, "stop_grace_period") is null)
            yield return $"{name}: is killed after 10 s";
        if (!PinnedImage().IsMatch(Text(service, "image") ?? ""))
            yield return $"{name}: image {Text(service, "image")} is not pinned to a whole version";
    }

    /// <summary>Of the host: loopback, unless .env opens it.</summary>
    private static IEnumerable<string> Ports(string name, JsonElement service) =>
        Texts(service, "ports").Where(port => !port.StartsWith("127.0.0.1:", StringComparison.Ordinal)).Select(port => $"{name}: port {port} is open beyond loopback");

    private static IEnumerable<string> Mounts(ComposeFile file, IReadOnlyDictionary<string, int> made)
    {
        var volumes = Entries(file.Root, "volumes").Select(volume => volume.Name).ToHashSet();
        foreach (var (name, service) in file.Services)
        {
            foreach (var mount in List(service, "volumes"))
            {
                var source = Text(mount, "source") ?? "";
                if (Text(mount, "type") == "volume")
                {
                    if (!volumes.Contains(source))
                        yield return $"{name}: volume {source} is not declared";
                    continue;
                }
                if (Text(mount, "read_only") != bool.TrueString)
                    yield return $"{name}: {source} can be written";
                if (Text(mount, "bind", "create_host_path") != bool.FalseString)
                    yield return $"{name}: {source} would be made as an empty folder where it is missing";
                if (source.StartsWith(SecretsFolder, StringComparison.Ordinal))
                {
                    var folder = source[SecretsFolder.Length..] + "/";
                    if (!made.Keys.Any(secret => secret.StartsWith(folder, StringComparison.Ordinal)))
                        yield return $"{name}: make-secrets makes nothing in {source}";
                    foreach (var secret in made.Where(secret => secret.Key.StartsWith(folder, StringComparison.Ordinal) && secret.Value != Uid(service)))
                        yield return $"{name}: {secret.Key} belongs to {secret.Value}, the container runs as {Uid(service)}";
                }
                else if (!Path.Exists(Path.Combine(Repository.Root, source)))
                    yield return $"{name}: {source} is not there";
            }
        }
        foreach (var unused in volumes.Where(volume => !file.Services.Any(service => List(service.Service, "volumes").Any(mount => Text(mount, "source") == volume))))
            yield return $"volume {unused} is mounted by nobody";
    }

    private static IEnumerable<string> Secrets(ComposeFile file, IReadOnlyDictionary<string, int> made)
    {
        var declared = Entries(file.Root, "secrets").ToDictionary(secret => secret.Name, secret => Text(secret.Value, "file") ?? "");
        foreach (var (name, path) in declared.Where(secret => !secret.Value.StartsWith(SecretsFolder, StringComparison.Ordinal) || !made.ContainsKey(secret.Value[SecretsFolder.Length..])))
            yield return $"secret {name}: make-secrets makes no {path}";
        foreach (var (name, service) in file.Services)
        {
            var granted = Texts(service, "secrets").ToHashSet();
            foreach (var secret in granted)
            {
                if (!declared.TryGetValue(secret, out var path))
                    yield return $"{name}: secret {secret} is not declared";
                else if (made.TryGetValue(path[SecretsFolder.Length..], out var owner) && owner != Uid(service))
                    yield return $"{name}: secret {secret} belongs to {owner}, the container runs as {Uid(service)}";
            }
            foreach (var (key, value) in file.Environment(name))
            {
                if (value.StartsWith("/run/secrets/", StringComparison.Ordinal) && !granted.Contains(value["/run/secrets/".Length..]))
                    yield return $"{name}: {key} names {value}, which it is not given";
                if (SecretName().IsMatch(key) && !key.EndsWith("_FILE", StringComparison.Ordinal) && !key.EndsWith("File", StringComparison.Ordinal))
                    yield return $"{name}: {key} is a secret in the environment";
            }
        }
    }

    private static IEnumerable<string> Health(ComposeFile file)
    {
        foreach (var (name, service) in file.Services)
        {
            if (!HasHealthCheck(file, service))
                yield return $"{name}: has no health check";
            foreach (var (other, how) in Entries(service, "depends_on"))
            {
                if (Text(how, "condition") is null)
                    yield return $"{name}: depends on {other} without a condition";
                if (file.Services.All(each => each.Name != other))
                    yield return $"{name}: depends on {other}, which is not there";
                else if (Text(how, "condition") == "service_healthy" && !HasHealthCheck(file, file.Service(other)))
                    yield return $"{name}: waits for the health of {other}, which has no check";
            }
        }
    }

    /// <summary>Its own, or that of the file from which its image is built, here or by another service.</summary>
    private static bool HasHealthCheck(ComposeFile file, JsonElement service) =>
        Text(service, "healthcheck", "test") is not null
        || (file.Services.Where(each => Text(each.Service, "image") == Text(service, "image")).Select(each => Text(each.Service, "build", "dockerfile")).FirstOrDefault(built => built is not null) is { } dockerfile && File.ReadAllText(Path.Combine(Repository.Root, dockerfile)).Contains("\nHEALTHCHECK ", StringComparison.Ordinal));

    private static IEnumerable<string> Networks(ComposeFile file)
    {
        var declared = Entries(file.Root, "networks").Select(network => network.Name).ToHashSet();
        foreach (var (name, service) in file.Services)
        {
            foreach (var network in NetworksOf(service).Where(network => !declared.Contains(network)))
                yield return $"{name}: network {network} is not declared";
        }
        foreach (var other in new[] { "mosquitto", "telemetry", "node-1", "node-2", "node-3", "nats-1", "postgres" })
        {
            if (NetworksOf(file.Service("grafana")).Intersect(NetworksOf(file.Service(other))).Any())
                yield return $"grafana reaches {other}";
        }
        if (NetworksOf(file.Service("influxdb")).Any(network => Text(file.Root, "networks", network, "internal") != bool.TrueString))
            yield return "influxdb has a way out";
    }

    /// <summary>Each node and each nats-server under the name and address by which the others know it.</summary>
    private static IEnumerable<string> Nodes(ComposeFile file)
    {
        foreach (var (name, service) in file.Services.Where(service => service.Name.StartsWith("node-", StringComparison.Ordinal)))
        {
            var environment = file.Environment(name);
            var (own, address) = (environment.GetValueOrDefault("TELEMETRY__Cluster__Node"), Text(service, "networks", "cluster", "ipv4_address"));
            if (own != $"{address}:11111")
                yield return $"{name}: TELEMETRY__Cluster__Node is {own}, its address {address}";
            foreach (var other in file.Services.Where(each => each.Name.StartsWith("nats-", StringComparison.Ordinal) || each.Name is "postgres" or "influxdb"))
            {
                if (!NetworksOf(service).Intersect(NetworksOf(other.Service)).Any())
                    yield return $"{name}: {other.Name} is not in its networks";
            }
        }
        foreach (var (name, service) in file.Services.Where(service => service.Name.StartsWith("nats-", StringComparison.Ordinal)))
        {
            var command = Texts(service, "command").ToList();
            if (command[command.IndexOf("--name") + 1] is var own && own != name)
                yield return $"{name}: its name is {own}";
        }
    }

    /// <summary>By their names alone, or with an address in each.</summary>
    private static IEnumerable<string> NetworksOf(JsonElement service) => [.. Texts(service, "networks"), .. Entries(service, "networks").Select(network => network.Name)];

    private static int Uid(JsonElement service) => int.TryParse((Text(service, "user") ?? "").Split(':')[0], out var uid) ? uid : 0;

    [GeneratedRegex(@"^[1-9]\d*:\d+$")]
    private static partial Regex UserForm();

    // PostgreSQL's versions have two parts since its tenth.
    [GeneratedRegex(@"^([\w./-]+:\d+\.\d+\.\d+(-alpine)?|postgres:\d+\.\d+)$")]
    private static partial Regex PinnedImage();

    [GeneratedRegex("PASSWORD|TOKEN|SECRET", RegexOptions.IgnoreCase)]
    private static partial Regex SecretName();
}
