using System.Text;
using Telemetry.Ingest.Decoding;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Tests.Decoding;

public class NativeDecoderTests
{
    [Fact]
    public void A_reading_carries_everything_that_was_sent()
    {
        var decoded = Decoded.Of("""{"ts": 1772323100123, "seq": 17, "values": {"tilt_angle": 1.5, "pump_run.2": true, "cover_state": "open", "rsrp": -97}, "quality": {"tilt_angle": "uncertain"}}""");

        var reading = decoded.Reading;
        Assert.Equal(("gw-1", "manhole_cover", "mc-1"), (reading.Gateway, reading.Family, reading.Device));
        Assert.Equal((1772323100123, 17, 1772323100123, TimeMarks.None), (reading.SentTime, reading.Sequence, reading.EventTime, reading.Marks));
        Assert.Equal(
            [
                new ChannelValue("tilt_angle", ValueKind.Number, 1.5, null, Quality.Uncertain),
                new ChannelValue("pump_run.2", ValueKind.Boolean, 1, null, Quality.Good),
                new ChannelValue("cover_state", ValueKind.State, 0, "open", Quality.Good),
                new ChannelValue("rsrp", ValueKind.Number, -97, null, Quality.Good),
            ],
            reading.Values);
        Assert.Empty(decoded.DeadLetters);
        Assert.Equal(new DecodedMessage("gw-1", GatewaySign.Reading), decoded.Message);
        Assert.Equal(1, decoded.Stats.Received);
    }

    [Theory]
    [InlineData("""{"values":{"tilt_angle":1}}""")]
    [InlineData("""{"ts":null,"seq":null,"quality":null,"values":{"tilt_angle":1}}""")]
    [InlineData("""{"values":{"tilt_angle":1},"firmware":{"version":[1,2]},"x":[]}""")]
    [InlineData("\uFEFF{\"values\":{\"tilt_angle\":1}}")]
    [InlineData("""{"values":{"tilt\u005fangle":1}}""")]
    [InlineData("""{"values":{"tilt_angle":7},"values":{"tilt_angle":1}}""")]
    [InlineData("""{"values":{"tilt_angle":7,"tilt_angle":1}}""")]
    [InlineData("""[{"values":{"tilt_angle":1}}]""")]
    public void What_is_optional_odd_or_unknown_beside_the_values_costs_nothing(string payload)
    {
        var decoded = Decoded.Of(payload);

        Assert.Equal(("tilt_angle", 1), (decoded.Value.Channel, decoded.Value.Number));
        Assert.Empty(decoded.DeadLetters);
        Assert.Equal((null, Decoded.Received, TimeMarks.NoTime), (decoded.Reading.SentTime, decoded.Reading.EventTime, decoded.Reading.Marks));
    }

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("hello")]
    [InlineData("17")]
    [InlineData("null")]
    [InlineData("""{"values":{"tilt_angle":NaN}}""")]
    [InlineData("""{"values":{"tilt_angle":-Infinity}}""")]
    [InlineData("""{"values":{"tilt_angle":1,}}""")]
    [InlineData("""{"values":{"tilt_angle":1}} trailing""")]
    [InlineData("""{"values":{"tilt_angle":1}}{"values":{"tilt_angle":1}}""")]
    [InlineData("""[{"values":{"tilt_angle":1}},{"values":{"tilt_angle":""")]
    [InlineData("""{"values":{"tilt_angle":01}}""")]
    [InlineData("""{'values':{'tilt_angle':1}}""")]
    [InlineData("""{"values":{"tilt_angle":1}} // note""")]
    [InlineData("""{"values":{"tilt\ud800":1}}""")]
    public void What_is_not_JSON_costs_the_message(string payload)
    {
        var decoded = Decoded.Of(payload);

        Assert.Empty(decoded.Readings);
        Assert.Equal(RejectReason.Malformed, decoded.DeadLetter.Reason);
        Assert.Equal(Encoding.UTF8.GetBytes(payload), decoded.DeadLetter.Payload);
        Assert.Equal((1, 1), (decoded.Stats.Received, decoded.Stats.Rejected[RejectReason.Malformed]));
        Assert.Equal(new DecodedMessage("gw-1", GatewaySign.None), decoded.Message);
    }

    [Fact]
    public void Bad_UTF8_costs_the_message()
    {
        byte[] payload = [.. "{\"values\":{\"tilt_angle\":1},\"note\":\""u8, 0xC3, 0x28, .. "\"}"u8];

        var decoded = Decoded.Of(payload);

        Assert.Empty(decoded.Readings);
        Assert.Equal((RejectReason.Malformed, "not UTF-8"), (decoded.DeadLetter.Reason, decoded.DeadLetter.Detail));
    }

    [Theory]
    [InlineData(16, true)]
    [InlineData(17, false)]
    public void Sixteen_levels_of_nesting_are_read_and_no_more(int depth, bool read)
    {
        var inner = depth - 1;
        var decoded = Decoded.Of($$"""{"values":{"tilt_angle":1},"extra":{{new string('[', inner)}}{{new string(']', inner)}}}""");

        Assert.Equal(read ? 1 : 0, decoded.Readings.Count);
        Assert.Equal(read ? [] : [RejectReason.Malformed], decoded.DeadLetters.Select(d => d.Reason));
    }

    [Fact]
    public void One_bad_element_among_a_hundred_costs_that_element_alone()
    {
        var elements = Enumerable.Range(0, 100).Select(i => i == 57 ? """{"ts": "yesterday", "values": {"tilt_angle": 1}}""" : $$$"""{"ts": {{{1772323100000 + i}}}, "values": {"tilt_angle": {{{i}}}}}""");

        var decoded = Decoded.Of($"[{string.Join(",", elements)}]");

        Assert.Equal(Enumerable.Range(0, 100).Where(i => i != 57).Select(i => (double)i), decoded.Readings.Select(r => r.Values[0].Number));
        Assert.Equal(RejectReason.BadTime, decoded.DeadLetter.Reason);
        Assert.StartsWith("element 57: ts \"yesterday\": expected Unix milliseconds", decoded.DeadLetter.Detail, StringComparison.Ordinal);
        Assert.Equal("""{"ts": "yesterday", "values": {"tilt_angle": 1}}""", Encoding.UTF8.GetString(decoded.DeadLetter.Payload));
        Assert.Equal(100, decoded.Stats.Received);
    }

    [Theory]
    [InlineData("[1]")]
    [InlineData("[null]")]
    [InlineData("""["values"]""")]
    [InlineData("""[[{"values":{"tilt_angle":1}}]]""")]
    public void An_element_that_is_no_object_is_malformed_by_itself(string payload)
    {
        var decoded = Decoded.Of(payload[..^1] + """,{"values":{"tilt_angle":1}}]""");

        Assert.Single(decoded.Readings);
        Assert.Equal(RejectReason.Malformed, decoded.DeadLetter.Reason);
        Assert.Equal(payload[1..^1], Encoding.UTF8.GetString(decoded.DeadLetter.Payload));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("""{"ts":1772323100000}""")]
    [InlineData("""{"values":{}}""")]
    [InlineData("""{"values":null}""")]
    [InlineData("""{"values":[1,2]}""")]
    [InlineData("""{"tilt_angle":1}""")]
    public void A_reading_without_values_is_none(string payload)
    {
        var decoded = Decoded.Of(payload);

        Assert.Empty(decoded.Readings);
        Assert.Equal(RejectReason.NoValues, decoded.DeadLetter.Reason);
    }

    [Theory]
    [InlineData(NativeDecoder.MaxValues, 1, 0)]
    [InlineData(NativeDecoder.MaxValues + 1, 0, 1)]
    public void A_reading_may_have_256_values(int values, int readings, int refused)
    {
        var decoded = Decoded.Of($$$"""{"values":{{{{string.Join(",", Enumerable.Range(1, values).Select(i => $"\"pump_run.{i}\":true"))}}}}}""");

        Assert.Equal(readings, decoded.Readings.Count);
        Assert.Equal(Enumerable.Repeat(RejectReason.TooManyValues, refused), decoded.DeadLetters.Select(d => d.Reason));
    }

    [Theory]
    [InlineData(NativeDecoder.MaxElements, 0)]
    [InlineData(NativeDecoder.MaxElements + 1, 1)]
    public void A_message_may_have_ten_thousand_readings(int elements, int refused)
    {
        var decoded = Decoded.Of($"[{string.Join(",", Enumerable.Repeat("""{"values":{"tilt_angle":1}}""", elements))}]");

        Assert.Equal(refused == 0 ? elements : 0, decoded.Readings.Count);
        Assert.Equal(Enumerable.Repeat(RejectReason.TooManyElements, refused), decoded.DeadLetters.Select(d => d.Reason));
    }

    [Fact]
    public void A_payload_over_one_MiB_is_kept_up_to_64_KiB()
    {
        var payload = Enumerable.Repeat((byte)' ', NativeDecoder.MaxPayload + 1).ToArray();

        var decoded = Decoded.Of(payload);

        Assert.Equal(RejectReason.TooLarge, decoded.DeadLetter.Reason);
        Assert.Equal(64 << 10, decoded.DeadLetter.Payload.Length);
    }

    [Fact]
    public void A_payload_of_one_MiB_is_read()
    {
        var json = """{"values":{"tilt_angle":1}}""";

        Assert.Single(Decoded.Of(json.PadRight(NativeDecoder.MaxPayload)).Readings);
    }
}
