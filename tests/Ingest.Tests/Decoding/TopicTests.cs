using Telemetry.Ingest.Decoding;
using Telemetry.Ingest.Devices;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Tests.Decoding;

public class TopicTests
{
    private const string Payload = """{"values":{"tilt_angle":1}}""";

    [Theory]
    [InlineData("telemetry/v1/gw/manhole_cover")]
    [InlineData("telemetry/v1/gw/manhole_cover/mc/extra")]
    [InlineData("telemetry/v1/gw/manhole_cover/")]
    [InlineData("telemetry/v1//manhole_cover/mc")]
    [InlineData("telemetry/v1/g w/manhole_cover/mc")]
    [InlineData("telemetry/v1/gw/manhole_cover/井盖")]
    [InlineData("telemetry/v1/gw/manhole_cover/a23456789a23456789a23456789a23456789a23456789a23456789a23456789abcde")]
    [InlineData("telemetry/v1/gw/status/")]
    [InlineData("telemetry/v2/gw/manhole_cover/mc")]
    [InlineData("/telemetry/v1/gw/manhole_cover/mc")]
    [InlineData("alarms/v1/_/manhole_cover/mc/cover_open")]
    [InlineData("x")]
    public void A_topic_that_is_none_of_ours_costs_the_message(string topic)
    {
        var decoded = Decoded.Of(Payload, topic);

        Assert.Empty(decoded.Readings);
        Assert.Equal((RejectReason.BadTopic, topic), (decoded.DeadLetter.Reason, decoded.DeadLetter.Topic));
        Assert.Contains("telemetry/v1/{gateway}/{family}/{device}", decoded.DeadLetter.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("manhole")]
    [InlineData("gateway")]
    public void A_family_that_is_not_there_costs_the_message(string family)
    {
        var decoded = Decoded.Of(Payload, $"telemetry/v1/gw/{family}/mc");

        Assert.Equal(RejectReason.UnknownFamily, decoded.DeadLetter.Reason);
        Assert.Contains(family, decoded.DeadLetter.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void A_device_registered_under_another_family_is_not_this_one()
    {
        var devices = new DeviceDirectory();
        devices.Set(new Device { Id = "mc-1", Family = "tunnel" });

        var decoded = Decoded.Of(Payload, devices: devices);

        Assert.Equal(RejectReason.FamilyMismatch, decoded.DeadLetter.Reason);
        Assert.Contains("registered as tunnel", decoded.DeadLetter.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void A_registered_device_is_read()
    {
        var devices = new DeviceDirectory();
        devices.Set(new Device { Id = "mc-1", Family = "manhole_cover", Gateway = "gw-of-yesterday" });

        Assert.Equal("gw-1", Decoded.Of(Payload, devices: devices).Reading.Gateway);
    }

    [Theory]
    [InlineData("online", GatewaySign.Online)]
    [InlineData("offline", GatewaySign.Offline)]
    public void A_status_is_a_word_of_the_gateway_and_no_reading(string payload, GatewaySign expected)
    {
        var decoded = Decoded.Of(payload, "telemetry/v1/gw-1/status");

        Assert.Equal(new DecodedMessage("gw-1", expected), decoded.Message);
        Assert.Empty(decoded.DeadLetters);
        Assert.Equal(0, decoded.Stats.Received);
    }

    [Theory]
    [InlineData("")]
    [InlineData("Online")]
    [InlineData("\"online\"")]
    public void A_status_that_is_neither_word_is_a_dead_letter(string payload) =>
        Assert.Equal(RejectReason.BadStatus, Decoded.Of(payload, "telemetry/v1/gw-1/status").DeadLetter.Reason);
}
