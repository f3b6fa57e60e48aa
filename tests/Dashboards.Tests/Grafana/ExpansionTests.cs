namespace Telemetry.Dashboards.Tests.Grafana;

/// <summary>As Grafana 12's rangeutil, InfluxQL data source and query model do it.</summary>
public sealed class ExpansionTests
{
    private const long Hour = 3_600_000;

    [Theory]
    // A panel of half a screen.
    [InlineData(Hour, 960, "10s", "10s")]
    [InlineData(6 * Hour, 960, "10s", "20s")]
    [InlineData(24 * Hour, 960, "10s", "2m")]
    [InlineData(24 * Hour, 960, "5m", "5m")]
    [InlineData(24 * Hour, 960, ">1h", "1h")]
    [InlineData(7 * 24 * Hour, 960, null, "10m")]
    [InlineData(30 * 24 * Hour, 100, null, "6h")]
    [InlineData(365 * 24 * Hour, 100, null, "1d")]
    [InlineData(60_000, 960, null, "50ms")]
    public void The_interval_follows_from_span_and_width(long span, int points, string? least, string interval) =>
        Assert.Equal($"GROUP BY time({interval})", new GrafanaQuery(0, span, new Dictionary<string, GrafanaValue>()).Expand("GROUP BY time($__interval)", points, least));

    [Fact]
    public void Macros_are_put_in_as_they_stand() => Assert.Equal(
        "WHERE time >= 1000ms and time <= 3601000ms AND 10000 = 10000 OR a =~ /b$/",
        new GrafanaQuery(1000, 3_601_000, new Dictionary<string, GrafanaValue>()).Expand("WHERE $timeFilter AND $__interval_ms = $__interval_ms OR a =~ /b$/", 960, "10s"));

    [Theory]
    [InlineData("=~ /^${x:regex}$/", "=~ /^(a b|c\\/d\\.)$/")]
    [InlineData("=~ /^$x$/", "=~ /^(a b|c\\/d\\.)$/")]
    [InlineData("= '${x:raw}'", "= 'a b,c/d.'")]
    public void Several_values_stand_as_a_regular_expression(string text, string expanded) =>
        Assert.Equal(expanded, Of(new(["a b", "c/d."], IsMulti: true)).Variables(text));

    [Theory]
    [InlineData("= '$x'", "= 'c/d.'")]
    [InlineData("=~ /^${x:regex}$/", "=~ /^c\\/d\\.$/")]
    [InlineData("[[x]]", "c/d.")]
    public void One_value_stands_as_it_is_unless_told_otherwise(string text, string expanded) => Assert.Equal(expanded, Of(new(["c/d."])).Variables(text));

    [Fact]
    public void The_own_text_of_All_is_not_escaped() => Assert.Equal("/^.*$/", Of(new(["a"], IsMulti: true) { AllText = ".*" }).Variables("/^${x:regex}$/"));

    [Fact]
    public void What_is_not_defined_goes_through_and_is_noted()
    {
        var query = Of(new(["a"]));

        Assert.Equal("$y a ${z:regex}", query.Variables("$y $x ${z:regex}"));
        Assert.Equal(["$y", "${z:regex}"], query.Undefined);
    }

    private static GrafanaQuery Of(GrafanaValue x) => new(0, Hour, new Dictionary<string, GrafanaValue> { ["x"] = x });
}
