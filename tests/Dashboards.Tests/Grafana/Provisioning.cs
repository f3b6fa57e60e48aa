using System.Text.Json;
using System.Text.RegularExpressions;
using Telemetry.Dashboards.Tests.Compose;
using static Telemetry.Dashboards.Tests.Compose.ComposeFile;

namespace Telemetry.Dashboards.Tests.Grafana;

/// <summary>dashboards/grafana as compose.yaml mounts it, or a broken copy of one of its files.</summary>
internal sealed partial class Provisioning
{
    private const string Folder = "dashboards/grafana/provisioning/";

    /// <summary>As Grafana knows its own expressions.</summary>
    private const string Expressions = "__expr__";

    /// <param name="broken">A file beneath the folder of provisioning, and its text in place of the shipped one.</param>
    public Provisioning(string? broken = null, string? text = null)
    {
        Texts = new[] { "datasources/influxdb.yaml", "dashboards/provider.yaml", "alerting/rules.yaml", "alerting/contact-points.yaml", "alerting/policies.yaml" }
            .ToDictionary(file => file, file => file == broken ? text! : Shipped(file));
        DataSources = [.. List(Yaml.Parse(Texts["datasources/influxdb.yaml"]), "datasources")];
        Rules = [.. List(Yaml.Parse(Texts["alerting/rules.yaml"]), "groups").SelectMany(group => List(group, "rules"))];
        Dashboards = [.. Directory.EnumerateFiles(Path.Combine(Repository.Root, "dashboards/grafana/dashboards"), "*.json", SearchOption.AllDirectories).Select(file => JsonDocument.Parse(File.ReadAllText(file)).RootElement)];
    }

    public IReadOnlyDictionary<string, string> Texts { get; }

    public IReadOnlyList<JsonElement> DataSources { get; }

    public IReadOnlyList<JsonElement> Rules { get; }

    public IReadOnlyList<JsonElement> Dashboards { get; }

    public static string Shipped(string file) => File.ReadAllText(Path.Combine(Repository.Root, Folder, file));

    public IEnumerable<string> Problems(ComposeFile compose)
    {
        var environment = compose.Environment("grafana");
        var granted = ComposeFile.Texts(compose.Service("grafana"), "secrets").ToHashSet();
        foreach (var (file, text) in Texts.Where(each => each.Key != "alerting/rules.yaml"))
        {
            foreach (var name in Variable().Matches(text).Select(match => match.Groups["name"].Value).Where(name => !environment.ContainsKey(name)))
                yield return $"{file}: {name} is not set in compose.yaml";
            foreach (var secret in FromFile().Matches(text).Select(match => match.Groups["path"].Value).Where(path => !granted.Any(secret => path == $"/run/secrets/{secret}")))
                yield return $"{file}: {secret} is not given to grafana";
        }
        var uids = DataSources.Select(source => Text(source, "uid")).ToHashSet();
        foreach (var source in DataSources.Where(source => Text(source, "secureJsonData", "password")?.StartsWith("$__file{", StringComparison.Ordinal) != true))
            yield return $"data source {Text(source, "uid")}: its password is not read from a file";
        foreach (var user in DataSources.Select(source => Text(source, "user")).Where(user => !File.ReadAllText(Path.Combine(Repository.Root, "docs/deploy/influxdb-init.sh")).Contains($" --username {user} ", StringComparison.Ordinal)))
            yield return $"data source: InfluxDB is told of no user {user}";
        foreach (var provider in List(Yaml.Parse(Texts["dashboards/provider.yaml"]), "providers"))
        {
            var path = Text(provider, "options", "path");
            if (!List(compose.Service("grafana"), "volumes").Any(mount => Text(mount, "target") == path))
                yield return $"provider {Text(provider, "name")}: nothing is mounted at {path}";
        }
        foreach (var rule in Rules)
        {
            var uid = Text(rule, "uid");
            foreach (var source in List(rule, "data").Select(query => Text(query, "datasourceUid")).Where(source => source != Expressions && !uids.Contains(source)))
                yield return $"rule {uid}: there is no data source {source}";
            var dashboard = Dashboards.FirstOrDefault(dashboard => Text(dashboard, "uid") == Text(rule, "dashboardUid"));
            if (dashboard.ValueKind == JsonValueKind.Undefined || !List(dashboard, "panels").Any(panel => Text(panel, "id") == Text(rule, "panelId")))
                yield return $"rule {uid}: there is no panel {Text(rule, "panelId")} of dashboard {Text(rule, "dashboardUid")}";
            if (!List(rule, "data").Any(query => Text(query, "refId") == Text(rule, "condition")))
                yield return $"rule {uid}: its condition {Text(rule, "condition")} is none of its queries";
            foreach (var state in new[] { "noDataState", "execErrState" }.Where(state => Text(rule, state) is not ("Alerting" or "KeepLast")))
                yield return $"rule {uid}: {state} is {Text(rule, state)}; where there is nothing it must sound or stay as it was";
        }
        foreach (var uid in Rules.GroupBy(rule => Text(rule, "uid")).Where(same => same.Count() > 1).Select(same => same.Key))
            yield return $"rule {uid} stands there twice";
        var receivers = List(Yaml.Parse(Texts["alerting/contact-points.yaml"]), "contactPoints").Select(point => Text(point, "name")).ToHashSet();
        var policies = List(Yaml.Parse(Texts["alerting/policies.yaml"]), "policies").ToList();
        foreach (var receiver in policies.Concat(policies.SelectMany(policy => List(policy, "routes"))).Select(policy => Text(policy, "receiver")).Where(receiver => !receivers.Contains(receiver)))
            yield return $"policy: there is no contact point {receiver}";
        foreach (var panel in Dashboards.SelectMany(dashboard => List(dashboard, "panels")).Where(panel => Text(panel, "type") != "row"))
        {
            foreach (var source in List(panel, "targets").Append(panel).Select(part => Text(part, "datasource", "uid")).Where(source => !uids.Contains(source)))
                yield return $"panel {Text(panel, "title")}: there is no data source {source}";
        }
        if (environment.TryGetValue("GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH", out var home) && !File.Exists(Path.Combine(Repository.Root, "dashboards/grafana/dashboards", Path.GetRelativePath("/etc/grafana/dashboards", home))))
            yield return $"home dashboard {home} is not there";
    }

    /// <summary>What Grafana takes from the environment; <c>$$</c> stands for a dollar, <c>$__</c> begins words of Grafana's own.</summary>
    [GeneratedRegex(@"(?<!\$)\$\{?(?<name>[A-Za-z]\w*)\}?")]
    private static partial Regex Variable();

    [GeneratedRegex(@"\$__file\{(?<path>[^}]+)\}")]
    private static partial Regex FromFile();
}
