using Telemetry.Ingest.Cluster;
using Telemetry.Ingest.Decoding.Routes;
using Telemetry.Ingest.Decoding.Sparkplug;
using Telemetry.Ingest.Gateways.External;
using Telemetry.Ingest.Gateways.Upward;
using Telemetry.Ingest.Log;
using Telemetry.Ingest.Notify.Channels;
using Telemetry.Ingest.OperatorPage;
using Telemetry.Ingest.Security;
using Telemetry.Ingest.State;
using Telemetry.Ingest.Store;
using Telemetry.Ingest.Watchdog;
using Telemetry.Rules.Alarms;

namespace Telemetry.Ingest.Hosting;

/// <summary>The whole configuration, validated at start: all errors in one message, unknown keys refused.</summary>
public sealed record ServiceOptions
{
    /// <summary>All state stands under it. Default ./data.</summary>
    public string DataPath { get; init; } = "data";

    public DiskOptions Disk { get; init; } = new();

    /// <summary>Default 127.0.0.1. Beyond loopback needs gateway credentials.</summary>
    public string MqttAddress { get; init; } = "127.0.0.1";

    /// <summary>Default 1883; 0 takes a free port.</summary>
    public int MqttPort { get; init; } = 1883;

    /// <summary>Default 127.0.0.1. Beyond loopback needs gateway credentials.</summary>
    public string Hj212Address { get; init; } = "127.0.0.1";

    /// <summary>Stations that speak HJ 212 over TCP; null opens no port, 0 takes a free one.</summary>
    public int? Hj212Port { get; init; }

    /// <summary>Somebody else's broker to connect to; null for none.</summary>
    public ExternalOptions? External { get; init; }

    /// <summary>The service's own MQTT endpoint is open: without an external broker always, beside one where Mqtt:Port is given.</summary>
    public bool HasEndpoint { get; init; } = true;

    public string HttpAddress { get; init; } = "127.0.0.1";

    /// <summary>Default 8080; 0 takes a free port.</summary>
    public int HttpPort { get; init; } = 8080;

    /// <summary>A folder of family files that replaces the shipped ones; null for the shipped ones.</summary>
    public string? RulesPath { get; init; }

    /// <summary>A folder of sensor models beside the shipped ones, which it replaces by name; null for the shipped ones alone.</summary>
    public string? ModelsPath { get; init; }

    /// <summary>Topics that are written in another format than the native one. Default none.</summary>
    public RouteTable Formats { get; init; } = RouteTable.None;

    /// <summary>How the service appears to edge nodes of Sparkplug.</summary>
    public SparkplugOptions Sparkplug { get; init; } = new();

    /// <summary>Operator positions: whose an alarm is, and for the figures of their load. Default one, <c>city</c>, that hears everything.</summary>
    public IReadOnlyList<LoadPosition> Positions { get; init; } = LoadPosition.Whole;

    /// <summary>Who is told of what (docs/samples/notify.yaml); null: nobody is.</summary>
    public string? NotifyFile { get; init; }

    /// <summary>By which channels people are told. Default none.</summary>
    internal ChannelOptions Channels { get; init; } = new();

    /// <summary>A process on another host that wants to hear that readings pass; null for none.</summary>
    internal HeartbeatOptions? Watchdog { get; init; }

    /// <summary>The city's service, to which this one forwards; null for none.</summary>
    internal UpwardOptions? Upward { get; init; }

    /// <summary>Other services that share this one's log; null for one machine alone.</summary>
    public ClusterOptions? Cluster { get; init; }

    public ConsoleOptions Console { get; init; } = new();

    public LogOptions Log { get; init; } = new();

    public DeadLetterOptions DeadLetters { get; init; } = new();

    public StoreOptions Stores { get; init; } = new();

    /// <summary>The log on standard error as one JSON object a line. Default false.</summary>
    public bool JsonLogs { get; init; }

    public SecurityOptions Security { get; init; } = new();

    /// <summary>A simulated city feeds the service.</summary>
    public bool Demo { get; init; }

    /// <summary>Devices of the simulated city. Default 2,000; 40 to 1,000,000: with fewer a family would have none.</summary>
    public int DemoDevices { get; init; } = 2000;

    /// <summary>The same seed gives the same city. Default 1.</summary>
    public int DemoSeed { get; init; } = 1;

    /// <summary>
    /// How many times faster than life a demonstration's time passes, the service's clock included. Default 1; 1 to 20: beyond it the disk's pauses would count as
    /// seconds in which the log takes nothing.
    /// </summary>
    public int DemoSpeed { get; init; } = 1;
}
