using Telemetry.Ingest.Decoding;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Tests.Decoding;

public class ValueTests
{
    [Theory]
    [InlineData("tilt_angel", "1", RejectReason.UnknownChannel)]
    [InlineData("pump_run", "true", RejectReason.UnknownChannel)]
    [InlineData("pump_run.0", "true", RejectReason.UnknownChannel)]
    [InlineData("pump_run.02", "true", RejectReason.UnknownChannel)]
    [InlineData("pump_run.1000", "true", RejectReason.UnknownChannel)]
    [InlineData("tilt_angle.1", "1", RejectReason.UnknownChannel)]
    [InlineData("倾角", "1", RejectReason.UnknownChannel)]
    [InlineData("", "1", RejectReason.UnknownChannel)]
    [InlineData("tilt_angle", "\"1\"", RejectReason.WrongType)]
    [InlineData("tilt_angle", "true", RejectReason.WrongType)]
    [InlineData("tilt_angle", "null", RejectReason.WrongType)]
    [InlineData("tilt_angle", "{\"value\":1}", RejectReason.WrongType)]
    [InlineData("tilt_angle", "[1]", RejectReason.WrongType)]
    [InlineData("tilt_angle", "1e400", RejectReason.WrongType)]
    [InlineData("rsrp", "-97.5", RejectReason.WrongType)]
    [InlineData("rsrp", "99999999999999999999", RejectReason.WrongType)]
    [InlineData("run_hours", "9007199254740993000", RejectReason.WrongType)]
    [InlineData("vibration_alarm", "1", RejectReason.WrongType)]
    [InlineData("vibration_alarm", "\"true\"", RejectReason.WrongType)]
    [InlineData("cover_state", "\"ajar\"", RejectReason.WrongType)]
    [InlineData("cover_state", "\"Open\"", RejectReason.WrongType)]
    [InlineData("cover_state", "1", RejectReason.WrongType)]
    public void A_bad_value_costs_that_value_and_the_rest_is_accepted(string channel, string value, string reason)
    {
        var element = $$$"""{"values":{"battery":1,"{{{channel}}}":{{{value}}},"tilt_angle":2}}""".Replace("\"battery\":1,", "", StringComparison.Ordinal);
        if (channel == "tilt_angle")
            element = element.Replace(",\"tilt_angle\":2", ",\"vibration_alarm\":false", StringComparison.Ordinal);

        var decoded = Decoded.Of(element);

        Assert.NotEqual(channel, decoded.Value.Channel);
        Assert.Equal(reason, decoded.DeadLetter.Reason);
        Assert.Contains(channel, decoded.DeadLetter.Detail, StringComparison.Ordinal);
        Assert.Equal(1, decoded.Stats.Rejected[reason]);
    }

    [Fact]
    public void A_state_that_is_none_is_answered_with_those_there_are() =>
        Assert.Equal(
            "channel cover_state, value \"ajar\": expected one of normal, open, loose, reset",
            Decoded.Of("""{"values":{"cover_state":"ajar"}}""").DeadLetter.Detail);

    [Fact]
    public void An_unknown_channel_is_answered_with_those_there_are() =>
        Assert.Equal(
            "element 0: channel tilt_angel: not in family manhole_cover, which has tilt_angle, well_water_level, cover_state, vibration_alarm, rsrp, run_hours, pump_run.{pump}",
            Decoded.Of("""[{"values":{"tilt_angel":1}}]""").DeadLetter.Detail);

    [Fact]
    public void Bad_values_of_one_reading_share_a_dead_letter_a_reason_and_count_each()
    {
        var decoded = Decoded.Of("""{"values":{"a":1,"b":1,"rsrp":"x","c":1}}""");

        Assert.Empty(decoded.Readings);
        Assert.Equal([RejectReason.UnknownChannel, RejectReason.WrongType], decoded.DeadLetters.Select(d => d.Reason));
        Assert.Equal((3, 1), (decoded.Stats.Rejected[RejectReason.UnknownChannel], decoded.Stats.Rejected[RejectReason.WrongType]));
    }

    [Theory]
    [InlineData("rsrp", "-97.0", -97)]
    [InlineData("run_hours", "1e3", 1000)]
    [InlineData("rsrp", "-9007199254740992", -9007199254740992)]
    [InlineData("vibration_alarm", "false", 0)]
    [InlineData("tilt_angle", "5", 5)]
    public void Whole_numbers_may_be_written_as_any_number(string channel, string value, double expected) =>
        Assert.Equal(expected, Decoded.Of($$$"""{"values":{"{{{channel}}}":{{{value}}}}}""").Value.Number);

    [Theory]
    [InlineData(-0.001, null, Quality.Bad)]
    [InlineData(0, null, Quality.Uncertain)]
    [InlineData(0.1, null, Quality.Good)]
    [InlineData(10, null, Quality.Good)]
    [InlineData(10.001, null, Quality.Uncertain)]
    [InlineData(20.5, null, Quality.Uncertain)]
    [InlineData(5, "good", Quality.Good)]
    [InlineData(5, "uncertain", Quality.Uncertain)]
    [InlineData(5, "bad", Quality.Bad)]
    [InlineData(5, "stale", Quality.Stale)]
    [InlineData(-1, "good", Quality.Bad)]
    [InlineData(11, "good", Quality.Uncertain)]
    [InlineData(11, "bad", Quality.Bad)]
    [InlineData(11, "stale", Quality.Stale)]
    public void Over_range_is_uncertain_below_the_instrument_is_bad_and_the_worse_word_counts(double value, string? said, Quality expected)
    {
        var quality = said is null ? "" : $$$""","quality":{"well_water_level":"{{{said}}}"}""";

        var decoded = Decoded.Of(FormattableString.Invariant($$$"""{"values":{"well_water_level":{{{value}}}}{{{quality}}}}"""));

        Assert.Equal(expected, decoded.Value.Quality);
        Assert.Empty(decoded.DeadLetters);
    }

    [Fact]
    public void A_quality_may_stand_before_its_value_or_without_one()
    {
        var decoded = Decoded.Of("""{"quality":{"tilt_angle":"bad","rsrp":"nonsense"},"values":{"tilt_angle":1}}""");

        Assert.Equal(Quality.Bad, decoded.Value.Quality);
        Assert.Empty(decoded.DeadLetters);
    }

    [Theory]
    [InlineData("""{"tilt_angle":"fine"}""")]
    [InlineData("""{"tilt_angle":192}""")]
    [InlineData("\"good\"")]
    public void A_quality_that_is_none_leaves_its_value_uncertain(string quality)
    {
        var decoded = Decoded.Of($$"""{"values":{"tilt_angle":1},"quality":{{quality}}}""");

        Assert.Equal(Quality.Uncertain, decoded.Value.Quality);
        Assert.Equal(RejectReason.WrongType, decoded.DeadLetter.Reason);
        Assert.Contains("good, uncertain, bad or stale", decoded.DeadLetter.Detail, StringComparison.Ordinal);
    }
}
