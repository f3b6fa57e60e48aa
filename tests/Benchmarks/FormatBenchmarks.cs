using System.Text;
using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.Configuration;
using Telemetry.Ingest.Decoding;
using Telemetry.Ingest.Decoding.Routes;
using Telemetry.Ingest.Devices;
using Telemetry.Ingest.Hosting;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;

namespace Telemetry.Benchmarks;

/// <summary>One message of one reading in each format, from its topic to the log's entry; the messages are golden ones, whose fields are channels here.</summary>
[MemoryDiagnoser]
public class FormatBenchmarks
{
    private const long Received = 1_772_323_200_000;

    private readonly List<LogEntry> _entries = [];
    private byte[] _topic = [];
    private byte[] _payload = [];
    private MessageDecoder _decoder = null!;

    [ParamsSource(nameof(Messages))]
    public string Message { get; set; } = "";

    public static IEnumerable<string> Messages =>
        ["chirpstack/up-with-codec-and-counter", "tts/documented-uplink", "ctwing/gas-valve", "iotda/imei-as-node", "hj212/abridged", "modbus-cover/open", "sensorthings/on-its-topic"];
}
