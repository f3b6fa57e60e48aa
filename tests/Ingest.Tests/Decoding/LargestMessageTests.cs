using System.Text;
using Telemetry.Ingest.Decoding;
using Telemetry.Ingest.Devices;
using Telemetry.Ingest.Hosting;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Tests.Decoding;

/// <summary>Messages of a mebibyte that are made of as many parts as fit: memory and dead letters stay in proportion.</summary>
public class LargestMessageTests
{
    private const int Size = 1 << 20;

    [Theory]
    [InlineData("iotda", """{"resource":"device.property","event":"report","notify_data":{"header":{"device_id":"d"},"body":{"services":[""", "{},", "null]}}}")]
    [InlineData("iotda", """{"resource":"device.property","event":"report","notify_data":{"header":{"device_id":"d"},"body":{"services":[""", """{"service_id":"a","event_time":"now","properties":{"somewhat long names":1,"for a property":2,"of a service":3}},""", "null]}}}")]
    [InlineData("chirpstack", """{"deviceInfo":{"devEui":"d"},"object":{"nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn":[""", "{},", "null]}}")]
    [InlineData("tts", """{"end_device_ids":{"device_id":"d"},"uplink_message":{"decoded_payload":[""", "null,", "null]}}")]
    [InlineData("ctwing", """{"deviceId":"d","payload":{"x":"y",""", "\"nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn\":1,", "\"z\":1}}")]
    [InlineData("sensorthings", """{"Datastream":{"@iot.id":1},"result":[""", "[],", "1]}")]
    [InlineData("senml-json", "[", "{},", "{}]")]
    [InlineData("senml-json", "[", """{"n":"a:b","v":1},""", "{}]")]
    public void A_message_of_many_parts_costs_in_proportion(string format, string begin, string part, string end)
    {
        var payload = Encoding.UTF8.GetBytes(begin + string.Concat(Enumerable.Repeat(part, (Size - begin.Length - end.Length) / part.Length)) + end);
        var decoder = new MessageDecoder(new DecodingTables(ATestFamily.Find, new DeviceDirectory(), new Stats(), OneRoute.Of("a/#", format, "gw-1")));
        var entries = new List<LogEntry>();

        var before = GC.GetAllocatedBytesForCurrentThread();
        decoder.Decode("a/b"u8, payload, Decoded.Received, entries);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.NotEmpty(entries);
        Assert.True(allocated < 64L * Size, $"{allocated / (double)Size:F1} MiB allocated");
        Assert.True(entries.OfType<DeadLetterEntry>().Sum(letter => (long)letter.Payload.Length) <= Size, "the dead letters keep the message again and again");
        Assert.All(entries.OfType<DeadLetterEntry>(), letter => Assert.Equal(letter.Payload.Length == 0, letter.Detail.EndsWith(Refusals.BytesElsewhere, StringComparison.Ordinal)));
    }
}
