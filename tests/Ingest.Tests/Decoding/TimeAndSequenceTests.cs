using Telemetry.Ingest.Decoding;
using Telemetry.Ingest.Devices;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Tests.Decoding;

public class TimeAndSequenceTests
{
    [Theory]
    [InlineData("1772323199999", 1772323199999)]
    [InlineData("1772323199999.9", 1772323199999)]
    [InlineData("1772323499999", 1772323499999)]
    [InlineData("\"2026-03-01T00:00:00Z\"", 1772323200000)]
    [InlineData("\"2026-03-01T08:00:00.250+08:00\"", 1772323200250)]
    [InlineData("\"2026-02-28T19:00:00.1-05:00\"", 1772323200100)]
    [InlineData("\"2026-03-01t00:00:00.123456789z\"", 1772323200123)]
    [InlineData("\"2026-03-01 00:00:00Z\"", 1772323200000)]
    [InlineData("\"2026-02-28T23:59:60Z\"", 1772323200000)]
    public void A_time_is_Unix_milliseconds_or_RFC_3339_with_a_zone(string ts, long expected)
    {
        var reading = Of(ts).Reading;

        Assert.Equal((expected, expected, TimeMarks.None), (reading.SentTime, reading.EventTime, reading.Marks));
        Assert.Equal(Quality.Good, reading.Values[0].Quality);
    }

    [Theory]
    [InlineData("1772323100", 1772323100, 1772323100000)]
    [InlineData("1772323100.25", 1772323100250, 1772323100250)]
    [InlineData("1420070400", 1420070400, 1420070400000)]
    public void Seconds_are_multiplied_and_marked_and_kept_in_the_key_as_sent(string ts, long sent, long expected)
    {
        var reading = Of(ts).Reading;

        Assert.Equal((sent, expected, TimeMarks.Seconds), (reading.SentTime, reading.EventTime, reading.Marks));
        Assert.Equal(Quality.Good, reading.Values[0].Quality);
    }

    [Theory]
    [InlineData("0", 0, TimeMarks.ClockUnset)]
    [InlineData("-1", -1, TimeMarks.ClockUnset)]
    [InlineData("1420070399999", 1420070399999, TimeMarks.ClockUnset)]
    [InlineData("\"1970-01-01T00:00:12Z\"", 12000, TimeMarks.ClockUnset)]
    [InlineData("1772323500001", 1772323500001, TimeMarks.ClockAhead)]
    [InlineData("4102444800000", 4102444800000, TimeMarks.ClockAhead)]
    [InlineData("9223372036854775807", long.MaxValue, TimeMarks.ClockAhead)]
    [InlineData("1772352000", 1772352000, TimeMarks.Seconds | TimeMarks.ClockAhead)]
    [InlineData("\"2100-01-01T00:00:00Z\"", 4102444800000, TimeMarks.ClockAhead)]
    public void A_clock_that_is_plainly_wrong_is_replaced_by_the_received_time_and_the_values_are_uncertain(string ts, long sent, TimeMarks marks)
    {
        var decoded = Of(ts);

        var reading = decoded.Reading;
        Assert.Equal((sent, Decoded.Received, marks), (reading.SentTime, reading.EventTime, reading.Marks));
        Assert.True(reading.ReceivedTimeStandsIn);
        Assert.Equal(Quality.Uncertain, reading.Values[0].Quality);
        Assert.Empty(decoded.DeadLetters);
    }

    [Theory]
    [InlineData("1772351990000", 1772323190000, TimeMarks.Shifted)]
    [InlineData("1772351990", 1772323190000, TimeMarks.Shifted | TimeMarks.Seconds)]
    [InlineData("\"2026-03-01T00:00:00Z\"", 1772294400000, TimeMarks.Shifted)]
    [InlineData("12000", Decoded.Received, TimeMarks.ClockUnset)]
    [InlineData("1772352500001", Decoded.Received, TimeMarks.Shifted | TimeMarks.ClockAhead)]
    public void Local_time_sent_as_UTC_is_corrected_where_the_register_declares_it_and_is_marked(string ts, long expected, TimeMarks marks)
    {
        var devices = new DeviceDirectory();
        devices.Set(new Device { Id = "mc-1", Family = "manhole_cover", Settings = new Dictionary<string, string> { ["clock_ahead"] = "8 h" } });

        var reading = Decoded.Of($$$"""{"ts":{{{ts}}},"values":{"tilt_angle":1}}""", devices: devices).Reading;

        Assert.Equal((expected, marks), (reading.EventTime, reading.Marks));
    }

    [Fact]
    public void Eight_hours_ahead_that_nobody_declares_is_a_clock_ahead() =>
        Assert.Equal(TimeMarks.ClockAhead, Of("1772351990000").Reading.Marks);

    [Theory]
    [InlineData("\"2026-03-01T00:00:00\"")]
    [InlineData("\"2026-03-01\"")]
    [InlineData("\"2026-02-29T00:00:00Z\"")]
    [InlineData("\"2026-13-01T00:00:00Z\"")]
    [InlineData("\"2026-03-01T24:00:00Z\"")]
    [InlineData("\"2026-03-01T00:00:00.Z\"")]
    [InlineData("\"2026-03-01T00:00:00+0800\"")]
    [InlineData("\"1772323100000\"")]
    [InlineData("\"\"")]
    [InlineData("true")]
    [InlineData("{}")]
    [InlineData("[1772323100000]")]
    [InlineData("99999999999999999999")]
    [InlineData("1e400")]
    public void A_time_that_can_not_be_understood_costs_the_reading(string ts)
    {
        var decoded = Of(ts);

        Assert.Empty(decoded.Readings);
        Assert.Equal(RejectReason.BadTime, decoded.DeadLetter.Reason);
        Assert.Contains("RFC 3339 with a zone", decoded.DeadLetter.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0", 0)]
    [InlineData("-5", -5)]
    [InlineData("9223372036854775807", long.MaxValue)]
    public void A_sequence_number_is_any_whole_number_of_64_bits(string seq, long expected) =>
        Assert.Equal(expected, Decoded.Of($$$"""{"seq":{{{seq}}},"values":{"tilt_angle":1}}""").Reading.Sequence);

    [Theory]
    [InlineData("1.5")]
    [InlineData("\"17\"")]
    [InlineData("9223372036854775808")]
    [InlineData("{}")]
    public void A_bad_sequence_number_costs_itself_alone(string seq)
    {
        var decoded = Decoded.Of($$$"""{"seq":{{{seq}}},"values":{"tilt_angle":1}}""");

        Assert.Null(decoded.Reading.Sequence);
        Assert.Equal(RejectReason.BadSequence, decoded.DeadLetter.Reason);
    }

    private static Decoded Of(string ts) => Decoded.Of($$$"""{"ts":{{{ts}}},"values":{"tilt_angle":1}}""");
}
