using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Telemetry.Benchmarks.Peers;

/// <summary>Debian's InfluxDB, fresh, where every subject's readings end but those of the embedded store; with the gate that gives it the names of 2.x for the service.</summary>
internal sealed class Sink : IAsyncDisposable
{
    private const string Database = "bench";
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromMinutes(2) };

    private Sink(Influxd server, InfluxGate gate) => (Server, Gate) = (server, gate);

    public Influxd Server { get; }

    public InfluxGate Gate { get; }

    /// <summary>Of 1.x, as the peers write to it.</summary>
    public Uri WriteUrl => new(Server.Url, $"write?db={Database}&precision=ms");

    /// <summary>How the service is told of it.</summary>
    public string[] ServiceArguments => ["--Store:Kinds=influxdb", $"--Influx:Url={Gate.Url}", "--Influx:Org=city", $"--Influx:Bucket={Database}", $"--Influx:TokenFile={Server.TokenFile}"];

    public static async Task<Sink> StartAsync()
    {
        var server = await Influxd.StartAsync();
        await server.CreateDatabaseAsync(Database);
        return new Sink(server, await InfluxGate.StartAsync(server.Url));
    }

    /// <summary>Points acknowledged since the server started, from its own counter: cheap enough to ask while it is measured.</summary>
    public async Task<long> WrittenAsync()
    {
        using var answer = JsonDocument.Parse(await _http.GetByteArrayAsync(new Uri(Server.Url, "debug/vars")));
        return answer.RootElement.EnumerateObject().Where(each => each.Name.StartsWith("httpd:", StringComparison.Ordinal)).Sum(each => each.Value.GetProperty("values").GetProperty("pointsWrittenOK").GetInt64());
    }

    /// <summary>Readings that a query finds, without the probes.</summary>
    public async Task<long> CountAsync() =>
        await Server.RowsAsync($"SELECT count(seq) FROM gas_valve WHERE device != '{Publishing.Probe}'", Database) is [[_, var count]] ? count.GetInt64() : 0;

    /// <summary>Waits until so many are there, or until no more come.</summary>
    /// <returns>When the last one came, a timestamp of the time provider.</returns>
    public async Task<long> LastArrivalAsync(long wanted, PeersOptions options, TimeProvider time)
    {
        var (stored, at) = (-1L, time.GetTimestamp());
        await Wait.ForAsync("the last arrival", async () =>
        {
            var now = await CountAsync();
            if (now > stored)
                (stored, at) = (now, time.GetTimestamp());
            return stored >= wanted || time.GetElapsedTime(at).TotalSeconds > options.SettledSeconds;
        }, 300);
        return at;
    }

    /// <summary>The different keys that a query finds, as <see cref="GasPayload.Key"/>.</summary>
    public async Task<HashSet<long>> KeysAsync()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(Server.Url, $"query?db={Database}&epoch=ms&chunked=true&q={Uri.EscapeDataString("SELECT seq FROM gas_valve GROUP BY device")}"));
        request.Headers.Add("Accept", "application/csv");
        using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        response.EnsureSuccessStatusCode();
        using var lines = new StreamReader(await response.Content.ReadAsStreamAsync(), Encoding.UTF8);
        var keys = new HashSet<long>();
        while (await lines.ReadLineAsync() is { } line)
        {
            // name,tags,time,seq
            if (line.Split(',') is [_, ['d', 'e', 'v', 'i', 'c', 'e', '=', .. var device], _, var sequence] && GasPayload.NumberOf(device) is { } number)
                keys.Add(GasPayload.Key(number, (long)double.Parse(sequence, CultureInfo.InvariantCulture)));
        }
        return keys;
    }

    public async ValueTask DisposeAsync()
    {
        await Gate.DisposeAsync();
        await Server.DisposeAsync();
        _http.Dispose();
    }
}
