using System.Text;
using Telemetry.Ingest.Decoding.Routes;

namespace Telemetry.Ingest.Tests.Decoding.Routes;

/// <summary>Which topics a route's filter takes, and what stands in them.</summary>
public class TopicPatternTests
{
    [Theory]
    [InlineData("application/+/device/{device}/event/up", "application/7/device/0101/event/up", null, "0101")]
    [InlineData("modbus/{gateway}/{device}", "modbus/dtu-1/mc-7", "dtu-1", "mc-7")]
    [InlineData("hj212/#", "hj212", null, null)]
    [InlineData("hj212/#", "hj212/a/b", null, null)]
    [InlineData("{gateway}x/up", null, null, null)]
    [InlineData("senml/{gateway}/#", "senml/gw/a/b/c", "gw", null)]
    [InlineData("设备/{device}", "设备/一", null, "一")]
    public void Names_in_the_topic_are_found(string pattern, string? topic, string? gateway, string? device)
    {
        var parsed = TopicPattern.Parse(pattern, out _);
        Assert.Equal(topic is not null, parsed is not null);
        if (topic is null)
            return;
        Assert.True(parsed!.Matches(Encoding.UTF8.GetBytes(topic), out var foundGateway, out var foundDevice));
        Assert.Equal((gateway, device), (foundGateway, foundDevice));
    }

    [Theory]
    [InlineData("a/{device}/up", "a/b")]
    [InlineData("a/{device}/up", "a/b/up/more")]
    [InlineData("a/{device}/up", "a/b/down")]
    [InlineData("a/+", "a")]
    [InlineData("a/#", "ab")]
    [InlineData("a/b", "a/")]
    public void Other_topics_are_not_taken(string pattern, string topic) =>
        Assert.False(TopicPattern.Parse(pattern, out _)!.Matches(Encoding.UTF8.GetBytes(topic), out _, out _));

    [Theory]
    [InlineData("")]
    [InlineData("a/#/b")]
    [InlineData("a/b+")]
    [InlineData("a/{devices}")]
    [InlineData("a/{device}/{device}")]
    [InlineData("telemetry/v1/#")]
    [InlineData("alarms/+")]
    [InlineData("#")]
    [InlineData("+/up")]
    [InlineData("{gateway}/up")]
    [InlineData("$SYS/#")]
    public void What_is_no_pattern_is_refused(string text)
    {
        Assert.Null(TopicPattern.Parse(text, out var expected));
        Assert.NotEmpty(expected);
    }

    [Fact]
    public void The_broker_is_asked_for_single_levels() =>
        Assert.Equal("modbus/+/+/up/#", TopicPattern.Parse("modbus/{gateway}/{device}/up/#", out _)!.Filter);

    [Theory]
    [InlineData("a/{device}", "a/+", true)]
    [InlineData("a/b", "a/{device}", true)]
    [InlineData("a/#", "a", true)]
    [InlineData("a/#", "a/b/c", true)]
    [InlineData("a/b/c", "a/+", false)]
    [InlineData("a/b", "a/c", false)]
    [InlineData("a/+/up", "a/+/down", false)]
    public void Two_that_share_a_topic_overlap(string one, string other, bool overlap)
    {
        var (first, second) = (TopicPattern.Parse(one, out _)!, TopicPattern.Parse(other, out _)!);
        Assert.Equal((overlap, overlap), (first.Overlaps(second), second.Overlaps(first)));
    }
}
