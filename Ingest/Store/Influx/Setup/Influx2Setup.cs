using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Telemetry.Ingest.Store.Influx.Setup;

/// <summary>
/// 2.x: four buckets, each with a mapping by which InfluxQL finds it as a policy of one database, by /api/v2. As InfluxData documents it: no 2.x
/// server has been run.
/// </summary>
internal sealed class Influx2Setup(HttpClient http, InfluxOptions options, IReadOnlyList<Policy> policies, bool shrink)
{
    private readonly List<SetupStep> _there = [];
    private readonly List<(SetupStep, Func<CancellationToken, Task>)> _missing = [];
    private readonly List<string> _refused = [];

    // Of buckets that are made first.
    private readonly Dictionary<string, string> _made = [];

    public async Task<SetupPlan> PlanAsync(CancellationToken cancellationToken)
    {
        var org = await OrgAsync(cancellationToken);
        var database = policies.Single(policy => policy.IsDefault).Bucket;
        var mappings = await AskAsync(HttpMethod.Get, $"dbrps?orgID={org}&db={Uri.EscapeDataString(database)}", null, "mappings of databases (DBRP)", cancellationToken);
        // InfluxDB itself shows a bucket as a database of its name, until there is a mapping.
        var known = mappings.GetProperty("content").EnumerateArray().Where(mapping => !(mapping.TryGetProperty("virtual", out var isVirtual) && isVirtual.GetBoolean())).ToArray();
        foreach (var policy in policies)
        {
            var bucket = await PlanBucketAsync(policy, org, cancellationToken);
            PlanMapping(policy, bucket, org, database, known.Where(mapping => mapping.GetProperty("retention_policy").GetString() == policy.Name).Cast<JsonElement?>().FirstOrDefault());
        }
        return new SetupPlan(_there, _missing, _refused);
    }

    /// <returns>The bucket's id; null for one that has to be made.</returns>
    private async Task<string?> PlanBucketAsync(Policy policy, string org, CancellationToken cancellationToken)
    {
        var found = await AskAsync(HttpMethod.Get, $"buckets?orgID={org}&name={Uri.EscapeDataString(policy.Bucket)}", null, "buckets", cancellationToken, HttpStatusCode.NotFound);
        if (!found.TryGetProperty("buckets", out var buckets) || buckets.GetArrayLength() == 0)
        {
            Do(new SetupStep("bucket", policy.Bucket, "made", $"keeps {Policy.Text(policy.Keep)}"), async token =>
            {
                var made = await AskAsync(HttpMethod.Post, "buckets", new { orgID = org, name = policy.Bucket, retentionRules = Rules(policy) }, "buckets", token);
                _made[policy.Bucket] = made.GetProperty("id").GetString()!;
            });
            return null;
        }
        var id = buckets[0].GetProperty("id").GetString()!;
        var now = Keep(buckets[0]);
        if (now == policy.Keep)
            _there.Add(new SetupStep("bucket", policy.Bucket, "exists", $"keeps {Policy.Text(now)}"));
        else if (policy.Shortens(now) && !shrink)
            _refused.Add($"bucket {policy.Bucket} keeps {Policy.Text(now)}; {Policy.Text(policy.Keep)} would remove what is older: say --shrink if that is meant");
        else
            Do(new SetupStep("bucket", policy.Bucket, "changed", $"kept {Policy.Text(now)}, keeps {Policy.Text(policy.Keep)}"), token => AskAsync(HttpMethod.Patch, $"buckets/{id}", new { retentionRules = Rules(policy) }, "buckets", token));
        return id;
    }

    private void PlanMapping(Policy policy, string? bucket, string org, string database, JsonElement? known)
    {
        var name = $"{database}/{policy.Name}";
        if (known is not { } mapping)
        {
            Do(new SetupStep("mapping", name, "made", $"to {policy.Bucket}"), token => AskAsync(
                HttpMethod.Post, "dbrps", new { orgID = org, bucketID = bucket ?? _made[policy.Bucket], database, retention_policy = policy.Name, @default = policy.IsDefault }, "mappings", token));
        }
        else if (mapping.GetProperty("bucketID").GetString() is var mapped && mapped != bucket)
        {
            _refused.Add($"mapping {name} leads to the bucket with the id {mapped}, not to {policy.Bucket}: remove it (influx v1 dbrp delete), or take another --bucket");
        }
        else if (policy.IsDefault && !mapping.GetProperty("default").GetBoolean())
        {
            var id = mapping.GetProperty("id").GetString();
            Do(new SetupStep("mapping", name, "changed", "is the default now"), token => AskAsync(HttpMethod.Patch, $"dbrps/{id}?orgID={org}", new { @default = true }, "mappings", token));
        }
        else
        {
            _there.Add(new SetupStep("mapping", name, "exists", $"to {policy.Bucket}"));
        }
    }

    private async Task<string> OrgAsync(CancellationToken cancellationToken)
    {
        var found = await AskAsync(HttpMethod.Get, $"orgs?org={Uri.EscapeDataString(options.Org)}", null, "organizations", cancellationToken, HttpStatusCode.NotFound);
        return found.TryGetProperty("orgs", out var orgs) && orgs.GetArrayLength() > 0
            ? orgs[0].GetProperty("id").GetString()!
            : throw new IOException($"there is no organization {options.Org} that the token may see; --org must name it");
    }

    private void Do(SetupStep step, Func<CancellationToken, Task> make) => _missing.Add((step, make));

    /// <param name="also">A status that is an answer too.</param>
    private async Task<JsonElement> AskAsync(HttpMethod method, string path, object? body, string of, CancellationToken cancellationToken, HttpStatusCode? also = null)
    {
        try
        {
            using var request = new HttpRequestMessage(method, new Uri(options.Url, "api/v2/" + path)) { Content = body is null ? null : JsonContent.Create(body) };
            using var answer = await http.SendAsync(request, cancellationToken);
            var text = await answer.Content.ReadAsStringAsync(cancellationToken);
            if (answer.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden)
                throw new IOException($"{(int)answer.StatusCode}: the token of {options.TokenFile} may not {(method == HttpMethod.Get ? "read" : "write")} {of}: an operator's or all-access token is needed");
            if (!answer.IsSuccessStatusCode && answer.StatusCode != also)
                throw new IOException(InfluxVerdict.Judge(answer.StatusCode, text, null, DateTimeOffset.UnixEpoch, options).Detail);
            return JsonElement.Parse(text);
        }
        catch (Exception error) when (error is HttpRequestException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            throw new IOException(InfluxVerdict.Judge(error, options).Detail, error);
        }
        catch (JsonException error)
        {
            throw new IOException($"{options.Url} answers with something that is not InfluxDB's: {error.Message}", error);
        }
    }

    private static object[] Rules(Policy policy) => policy.Keep is { } keep ? [new { type = "expire", everySeconds = (long)keep.TotalSeconds }] : [];

    private static TimeSpan? Keep(JsonElement bucket) =>
        bucket.TryGetProperty("retentionRules", out var rules) && rules.GetArrayLength() > 0 && rules[0].GetProperty("everySeconds").GetInt64() is > 0 and var seconds ? TimeSpan.FromSeconds(seconds) : null;
}
