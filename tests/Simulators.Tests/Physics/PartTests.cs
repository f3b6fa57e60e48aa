using Telemetry.Rules.Families;
using Telemetry.Simulators.City;
using Telemetry.Simulators.Physics;
using Telemetry.Simulators.Physics.Reading;

namespace Telemetry.Simulators.Tests.Physics;

/// <summary>What each word of a physics file does to a value, seen through one number of a cover.</summary>
public sealed class PartTests
{
    [Theory]
    [InlineData("1 + 2 * 3 - 4 / 2", 5)]
    [InlineData("-three", -3)]
    [InlineData("three / nothing", 0)]
    [InlineData("three > 2 and not (three == 4)", 1)]
    [InlineData("three < 2 or nothing", 0)]
    [InlineData("50 % of three", 1.5)]
    [InlineData("min(three, 1) + max(three, 1) + abs(-three) + sqrt(three * 3)", 10)]
    [InlineData("if(three >= 3, 7, 8)", 7)]
    [InlineData("if(kind is b, 7, 8)", 8)]
    [InlineData("if(kind is not b, 7, 8)", 7)]
    public void A_formula_is_what_a_pencil_makes_of_it(string formula, double expected) => Assert.Equal(expected, Number(Of($"x: \"{formula}\"")), 9);

    [Fact]
    public void A_lag_has_two_thirds_of_its_way_behind_it_after_its_time_however_finely_it_is_cut()
    {
        foreach (var step in new[] { 1, 5, 10 })
        {
            var device = Of("x: {follow: nothing, over: 60s}");
            device.Happen("set_nothing", 0, Devices.Around());
            device.Advance(60, step);
            Assert.Equal(1 - Math.Exp(-1), Number(device), 6);
        }
    }

    [Fact]
    public void A_balance_adds_what_comes_in_its_time_and_stays_within_its_walls()
    {
        var device = Of("x: {adds: three, per: h, from: 1, within: 0..2}");
        device.Advance(600);
        Assert.Equal(1.5, Number(device), 9);
        device.Advance(3600);
        Assert.Equal(2, Number(device));
    }

    [Fact]
    public void A_switch_stays_as_it_is_between_its_two_conditions()
    {
        var device = Of("y: {adds: 1, per: s, from: 0}\n  x: {on: y >= 50 and y < 60, off: y >= 100}");
        device.Advance(40);
        Assert.Equal(0, Number(device));
        device.Advance(50);
        Assert.Equal(1, Number(device));
        device.Advance(10);
        Assert.Equal(0, Number(device));
    }

    [Theory]
    [InlineData(6, 0.5)]
    [InlineData(8, 1)]
    [InlineData(20, 1)]
    [InlineData(23, 0.6)]
    [InlineData(0, 0.5)]
    public void A_profile_is_a_line_through_its_points_and_goes_on_over_midnight(double hour, double expected)
    {
        // From 22:00 it falls from 0.7 by 0.1 an hour to 0.2 at 03:00.
        var device = Of("x: {profile: {\"03:00\": 0.2, \"08:00\": 0.7, \"08:01\": 1, \"20:00\": 1, \"22:00\": 0.7}}");
        device.Advance(0, Devices.Around(hour == 8 ? 8.5 : hour));
        Assert.Equal(hour == 8 ? 1 : expected, Number(device), 2);
    }

    [Fact]
    public void A_wander_stays_within_three_deviations_about_its_mean_and_has_its_deviation()
    {
        var device = Of("x: {wander: three, by: 0.5, over: 1min}");
        var numbers = Enumerable.Range(0, 20_000).Select(_ =>
        {
            device.Advance(10);
            return Number(device);
        }).ToList();

        Assert.All(numbers, number => Assert.InRange(number, 1.5, 4.5));
        Assert.Equal(3, numbers.Average(), 0.05);
        Assert.Equal(0.5, Math.Sqrt(numbers.Average(number => (number - 3) * (number - 3))), 0.05);
    }

    [Fact]
    public void Surroundings_are_the_hour_the_sun_the_rain_and_the_streets()
    {
        var rain = new Weather(20, 5, [new Storm(TimeSpan.Zero, 270, 60, [(TimeSpan.Zero, 50)])]);
        Assert.Equal(12, Number(Of("x: hour")));
        Assert.Equal(0, Number(Of("x: dark or weekend")));
        Assert.True(Number(Of("x: busy")) is > 0.3 and < 0.6);
        var device = Of("x: rain * 1000 + temperature");
        device.Advance(0, Devices.Around(12 + 2, rain));
        Assert.Equal(50_000 + 20 + (5 * Math.Cos(Math.PI / 12)), Number(device), 3);
        device.Advance(0, Devices.Around());
        device = Of("x: dark");
        device.Advance(0, Devices.Around(23));
        Assert.Equal(1, Number(device));
    }

    private static double Number(DevicePhysics device) => device.Values()["well_water_level"].Number;

    private static DevicePhysics Of(string values)
    {
        var result = PhysicsReader.Read("p.yaml",
            $$$"""
            family: manhole_cover
            source: this test
            share: rest
            id: cover-{number}
            every: 10s
            parameters:
              three: 3
              nothing: 0
              kind: {states: [a, b]}
            values:
              unused: three + nothing + if(kind is a, 1, 0)
              {{{values}}}
            report:
              well_water_level: {is: x, decimals: 6}
            incidents:
              set_nothing: {set: {nothing: 1}}
            """, FamilySet.Shipped());
        Assert.Empty(result.Errors);
        return result.Physics!.Create(new Random(1), Devices.Around());
    }
}
