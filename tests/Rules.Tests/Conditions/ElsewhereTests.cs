using Telemetry.Rules.Conditions;
using Telemetry.Rules.Families;

namespace Telemetry.Rules.Tests.Conditions;

/// <summary>Functions over other devices, places and the calendar, as texts; what they do stands in the timelines.</summary>
public class ElsewhereTests
{
    private static readonly ConditionScope WithHours = Station.Scope with
    {
        Settings = [.. Station.AllSettings, new Setting { Name = "open_hours", Index = Station.AllSettings.Count, IsHours = true, Title = new Title("Hours", "时间") }],
    };

    [Theory]
    [InlineData("count_in(street, cover_open, 30m) >= 3", "street alarm(cover_open) 1800")]
    [InlineData("count_in(catchment, sump_level > high_level - 0.2 m) >= 3", "catchment sump_level > high_level - 0.2 m 0")]
    [InlineData("count_in(gauge, alarm(pressure_low) || alarm(leak_high), 10m) >= 10", "gauge alarm(pressure_low) || alarm(leak_high) 600")]
    public void What_a_place_counts_is_asked_of_its_devices_and_not_of_this_one(string text, string counted)
    {
        var condition = Station.Compile(text);
        var count = Assert.Single(condition.Counts);
        var source = count.Source.Rule is { } rule ? $"alarm({rule})" : count.Source.Text;
        Assert.Equal(counted, $"{count.Place} {source} {count.Span / 1000}");
        Assert.Empty(condition.Channels);
        Assert.True(condition.IsOfPlacesAlone);
    }

    [Theory]
    [InlineData("high_float || count_in(street, cover_open, 30m) >= 3")]
    [InlineData("count_in(street, cover_open, 30m) >= 3 && !work_order")]
    [InlineData("count_in(street, cover_open, 30m) >= 3 && neighbour(high_float)")]
    [InlineData("alarm(cover_open) && count_in(street, cover_open, 30m) >= 3")]
    public void A_condition_that_asks_anything_of_the_device_is_the_devices(string text) => Assert.False(Station.Compile(text).IsOfPlacesAlone);

    [Fact]
    public void Equal_counts_of_a_family_are_one() =>
        Assert.Single(Station.Compile("count_in(street, cover_open, 30m) >= 3 || count_in(street, cover_open, 30m) == 1").Counts);

    [Fact]
    public void A_neighbour_is_asked_and_the_own_channel_only_where_it_is_named()
    {
        var condition = Station.Compile("increase(extinction_coefficient, 30s) > 0.005 m-1 && neighbour(carbon_monoxide > 70 ppm)");
        Assert.Equal(["extinction_coefficient"], condition.Channels.Select(channel => channel.Name));
        Assert.Equal("carbon_monoxide > 70 ppm", Assert.Single(condition.Neighbours).Text);
    }

    [Theory]
    [InlineData("work_order", "")]
    [InlineData("work_order(\"entry\") && (oxygen < 19.5 % || work_order(\"cover\"))", "entry cover")]
    [InlineData("rain_forecast", "")]
    [InlineData("closed_hours", "")]
    public void The_calendar_is_asked_for(string text, string workOrders)
    {
        var result = ConditionCompiler.Compile(text, WithHours);
        Assert.True(result.Condition!.AsksCalendar);
        Assert.Equal(workOrders, string.Join(' ', result.Condition.WorkOrders));
    }

    [Theory]
    [InlineData("closed_hours", "closed_hours needs the setting open_hours: {hours: true, default: 06:00-22:00, title: …}")]
    [InlineData("held(work_order, 10m)", "'work_order' stands in no other function: it changes without a reading, and nothing looks back on it; give the rule a delay")]
    [InlineData("count_in(street, neighbour(high_float)) >= 3", "'neighbour(high_float)' stands in no other function: it changes without a reading, and nothing looks back on it; give the rule a delay")]
    public void What_cannot_be_said_is_refused(string text, string message) =>
        Assert.Equal(message, Assert.Single(ConditionCompiler.Compile(text, Station.Scope).Errors).Message);

    [Fact]
    public void A_neighbour_has_instances_of_its_own()
    {
        var result = ConditionCompiler.Compile("neighbour(fan_state == fault)", Station.Scope with { Each = "fan" });
        Assert.Equal("there is one 'fan_state == fault' per fan, and a neighbour has others; write neighbour(any(fan_state == fault))", Assert.Single(result.Errors).Message);
    }

    [Fact]
    public void Several_conditions_hold_together()
    {
        var result = ConditionCompiler.CompileAll(["high_float || call_point", "wet"], Station.Scope);
        Assert.Empty(result.Errors);
        Assert.Equal("(high_float || call_point) && (wet)", result.Condition!.Text);
        Assert.Equal(Truth.False, result.Condition.Evaluate(new Station().With("high_float", 1).With("sump_level", 1)));
        Assert.Equal(Truth.True, result.Condition.Evaluate(new Station().With("high_float", 1).With("sump_level", 2)));
        var error = Assert.Single(ConditionCompiler.CompileAll(["high_float", "wett"], Station.Scope).Errors);
        Assert.Equal("wett", error.Text);
    }

    [Theory]
    [InlineData("06:00-22:00", "05:59 closed 06:00 open 21:59 open 22:00 closed")]
    [InlineData("22:00-02:00", "21:59 closed 22:00 open 01:59 open 02:00 closed")]
    [InlineData("00:00-24:00", "00:00 open 12:00 open 23:59 open")]
    public void Opening_hours_are_those_of_the_city(string hours, string expected)
    {
        Assert.True(OpenHours.TryParse(hours, out var value));
        Assert.Equal(hours, OpenHours.Shown(value));
        var parts = expected.Split(' ');
        for (var i = 0; i < parts.Length; i += 2)
            Assert.Equal(parts[i + 1] == "open", OpenHours.IsOpen(value, At(parts[i])));
    }

    [Theory]
    [InlineData("06:00", "06:00-22:00", "22:00")]
    [InlineData("22:00", "06:00-22:00", "06:00")]
    [InlineData("05:59", "06:00-22:00", "06:00")]
    [InlineData("23:00", "22:00-02:00", "02:00")]
    public void The_next_opening_or_closing_lies_after_the_moment(string after, string hours, string next)
    {
        Assert.True(OpenHours.TryParse(hours, out var value));
        var at = OpenHours.NextChange(value, At(after));
        Assert.True(at > At(after));
        Assert.Equal(At(next) % 86_400_000, at % 86_400_000);
    }

    [Theory]
    [InlineData("6:00-22:00")]
    [InlineData("06:00")]
    [InlineData("06:00-06:00")]
    [InlineData("24:00-06:00")]
    [InlineData("06:60-22:00")]
    [InlineData("06:00-25:00")]
    public void What_is_no_opening_hours_is_refused(string text) => Assert.False(OpenHours.TryParse(text, out _));

    /// <summary>On some day, in the city's time.</summary>
    private static long At(string clock) => DateTimeOffset.Parse($"2026-11-25T{clock}:00+08:00", System.Globalization.CultureInfo.InvariantCulture).ToUnixTimeMilliseconds();
}
