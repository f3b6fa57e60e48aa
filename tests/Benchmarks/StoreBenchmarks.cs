using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Engines;
using Telemetry.Ingest.Store;
using Telemetry.Rules.Model;

namespace Telemetry.Benchmarks;

/// <summary>The embedded store: points/s are <see cref="BatchSize"/> over the time of one write. Beside it the two questions of the API over what was written.</summary>
[MemoryDiagnoser]
[SimpleJob(RunStrategy.Monitoring, warmupCount: 3, iterationCount: 20, invocationCount: 1)]
public class StoreBenchmarks : IAsyncDisposable
{
    private const int Devices = 1000;
    private const long T0 = 1_732_440_000_000;
    private readonly string _directory = Directory.CreateTempSubdirectory("telemetry-").FullName;
    private readonly string[] _devices = [.. Enumerable.Range(0, Devices).Select(i => $"PS-{i}")];
    private readonly string[] _channels = ["sump_level", "discharge_flow.1", "motor_current.1", "motor_current.2", "start_count.1"];
    private readonly List<Point> _points = [];
    private DuckDbStore _store = null!;
    private long _next;

    [Params(5_000, 50_000)]
    public int BatchSize { get; set; }

    [GlobalSetup]
    public async Task Open()
    {
        _store = new DuckDbStore(Path.Combine(_directory, "series.duckdb"));
        for (var batch = 0; batch < 2_000_000 / BatchSize; batch++)
        {
            Fill(_points, lookUp: false);
            await _store.WriteAsync(_points, _next, CancellationToken.None);
        }
    }

    [GlobalCleanup]
    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
        GC.SuppressFinalize(this);
    }

    [IterationSetup(Target = nameof(Write))]
    public void NextPoints() => Fill(_points, lookUp: false);

    [IterationSetup(Target = nameof(WriteLookedUp))]
    public void NextOldPoints() => Fill(_points, lookUp: true);

    [Benchmark]
    public Task Write() => _store.WriteAsync(_points, _next, CancellationToken.None);

    [Benchmark]
    public Task WriteLookedUp() => _store.WriteAsync(_points, _next, CancellationToken.None);

    [Benchmark]
    public Task<IReadOnlyList<Point>> ReadOneChannel() => _store.ReadAsync("PS-7", "sump_level", T0, T0 + 86_400_000, 10_000, CancellationToken.None);

    [Benchmark]
    public Task<IReadOnlyList<Bucket>> BucketsOfOneChannel() => _store.ReadBucketsAsync("PS-7", "sump_level", T0, T0 + 86_400_000, 60_000, CancellationToken.None);

    private void Fill(List<Point> points, bool lookUp)
    {
        points.Clear();
        for (var i = 0; i < BatchSize; i++, _next++)
        {
            var device = _devices[_next / _channels.Length % Devices];
            var channel = _channels[_next % _channels.Length];
            var time = T0 + (_next / (Devices * _channels.Length) * 10_000);
            points.Add(new Point("drainage_pump", device, channel, time, time + 200, ValueKind.Number, _next % 977 * 0.01, null, Quality.Good, _next, lookUp));
        }
    }
}
