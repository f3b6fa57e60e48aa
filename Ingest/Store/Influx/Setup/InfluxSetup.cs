using System.Net.Http.Headers;

namespace Telemetry.Ingest.Store.Influx.Setup;

/// <summary>Makes what the series stand in, and changes what keeps too short; nothing at all where something of it is refused. Running it again changes nothing.</summary>
public static class InfluxSetup
{
    /// <param name="shrink">Shorter than what is there is meant: older points are lost.</param>
    /// <param name="done">Told each step once it is done, what exists first.</param>
    /// <returns>Why nothing was changed; empty where everything is as it has to be.</returns>
    /// <exception cref="IOException">The server can't be reached, or refuses.</exception>
    public static async Task<IReadOnlyList<string>> RunAsync(InfluxOptions options, IReadOnlyList<Policy> policies, bool shrink, Action<SetupStep> done, CancellationToken cancellationToken)
    {
        using var http = new HttpClient { Timeout = options.Timeout };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Token", new TokenSource(options.TokenFile).Current());
        var version = await VersionAsync(http, options, cancellationToken);
        using var client = new InfluxClient(options, TimeProvider.System, null);
        var plan = version.TrimStart('v').Split('.')[0] switch
        {
            "1" => await new Influx1Setup(client, options, policies, shrink).PlanAsync(cancellationToken),
            "2" => await new Influx2Setup(http, options, policies, shrink).PlanAsync(cancellationToken),
            _ => throw new IOException($"{options.Url} is InfluxDB {version}; 1.x and 2.x can be set up"),
        };
        foreach (var step in plan.There)
            done(step);
        if (plan.Refused.Count > 0)
            return plan.Refused;
        foreach (var (step, make) in plan.Missing)
        {
            await make(cancellationToken);
            done(step);
        }
        return [];
    }

    private static async Task<string> VersionAsync(HttpClient http, InfluxOptions options, CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await http.GetAsync(new Uri(options.Url, "ping"), cancellationToken);
            return answer.Headers.TryGetValues("X-Influxdb-Version", out var version)
                ? version.First()
                : throw new IOException($"{options.Url} answers /ping with {(int)answer.StatusCode} and without X-Influxdb-Version; an InfluxDB has to be there");
        }
        catch (Exception error) when (error is HttpRequestException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            throw new IOException(InfluxVerdict.Judge(error, options).Detail, error);
        }
    }
}
