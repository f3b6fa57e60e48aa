using System.Formats.Cbor;
using System.Text;
using BenchmarkDotNet.Attributes;
using Google.Protobuf;
using Org.Eclipse.Tahu.Protobuf;
using Telemetry.Ingest.Decoding;
using Telemetry.Ingest.Devices;
using Telemetry.Ingest.Hosting;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;
using Metric = Org.Eclipse.Tahu.Protobuf.Payload.Types.Metric;

namespace Telemetry.Benchmarks;

/// <summary>One message of one reading in each format, from its topic to the log's entry. Fields have the names of channels: what a device's model adds is measured by itself.</summary>
[MemoryDiagnoser]
public class FormatBenchmarks
{
    private const long Received = 1_772_323_200_000;

    private static readonly Dictionary<string, (string Topic, string Payload)> Messages = new()
    {
        ["chirpstack"] = ("x/device/24e124713c141a5b/event/up", """
            {"deduplicationId":"3ac7e3c4-4401-4b8d-9386-a5c902f9202d","time":"2026-02-28T23:59:58.123456789+00:00","deviceInfo":{"tenantId":"52f14cd4-c6f1-4fbd-8f87-4025e1d49242",
            "tenantName":"ChirpStack","applicationId":"17c82e96-be03-4f38-aef3-f83d48582d97","applicationName":"covers","deviceProfileId":"14855bf7-d10d-4aee-b618-ebfcb64dc7ad",
            "deviceProfileName":"em500-swl","deviceName":"cover 7","devEui":"24e124713c141a5b","tags":{"key":"value"}},"devAddr":"00189440","dr":1,"fCnt":1834,"fPort":85,"data":"AXVkA3cCAA==",
            "object":{"level":0.42},"rxInfo":[{"gatewayId":"0016c001f153a14c","uplinkId":4217106255,"rssi":-36,"snr":10.5,"context":"E3OWOQ=="}],"txInfo":{"frequency":867100000}}
            """),
        ["tts"] = ("x/up", """
            {"end_device_ids":{"device_id":"dev1","application_ids":{"application_id":"app1"},"dev_eui":"24e124713c141a5b","join_eui":"800000000000000C","dev_addr":"00BCB929"},
            "correlation_ids":["as:up:01E0WZGT6Y7657CPFPE5WEYDSQ"],"received_at":"2026-02-28T23:59:58.787Z","uplink_message":{"session_key_id":"AXA50tHUYu3XO6S9YKxRZw==","f_port":15,"f_cnt":42,
            "frm_payload":"gqmGl4IBAAA=","decoded_payload":{"level":0.42},"rx_metadata":[{"gateway_ids":{"gateway_id":"gtw1"},"rssi":-35,"snr":5}],"received_at":"2026-02-28T23:59:58.684Z"}}
            """),
        ["ctwing"] = ("x/push", """
            {"upPacketSN":-1,"upDataSN":-1,"topic":"v1/up/ad19prof","timestamp":1772323198842,"tenantId":"2000033629","serviceId":"","protocol":"lwm2m","productId":"15114816",
            "payload":{"serviceId":"report","serviceData":{"level":0.42}},"messageType":"dataReport","deviceId":"40edca19b0124480864366de4621de99","IMSI":"undefined","IMEI":"862592051651472"}
            """),
        ["iotda"] = ("x/push", """
            {"resource":"device.property","event":"report","event_time":"20260228T235958Z","notify_data":{"header":{"device_id":"24e124713c141a5b","node_id":"n","product_id":"p"},
            "body":{"services":[{"service_id":"pump_level","properties":{"1":0.42},"event_time":"20260228T235957Z"}]}}}
            """),
        ["hj212"] = ("x/mn", "##0130QN=20260301080000123;ST=32;CN=2011;PW=123456;MN=24e124713c141a5b;Flag=5;CP=&&DataTime=20260301075958;level-Rtd=0.42,level-Flag=N&&0CC0"),
        ["modbus-cover"] = ("x/dtu-17", "0103080010000000010000D5D6"),
        ["sensorthings"] = ("x/Datastreams(1)/Observations", """{"phenomenonTime":"2026-02-28T23:59:58Z","resultTime":"2026-02-28T23:59:59Z","result":0.42}"""),
        ["senml-json"] = ("x/senml", """[{"bn":"24e124713c141a5b:","bt":1772323198,"n":"level","u":"m","v":0.42}]"""),
    };

    private readonly List<LogEntry> _entries = [];
    private byte[] _topic = [];

    // One but for Sparkplug, whose messages are numbered.
    private byte[][] _payloads = [];
    private int _next;
    private MessageDecoder _decoder = null!;

    [ParamsSource(nameof(Formats))]
    public string Format { get; set; } = "";

    public static IEnumerable<string> Formats => [.. Messages.Keys, "senml-cbor", SparkplugFormat.FormatName];

    [GlobalSetup]
    public void Setup()
    {
        (string Topic, byte[][] Payloads) messages = Format switch
        {
            "senml-cbor" => ("x/senml", [Cbor()]),
            SparkplugFormat.FormatName => ("spBv1.0/g/DDATA/n/d", [.. Enumerable.Range(0, 256).Select(sequence => Sparkplug(sequence, new Metric { Alias = 1, Timestamp = Received, DoubleValue = 0.42 }))]),
            _ => (Messages[Format].Topic, [Encoding.UTF8.GetBytes(Messages[Format].Payload.Trim())]),
        };
        (_topic, _payloads) = (Encoding.UTF8.GetBytes(messages.Topic), messages.Payloads);
        var devices = new DeviceDirectory();
        foreach (var id in new[] { "24e124713c141a5b", "862592051651472", "dtu-17:1", "x/Datastreams(1)", "g/n/d" })
            devices.Set(new Device { Id = id, Family = "bench" });
        var routes = OneRoute.Of(Format switch { "modbus-cover" => "x/{device}", SparkplugFormat.FormatName => "spBv1.0/#", _ => "x/#" }, Format, "x");
        var family = Family();
        _decoder = new MessageDecoder(new DecodingTables(_ => family, devices, new Stats(), routes));
        if (Format == SparkplugFormat.FormatName)
        {
            _decoder.Decode("spBv1.0/g/NBIRTH/n"u8, Sparkplug(0, new Metric { Name = "bdSeq", Datatype = (uint)DataType.Int64, LongValue = 0, Timestamp = Received }), Received, _entries);
            _decoder.Decode("spBv1.0/g/DBIRTH/n/d"u8, Sparkplug(1, new Metric { Name = "level", Alias = 1, Datatype = (uint)DataType.Double, DoubleValue = 0.41, Timestamp = Received }), Received, _entries);
            _next = 2;
        }
        if (Message() != 1 || _entries[0] is not ReadingEntry)
            throw new InvalidOperationException($"{Format}: no reading came of it but {string.Join("; ", _entries.OfType<DeadLetterEntry>().Select(letter => letter.Detail))}");
    }

    [Benchmark]
    public int Message()
    {
        _entries.Clear();
        _decoder.Decode(_topic, _payloads[_next++ % _payloads.Length], Received, _entries);
        return _entries.Count;
    }

    private static byte[] Sparkplug(int sequence, Metric metric) =>
        new Payload { Timestamp = Received, Seq = (ulong)sequence, Metrics = { metric } }.ToByteArray();

    /// <summary>As the one of senml-json.</summary>
    private static byte[] Cbor()
    {
        var writer = new CborWriter();
        writer.WriteStartArray(1);
        writer.WriteStartMap(5);
        writer.WriteInt32(-2);
        writer.WriteTextString("24e124713c141a5b:");
        writer.WriteInt32(-3);
        writer.WriteInt64(1_772_323_198);
        writer.WriteInt32(0);
        writer.WriteTextString("level");
        writer.WriteInt32(1);
        writer.WriteTextString("m");
        writer.WriteInt32(2);
        writer.WriteDouble(0.42);
        writer.WriteEndMap();
        writer.WriteEndArray();
        return writer.Encode();
    }

    private static Family Family()
    {
        Channel[] channels =
        [
            new() { Name = "level", Index = 0, Type = ChannelType.Number, Unit = "m", PlausibleMin = 0, PlausibleMax = 12, Title = new("", "") },
            new() { Name = "level-Rtd", Index = 1, Type = ChannelType.Number, Unit = "m", Title = new("", "") },
            new() { Name = "result", Index = 2, Type = ChannelType.Number, Unit = "m", Title = new("", "") },
            new() { Name = "cover_state", Index = 3, Type = ChannelType.State, States = ["normal", "open", "loose"], Title = new("", "") },
            new() { Name = "pump_level", Index = 4, Type = ChannelType.Number, Unit = "m", Group = "pump", Title = new("", "") },
            new() { Name = "vibration_alarm", Index = 5, Type = ChannelType.Boolean, Title = new("", "") },
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
