using System.Diagnostics;
using System.Reactive.Subjects;
using Microsoft.Extensions.Logging.Abstractions;
using Telemetry.Ingest.Alarms;
using Telemetry.Ingest.Devices;
using Telemetry.Ingest.Hosting;
using Telemetry.Ingest.State;
using Telemetry.Ingest.Store;
using Telemetry.Ingest.Store.Influx.Series;
using Telemetry.Rules;
using Telemetry.Rules.Alarms;
using Telemetry.Rules.Model;

namespace Telemetry.Benchmarks.Growth;

/// <summary>What a city of so many devices costs.</summary>
/// <param name="Nanoseconds">Processor time of a reading, the median of five stretches.</param>
/// <param name="Bytes">Managed memory a device.</param>
/// <param name="Megabytes">The checkpoint's file.</param>
/// <param name="Saved">Seconds until it is on the disk.</param>
/// <param name="Restart">Seconds from opening it to the first evaluated reading.</param>
/// <param name="RestartCpu">Processor seconds of that.</param>
/// <param name="Alarms">That stand then.</param>
/// <param name="Outage">Milliseconds of processor time for each gateway, where all are lost at once and come back.</param>
/// <param name="LongestOfOutage">The same of the entry that took longest.</param>
internal sealed record GrowthPoint(int Devices, double Nanoseconds, double Bytes, double Megabytes, double Saved, double Restart, double RestartCpu, int Alarms, double Outage, double LongestOfOutage)
{
    private const int Stretches = 5;
    private const int Readings = 200_000;

    public static GrowthPoint Measure(int devices)
    {
        using var directory = new TempDirectory();
        using var parts = new Parts(directory.Path);
        var (nanoseconds, bytes, saved, next, outage) = Fill(devices, parts);
        // What was filled is garbage: a process that starts has none.
        GC.Collect();
        var (clock, cpu) = (Stopwatch.StartNew(), Environment.CpuUsage.TotalTime);
        var pipeline = GrowthCity.New();
        if (parts.Load(pipeline, next.Position - 1) != next.Position - 1)
            throw new InvalidOperationException("the checkpoint was not taken up");
        using var entries = new Subject<LogEntry>();
        using var running = pipeline.Run(entries).Subscribe(_ => { });
        entries.OnNext(next);
        var (restart, restartCpu) = (clock.Elapsed.TotalSeconds, (Environment.CpuUsage.TotalTime - cpu).TotalSeconds);
        if (pipeline.Fleet.Devices.Count != devices)
            throw new InvalidOperationException($"{pipeline.Fleet.Devices.Count} of {devices} devices came back");
        return new GrowthPoint(devices, nanoseconds, bytes, parts.Bytes / 1e6, saved, restart, restartCpu, pipeline.OpenAlarms.Count(), outage.Each, outage.Longest);
    }

    private static (double Nanoseconds, double Bytes, double Saved, ReadingEntry Next, (double Each, double Longest) Outage) Fill(int devices, Parts parts)
    {
        using var city = new GrowthCity(devices);
        // The second round of each device at least, and the compiler's last word.
        city.Send(Math.Max(devices, 2 * Readings));
        var stretches = Enumerable.Range(0, Stretches).Select(_ => city.Send(Readings)).Order().ToArray();
        var next = city.Next();
        var clock = Stopwatch.StartNew();
        parts.Save(next.Position - 1, city.Pipeline);
        var saved = clock.Elapsed.TotalSeconds;
        return (stretches[Stretches / 2], city.BytesPerDevice, saved, next, city.LoseGateways());
    }

    /// <summary>The service's checkpoint and what stands in it beside the rules, empty.</summary>
    private sealed class Parts : IDisposable
    {
        private readonly string _path;
        private readonly StateDatabase _database;
        private readonly Checkpoint _checkpoint;
        private readonly PlaceHistory _places = new(new DeviceDirectory());
        private readonly OperatorLoad _load;
        private readonly MinuteSeries _minutes;

        public Parts(string folder)
        {
            _path = Path.Combine(folder, "checkpoint");
            _database = StateDatabase.Open(Path.Combine(folder, "state.db"));
            _checkpoint = new Checkpoint(_path, NullLogger<Checkpoint>.Instance);
            _load = new OperatorLoad(new LoadLedger(), new AlarmBook(_database));
            _minutes = new MinuteSeries(_load, enabled: false);
        }

        public long Bytes => new FileInfo(_path).Length;

        public void Save(long position, RulePipeline pipeline) => _checkpoint.Save(position, pipeline, new Verdicts(), _places, _load, _minutes);

        public long Load(RulePipeline pipeline, long position) => _checkpoint.Load(pipeline, new Verdicts(), _places, _load, _minutes, position, position);

        public void Dispose() => _database.Dispose();
    }
}
