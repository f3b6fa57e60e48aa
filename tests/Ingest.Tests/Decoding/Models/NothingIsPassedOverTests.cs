using System.Text;
using Telemetry.Ingest.Decoding;
using Telemetry.Ingest.Decoding.Models;
using Telemetry.Ingest.Devices;
using Telemetry.Ingest.Hosting;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Tests.Decoding.Models;

/// <summary>What was acknowledged is a reading or a dead letter, also where a device whose model reads bytes is told of in fields.</summary>
public class NothingIsPassedOverTests
{
    [Fact]
    public void Fields_that_the_model_does_not_know_are_refused_and_not_dropped()
    {
        var letter = Assert.Single(Decode("ctwing", """{"timestamp": 1772323100000, "deviceId": "d-1", "messageType": "dataReport", "payload": {"serviceData": {"waterLevelX": 3.2}}}"""));
        Assert.Equal(RejectReason.NoValues, Assert.IsType<DeadLetterEntry>(letter).Reason);
    }

    [Fact]
    public void What_a_network_server_adds_of_its_own_is_no_mistake() =>
        Assert.Empty(Decode("chirpstack", """{"time": "2026-03-01T00:00:00Z", "deviceInfo": {"devEui": "d-1"}, "batteryLevel": 80}""", "status"));

    private static List<LogEntry> Decode(string format, string payload, string last = "up")
    {
        var routes = OneRoute.Of("r/+", format);
        var devices = new DeviceDirectory();
        devices.Set(new Device { Id = "d-1", Family = "manhole_cover", Model = "milesight-em320-tilt" });
        var entries = new List<LogEntry>();
        new MessageDecoder(new DecodingTables(SomeModels.Families.Find, devices, new Stats(), routes) { Models = ModelSet.Load([], null).Models! })
            .Decode(Encoding.UTF8.GetBytes($"r/{last}"), Encoding.UTF8.GetBytes(payload), Decoded.Received, entries);
        return entries;
    }
}
