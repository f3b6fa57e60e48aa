using System.Text;
using BenchmarkDotNet.Attributes;
using Telemetry.Ingest.Decoding;
using Telemetry.Ingest.Decoding.Models;
using Telemetry.Ingest.Devices;
using Telemetry.Ingest.Hosting;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;

namespace Telemetry.Benchmarks;

/// <summary>A device's own bytes by its model: from a message of the raw format to the log's entries. Time and bytes are those of one message, which is one reading where nothing else is said.</summary>
[MemoryDiagnoser]
public class ModelBenchmarks
{
    private const long Received = 1_772_323_200_000;

    private static readonly Dictionary<string, (string Model, string Family, string Hex)> All = new()
    {
        ["tilt, 2 values"] = ("milesight-em320-tilt", "manhole_cover", "01756403D4000001005046"),
        ["level, 2 values"] = ("milesight-em500-swl", "manhole_cover", "01756403770200"),
        ["level, 11 readings"] = ("milesight-em500-swl", "manhole_cover", string.Concat(Enumerable.Range(0, 10).Select(i => $"20CE{i:X2}A0A2690500")) + "03770200"),
        ["distance below a mount"] = ("dragino-ldds75", "manhole_cover", "0B450B0500010501"),
        ["air of a toilet, 4 values"] = ("milesight-gs301", "public_toilet", "01756402671C01036864047D0000057D0100"),
        ["stall by instance"] = ("milesight-vs330", "public_toilet", "038E01"),
        ["4-20 mA probe"] = ("dragino-ps-lb", "manhole_cover", "0CF200052EE0000000"),
    };

    private readonly byte[] _topic = Encoding.UTF8.GetBytes("raw/24e124713c141a5b");
    private readonly List<LogEntry> _entries = [];
    private byte[] _frame = [];
    private MessageDecoder _decoder = null!;

    [ParamsSource(nameof(Frames))]
    public string Frame { get; set; } = "";

    public static IEnumerable<string> Frames => All.Keys;

    [GlobalSetup]
    public void Setup()
    {
        var (model, family, hex) = All[Frame];
        _frame = Convert.FromHexString(hex);
        var families = FamilySet.Shipped();
        var devices = new DeviceDirectory();
        devices.Set(new Device
        {
            Id = "d-1",
            Family = family,
            Settings = new Dictionary<string, string> { ["mount_height"] = "4 m" },
            Sensors = new Dictionary<string, string> { ["24E124713C141A5B"] = $"{model} 5" },
        });
        var routes = OneRoute.Of("raw/{device}", "raw");
        _decoder = new MessageDecoder(new DecodingTables(families.Find, devices, new Stats(), routes) { Models = ModelSet.Load([], null).Models! });
        Decode();
        if (_entries.Count == 0 || _entries.Any(entry => entry is not ReadingEntry))
            throw new InvalidOperationException($"{Frame} is not read");
    }

    [Benchmark]
    public int Decode()
    {
        _entries.Clear();
        _decoder.Decode(_topic, _frame, Received, _entries);
        return _entries.Count;
    }
}
