using System.Diagnostics;
using System.Globalization;
using InfluxDB.Client;
using InfluxDB.Client.Api.Domain;
using InfluxDB.Client.Writes;
using Microsoft.Extensions.Logging.Abstractions;
using Telemetry.Ingest.Store.Influx;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;
using Origin = Telemetry.Ingest.Store.Origin;
using Place = Telemetry.Ingest.Store.Place;
using Point = Telemetry.Ingest.Store.Point;

namespace Telemetry.Benchmarks;

/// <summary>
/// <c>influx-writers</c>: the same readings into the same influxd by our store, by InfluxData's client with strings and with PointData, and by a
/// loader that has its bytes ready: what each costs here, and the server's part. Client and server share the machine.
/// </summary>
internal static class InfluxWriters
{
    private const int Devices = 2000;
    private const int LinesPerBatch = 10_000;
    private const long T0 = 1_732_440_000_000;
    private static readonly string[] Channels = ["sump_level", "rainfall", "discharge_pressure", "grid_load", "temperature"];
    private static readonly string[] Ids = [.. Enumerable.Range(0, Devices).Select(i => $"PS-{i}")];
    private static readonly Place[] Places = [.. Enumerable.Range(0, Devices).Select(i => new Place($"District {i % 12}", $"Street {i % 400}"))];
    private static readonly string[] Gateways = [.. Enumerable.Range(0, Devices).Select(i => $"GW-{i % 100}")];

    public static async Task<int> RunAsync(int lines)
    {
        await using var server = await Influxd.StartAsync();
        Console.WriteLine($"{lines} lines of {Channels.Length} values, position, received time and sequence; batches of {LinesPerBatch} lines");
        Console.WriteLine("| writer | lines/s | CPU s a million lines, writer | influxd | bytes allocated a line |");
        Console.WriteLine("|---|---|---|---|---|");
        await MeasureAsync("bytes ready, HttpClient", server, lines, Bare);
        foreach (var size in (int[])[1000, 2500, 5000, 10_000])
            await MeasureAsync($"our store, {size} lines a request", server, lines, (url, database) => Ours(server, database, size));
        await MeasureAsync("our store, 5000 lines a request, gzip", server, lines, (url, database) => Ours(server, database, 5000, gzip: true));
        await MeasureAsync("InfluxDB.Client, strings", server, lines, Strings);
        await MeasureAsync("InfluxDB.Client, PointData", server, lines, PointDatas);
        return 0;
    }

    private static async Task MeasureAsync(string name, Influxd server, int lines, Func<Uri, string, IWriter> create)
    {
        var database = "b" + Stopwatch.GetTimestamp().ToString(CultureInfo.InvariantCulture);
        await server.CreateDatabaseAsync(database);
        await using var writer = create(server.Url, database);
        var next = 0L;
        for (var batch = 0; batch < 5; batch++)
            await writer.WriteAsync(Next(ref next));
        // Made before the clock runs: all writers get the same points.
        var batches = Enumerable.Range(0, lines / LinesPerBatch).Select(_ => Next(ref next)).ToArray();
        writer.Prepare(batches);
        using var self = Process.GetCurrentProcess();
        GC.Collect();
        var (cpu, serverCpu, allocated, start) = (self.TotalProcessorTime, server.CpuTime, GC.GetTotalAllocatedBytes(true), Stopwatch.GetTimestamp());
        foreach (var batch in batches)
            await writer.WriteAsync(batch);
        var elapsed = Stopwatch.GetElapsedTime(start);
        self.Refresh();
        var million = batches.Length * LinesPerBatch / 1e6;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"| {name} | {batches.Length * LinesPerBatch / elapsed.TotalSeconds:N0} | {(self.TotalProcessorTime - cpu).TotalSeconds / million:F2} | {(server.CpuTime - serverCpu).TotalSeconds / million:F1} | {(GC.GetTotalAllocatedBytes(true) - allocated) / (double)(batches.Length * LinesPerBatch):F0} |"));
        var stored = (await server.RowsAsync("SELECT count(sump_level) FROM drainage_pump", database))[0][1].GetInt64();
        if (stored != next)
            throw new InvalidOperationException($"{name}: {stored} of {next} lines are stored");
        await server.DropDatabaseAsync(database);
    }

    private static List<Point> Next(ref long next)
    {
        var points = new List<Point>(LinesPerBatch * Channels.Length);
        for (var line = 0; line < LinesPerBatch; line++, next++)
        {
            var device = (int)(next % Devices);
            var time = T0 + (next / Devices * 10_000) + device;
            var origin = new Origin(next + 1, Gateways[device], Places[device], time);
            for (var channel = 0; channel < Channels.Length; channel++)
                points.Add(new Point("drainage_pump", Ids[device], Channels[channel], time, time + 200, ValueKind.Number, (next + channel) % 977 * 0.01, null, Quality.Good, next, Origin: origin));
        }
        return points;
    }

    private interface IWriter : IAsyncDisposable
    {
        void Prepare(IReadOnlyList<List<Point>> batches)
        {
        }

        Task WriteAsync(List<Point> points);
    }

    private static OurWriter Ours(Influxd server, string database, int size, bool gzip = false) => new(new InfluxStore(
        new InfluxOptions { Url = server.Url, Org = "city", Bucket = database, TokenFile = server.TokenFile, MaxLines = size, Gzip = gzip },
        FamilySet.Shipped().Find,
        _ => "drainage_pump",
        "0123456789abcdef",
        new RefusedLines((_, _) => throw new InvalidOperationException("a line was refused"), NullLogger.Instance),
        TimeProvider.System,
        new InfluxRewrite()));

    private sealed class OurWriter(InfluxStore store) : IWriter
    {
        public Task WriteAsync(List<Point> points) => store.WriteAsync(points, points[^1].Origin.Position, CancellationToken.None);

        public ValueTask DisposeAsync() => store.DisposeAsync();
    }

    private static BareWriter Bare(Uri url, string database) => new(new Uri(url, $"write?db={database}&precision=ns"));

    private sealed class BareWriter(Uri url) : IWriter
    {
        private readonly HttpClient _http = new();
        private readonly Dictionary<List<Point>, byte[]> _ready = [];

        public void Prepare(IReadOnlyList<List<Point>> batches)
        {
            foreach (var batch in batches)
                _ready[batch] = Bytes(batch);
        }

        public async Task WriteAsync(List<Point> points)
        {
            using var content = new ByteArrayContent(_ready.TryGetValue(points, out var ready) ? ready : Bytes(points));
            using var response = await _http.PostAsync(url, content);
            response.EnsureSuccessStatusCode();
        }

        public ValueTask DisposeAsync()
        {
            _http.Dispose();
            return ValueTask.CompletedTask;
        }

        private static byte[] Bytes(List<Point> points) => System.Text.Encoding.UTF8.GetBytes(string.Join('\n', Lines(points)));
    }

    private static ClientWriter Strings(Uri url, string database) => new(url, database, (api, points) => api.WriteRecordsAsync(Lines(points).ToList(), WritePrecision.Ns));

    private static ClientWriter PointDatas(Uri url, string database) => new(url, database, (api, points) => api.WritePointsAsync(PointDataOf(points).ToList()));

    private sealed class ClientWriter : IWriter
    {
        private readonly InfluxDBClient _client;
        private readonly HttpClient _http = new(new InfluxRewrite());
        private readonly Func<WriteApiAsync, List<Point>, Task> _write;

        public ClientWriter(Uri url, string database, Func<WriteApiAsync, List<Point>, Task> write)
        {
            _write = write;
            _client = new InfluxDBClient(InfluxDBClientOptions.Builder.CreateNew().Url(url.ToString()).AuthenticateToken("any").Org("city").Bucket(database).SetHttpClient(_http).Build());
        }

        public Task WriteAsync(List<Point> points) => _write(_client.GetWriteApiAsync(), points);

        public ValueTask DisposeAsync()
        {
            _client.Dispose();
            _http.Dispose();
            return ValueTask.CompletedTask;
        }
    }

    private static IEnumerable<string> Lines(List<Point> points)
    {
        for (var i = 0; i < points.Count; i += Channels.Length)
        {
            var head = points[i];
            var fields = string.Join(',', Enumerable.Range(i, Channels.Length).Select(at => string.Create(CultureInfo.InvariantCulture, $"{points[at].Channel}={points[at].Number}")));
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"{head.Family},device={head.Device},district={Escaped(head.Origin.Place.District)},gateway={head.Origin.Gateway},street={Escaped(head.Origin.Place.Street)} {fields},log_position={head.Origin.Position}i,received={head.ReceivedTime}i,seq={head.Sequence}i {NanosecondsOf(head)}");
        }
    }

    private static IEnumerable<PointData> PointDataOf(List<Point> points)
    {
        for (var i = 0; i < points.Count; i += Channels.Length)
        {
            var head = points[i];
            var data = PointData.Measurement(head.Family).Tag("device", head.Device).Tag("district", head.Origin.Place.District).Tag("gateway", head.Origin.Gateway).Tag("street", head.Origin.Place.Street);
            for (var at = i; at < i + Channels.Length; at++)
                data = data.Field(points[at].Channel, points[at].Number);
            yield return data.Field("log_position", head.Origin.Position).Field("received", head.ReceivedTime).Field("seq", head.Sequence!.Value).Timestamp(NanosecondsOf(head), WritePrecision.Ns);
        }
    }

    private static long NanosecondsOf(in Point point) => (point.Time * 1_000_000) + (point.Sequence!.Value % 1_000_000);

    private static string Escaped(string? tag) => tag!.Replace(" ", "\\ ", StringComparison.Ordinal);
}
