namespace Telemetry.Benchmarks.Peers;

/// <summary>A subject as the report names it.</summary>
internal sealed record SubjectKind
{
    /// <summary>Of the peers' configuration files.</summary>
    public static string Folder { get; } = Path.Combine(Repository.Root, "tests", "Benchmarks", "Peers");

    /// <summary>On the command line.</summary>
    public required string Name { get; init; }

    public required string Title { get; init; }

    /// <summary>Markdown: how it is set up.</summary>
    public required string Configuration { get; init; }

    public bool BehindBroker { get; init; }

    public bool IntoInflux { get; init; }

    /// <summary>Readings a message.</summary>
    public int Batch { get; init; } = 1;

    /// <summary>It has the rule, and tells an alarm on MQTT.</summary>
    public bool TellsAlarms { get; init; }

    /// <summary>It keeps readings, so what a fault loses can be counted.</summary>
    public bool HasFaults { get; init; }

    /// <summary>What must be installed beyond broker and sink.</summary>
    public IReadOnlyList<Requirement> Needs { get; init; } = [];

    public Func<Stand, Subject> Create { get; init; } = _ => throw new InvalidOperationException("has no program of its own");

    public static IReadOnlyList<SubjectKind> All { get; } =
    [
        new()
        {
            Name = "ours", Title = "ours, behind Mosquitto, into InfluxDB", BehindBroker = true, IntoInflux = true, TellsAlarms = true, HasFaults = true, Create = stand => new Ours(stand),
            Configuration = "all shipped rules, register, journal, page; `--Mqtt:External:Address`, `--Store:Kinds=influxdb`, else defaults. InfluxDB 1.6 does not know 2.x's path for writes: a gate within the publisher's process renames it, its CPU is in the publisher's",
        },
        new()
        {
            Name = "node-red", Title = "Node-RED", BehindBroker = true, IntoInflux = true, TellsAlarms = true, HasFaults = true, Needs = [Requirement.Node, Requirement.NodeRed], Create = stand => new NodeRed(stand),
            Configuration = "[flow.json](../tests/Benchmarks/Peers/NodeRed/flow.json): mqtt in at QoS 1 in a persistent session, json, function, join 500 or 1 s, http request with keep-alive; `NODE_ENV=production`, 2 GB heap, no editor",
        },
        new()
        {
            Name = "syslog-ng", Title = "syslog-ng, disk buffer", BehindBroker = true, IntoInflux = true, TellsAlarms = true, HasFaults = true, Needs = [Requirement.MosquittoClients, Requirement.SyslogNg], Create = stand => new SyslogNg(stand),
            Configuration = "[syslog-ng.conf](../tests/Benchmarks/Peers/SyslogNg/syslog-ng.conf): reliable disk buffer, 500 lines a request, flow control; fed by `mosquitto_sub` in a persistent session, since Debian's has no MQTT source",
        },
        new()
        {
            Name = "bridge", Title = "a Python bridge", BehindBroker = true, IntoInflux = true, TellsAlarms = true, HasFaults = true, Needs = [Requirement.Paho], Create = stand => new PythonBridge(stand),
            Configuration = "[bridge.py](../tests/Benchmarks/Peers/PythonBridge/bridge.py): paho in a persistent session, a batch each 200 ms, no retry",
        },
        new()
        {
            Name = "ours-endpoint", Title = "ours, own endpoint, embedded store", TellsAlarms = true, HasFaults = true, Create = stand => new Ours(stand),
            Configuration = "all shipped rules, register, journal, page; defaults",
        },
        new()
        {
            Name = "ours-behind", Title = "ours, behind Mosquitto, embedded store", BehindBroker = true, Create = stand => new Ours(stand),
            Configuration = "as ours, with the embedded store",
        },
        new()
        {
            Name = "ours-influx", Title = "ours, own endpoint, into InfluxDB", IntoInflux = true, TellsAlarms = true, HasFaults = true, Create = stand => new Ours(stand),
            Configuration = "the same with `--Store:Kinds=influxdb`, through the gate",
        },
        new()
        {
            Name = "ours-50", Title = "ours, own endpoint, embedded store, 50 readings a message", Batch = 50, Create = stand => new Ours(stand),
            Configuration = "as ours-endpoint; arrays of 50 readings of one device",
        },
        new()
        {
            Name = "bare", Title = "limit: an MQTTnet subscriber that does nothing", BehindBroker = true, Create = stand => new CountingSubject(stand, "bare-subscriber"),
            Configuration = "MQTTnet's client, MQTT 5, Receive Maximum 1000, acknowledges by hand and in order, decodes nothing, stores nothing",
        },
        new()
        {
            Name = "endpoint-alone", Title = "limit: our endpoint and log, nothing behind", Create = stand => new CountingSubject(stand, "endpoint-alone"),
            Configuration = "a program of the service's own parts: embedded broker, decoding, log with fsync before PUBACK; no rules, register, store, page",
        },
        new()
        {
            Name = "loader", Title = "limit: pre-built lines into InfluxDB", IntoInflux = true,
            Configuration = "5,000 lines a request, one request after the other, lines as the service writes them",
        },
    ];
}
