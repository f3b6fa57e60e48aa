using Telemetry.Ingest.Decoding;

namespace Telemetry.Ingest.Tests.Decoding;

public class LetterSenderTests
{
    [Theory]
    [InlineData("telemetry/v1/gw/tunnel/t-1", "family tunnel, third level of the topic: no family file has that name", "t-1")]
    [InlineData("telemetry/v1/gw/status", "status of gateway gw: expected", null)]
    [InlineData("application/7/device/24e1/event/up", "24E124136B502217 (chirpstack): nothing in the register reports under that name", "24E124136B502217")]
    [InlineData("spBv1.0/g/DDATA/n/d", "g/n/d (sparkplug): field x: expected m", "g/n/d")]
    [InlineData("up", "chirpstack: not JSON at byte 3 (of 5): x", null)]
    [InlineData("up", "two words (chirpstack): x", null)]
    [InlineData("up", "24E1 (A sentence): x", null)]
    [InlineData("up", "24E1 (chirpstack)", null)]
    [InlineData("influxdb", "field type conflict (float): x", null)]
    [InlineData("", "", null)]
    public void The_sender_is_the_topics_device_or_the_wire_id_that_begins_the_detail(string topic, string detail, string? sender) => Assert.Equal(sender, LetterSender.Of(topic, detail));
}
