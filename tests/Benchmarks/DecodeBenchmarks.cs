using System.Text;
using BenchmarkDotNet.Attributes;
using Telemetry.Ingest.Decoding;
using Telemetry.Ingest.Devices;
using Telemetry.Ingest.Hosting;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;

namespace Telemetry.Benchmarks;

/// <summary>The native format: one reading of one value, one of five, and a backfill of fifty. Aim: 1 µs for the first.</summary>
[MemoryDiagnoser]
public class DecodeBenchmarks
{
    private const long Received = 1_772_323_200_000;

    private readonly byte[] _topic = Encoding.UTF8.GetBytes("telemetry/v1/gw-0042/bench/dev-000123");
    private readonly byte[] _one = Encoding.UTF8.GetBytes("""{"ts":1772323100123,"seq":17,"values":{"level":1.25}}""");
    private readonly byte[] _five = Encoding.UTF8.GetBytes("""{"ts":1772323100123,"seq":17,"values":{"level":1.25,"run.1":true,"run.2":false,"run.3":true,"supply":"mains"}}""");
    private readonly byte[] _fifty;
    private readonly List<LogEntry> _entries = [];
    private readonly NativeDecoder _decoder;

    public DecodeBenchmarks()
    {
        var elements = Enumerable.Range(0, 50).Select(i => $$$"""{"ts":{{{1772323100000 + i}}},"seq":{{{i}}},"values":{"level":{{{i}}}.25}}""");
        _fifty = Encoding.UTF8.GetBytes($"[{string.Join(",", elements)}]");
        var family = Family();
        _decoder = new NativeDecoder(new DecodingTables(_ => family, new DeviceDirectory(), new Stats()));
    }

    [Benchmark]
    public int One() => Decode(_one);

    [Benchmark]
    public int FiveValues() => Decode(_five);

    [Benchmark(OperationsPerInvoke = 50)]
    public int FiftyReadings() => Decode(_fifty);

    private int Decode(byte[] payload)
    {
        _entries.Clear();
        _decoder.Decode(_topic, payload, Received, _entries);
        return _entries.Count;
    }

    private static Family Family()
    {
        Channel[] channels =
        [
            new() { Name = "level", Index = 0, Type = ChannelType.Number, Unit = "m", PlausibleMin = 0, PlausibleMax = 12, Title = new("", "") },
            new() { Name = "run", Index = 1, Type = ChannelType.Boolean, Group = "pump", Title = new("", "") },
            new() { Name = "supply", Index = 2, Type = ChannelType.State, States = ["mains", "backup", "lost"], Title = new("", "") },
        ];
        return new Family
        {
            Name = "bench",
            Title = new("", ""),
            Heartbeat = 60_000,
            Lateness = 0,
            Channels = channels,
            Settings = [],
            Rules = [],
            RationalisedBy = "",
            Text = "",
            Hash = "",
        }.Indexed();
    }
}
