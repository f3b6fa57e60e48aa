using System.Globalization;
using System.Text.RegularExpressions;

namespace Telemetry.Ingest.Store.Influx.Setup;

/// <summary>1.x: a database with four retention policies, by InfluxQL.</summary>
internal sealed partial class Influx1Setup(InfluxClient client, InfluxOptions options, IReadOnlyList<Policy> policies, bool shrink)
{
    private readonly List<SetupStep> _there = [];
    private readonly List<(SetupStep, Func<CancellationToken, Task>)> _missing = [];
    private readonly List<string> _refused = [];

    public async Task<SetupPlan> PlanAsync(CancellationToken cancellationToken)
    {
        using var databases = await client.QueryAsync("SHOW DATABASES", cancellationToken);
        var known = InfluxRows.Of(databases).Any(row => row["name"].GetString() == options.Bucket) ? await PoliciesAsync(cancellationToken) : null;
        var first = policies.Single(policy => policy.IsDefault);
        if (known is null)
            Make("database", options.Bucket, $"CREATE DATABASE {Name(options.Bucket)} WITH DURATION {Duration(first)} NAME {Name(first.Name)}", first);
        else
            _there.Add(new SetupStep("database", options.Bucket, "exists", ""));
        foreach (var policy in policies)
        {
            if (known is null && policy.IsDefault)
                continue;
            if (known?.GetValueOrDefault(policy.Name) is { } now)
                Compare(policy, now.Keep);
            else
                Make("policy", policy.Name, $"CREATE RETENTION POLICY {Name(policy.Name)} ON {Name(options.Bucket)} DURATION {Duration(policy)} REPLICATION 1{(policy.IsDefault ? " DEFAULT" : "")}", policy);
        }
        if (known?.FirstOrDefault(policy => policy.Value.IsDefault) is { Key: { } other } && other != first.Name)
            _refused.Add($"database {options.Bucket}: its default policy is {other}, not {first.Name}: readings would no longer be found where they are now; take another --bucket");
        return new SetupPlan(_there, _missing, _refused);
    }

    private void Compare(Policy policy, TimeSpan? now)
    {
        if (policy.Keep == now)
            _there.Add(new SetupStep("policy", policy.Name, "exists", $"keeps {Policy.Text(now)}"));
        else if (policy.Shortens(now) && !shrink)
            _refused.Add($"policy {policy.Name} keeps {Policy.Text(now)}; {Policy.Text(policy.Keep)} would remove what is older: say --shrink if that is meant");
        else
            Do(new SetupStep("policy", policy.Name, "changed", $"kept {Policy.Text(now)}, keeps {Policy.Text(policy.Keep)}"), $"ALTER RETENTION POLICY {Name(policy.Name)} ON {Name(options.Bucket)} DURATION {Duration(policy)} SHARD DURATION 0s");
    }

    private void Make(string what, string name, string influxql, Policy policy) => Do(new SetupStep(what, name, "made", $"keeps {Policy.Text(policy.Keep)}"), influxql);

    private void Do(SetupStep step, string influxql) => _missing.Add((step, async cancellationToken => (await client.QueryAsync(influxql, cancellationToken)).Dispose()));

    private async Task<Dictionary<string, (TimeSpan? Keep, bool IsDefault)>> PoliciesAsync(CancellationToken cancellationToken)
    {
        using var answer = await client.QueryAsync($"SHOW RETENTION POLICIES ON {Name(options.Bucket)}", cancellationToken);
        return InfluxRows.Of(answer).ToDictionary(
            row => row["name"].GetString()!,
            row => (Keep(row["duration"].GetString()!), row["default"].GetBoolean()));
    }

    /// <summary><c>720h0m0s</c>; <c>0s</c> is for ever.</summary>
    private static TimeSpan? Keep(string text)
    {
        var seconds = NumberAndUnit().Matches(text).Sum(part =>
            long.Parse(part.Groups[1].Value, CultureInfo.InvariantCulture) * part.Groups[2].Value switch { "h" => 3600, "m" => 60, _ => 1 });
        return seconds > 0 ? TimeSpan.FromSeconds(seconds) : null;
    }

    private static string Duration(Policy policy) => policy.Keep is { } keep ? string.Create(CultureInfo.InvariantCulture, $"{keep.TotalSeconds:0}s") : "INF";

    private static string Name(string name) => $"\"{name.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";

    [GeneratedRegex("([0-9]+)([hms])")]
    private static partial Regex NumberAndUnit();
}
