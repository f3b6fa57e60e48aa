using Telemetry.Simulators.City;

namespace Telemetry.Simulators.Tests.City;

public sealed class WeatherTests
{
    private static readonly DateTimeOffset Start = new(2024, 6, 20, 8, 0, 0, TimeSpan.Zero);
    private static readonly Storm FromTheWest = new(TimeSpan.FromMinutes(5), 270, 60, [(TimeSpan.Zero, 20), (TimeSpan.FromMinutes(10), 80), (TimeSpan.FromMinutes(30), 0)]);

    [Fact]
    public void A_storm_reaches_the_districts_in_the_order_of_its_way()
    {
        var order = Districts.All.OrderBy(district => FromTheWest.ReachesAfter(Districts.IndexOf(district.Name))).ToList();

        Assert.Equal(Districts.All.OrderBy(district => district.Longitude).Select(district => district.Name), order.Select(district => district.Name));
        Assert.Equal(FromTheWest.At, FromTheWest.ReachesAfter(Districts.IndexOf(order[0].Name)));
        // From Anyi to Jinxian it is 68 km to the east, an hour and eight minutes at 60 km/h.
        Assert.InRange((FromTheWest.ReachesAfter(Districts.IndexOf("Jinxian")) - FromTheWest.At).TotalMinutes, 65, 71);
    }

    [Fact]
    public void A_storm_from_the_east_comes_the_other_way_round()
    {
        var fromTheEast = FromTheWest with { From = 90 };
        for (var index = 0; index < Districts.All.Count; index++)
            Assert.InRange((FromTheWest.ReachesAfter(Districts.IndexOf("Jinxian")) - FromTheWest.ReachesAfter(index) - (fromTheEast.ReachesAfter(index) - fromTheEast.At)).TotalSeconds, -2, 2);
    }

    [Fact]
    public void It_rains_on_a_district_along_the_hydrograph_from_when_the_front_is_there()
    {
        var sky = new Sky(new Weather(25, 4, [FromTheWest]), Start);
        foreach (var name in new[] { "Anyi", "Donghu", "Jinxian" })
        {
            var district = Districts.IndexOf(name);
            var front = Start + FromTheWest.ReachesAfter(district);
            Assert.Equal([0, 20, 50, 80, 40, 0], new[] { -1.0, 0, 5, 10, 20, 31 }.Select(minutes => Math.Round(sky.Rain(district, front.AddMinutes(minutes).ToUnixTimeMilliseconds()), 6)));
        }
    }

    [Fact]
    public void The_sun_sets_over_Nanchang_when_it_should()
    {
        // 20 June: down from 19:17 to 05:16; 21 December: from 17:11 to 07:01. To half an hour.
        Assert.Equal([(5, true), (6, false), (19, false), (20, true)], Dark(new DateTime(2024, 6, 20), 5, 6, 19, 20));
        Assert.Equal([(6, true), (8, false), (17, false), (18, true)], Dark(new DateTime(2024, 12, 21), 6, 8, 17, 18));
    }

    [Fact]
    public void Devices_have_the_weather_of_their_district_in_the_register()
    {
        var drawn = new SimulatedCity(CityBuilder.Fewest, 1, [], Start).Devices;
        var moved = drawn.Select(device => device.Id == "pump-001" ? device with { District = "Jinxian" } : device.Id == "pump-002" ? device with { District = "Anyi" } : device).ToList();
        var city = new SimulatedCity(CityBuilder.Fewest, 1, [], Start, weather: new Weather(25, 4, [FromTheWest]), register: moved);
        var rain = city.AdvanceTo(Start.AddMinutes(90)).OfType<ReadingDue>()
            .Select(due => (due.Reading, Rain: due.Reading.Values.Where(value => value.Channel == "rainfall_intensity").Sum(value => value.Number))).Where(each => each.Rain > 0)
            .GroupBy(each => each.Reading.Device).ToDictionary(device => device.Key, device => TimeSpan.FromMilliseconds(device.First().Reading.EventTime - Start.ToUnixTimeMilliseconds()));

        Assert.InRange((rain["pump-001"] - FromTheWest.ReachesAfter(Districts.IndexOf("Jinxian"))).TotalSeconds, 0, 10);
        Assert.InRange((rain["pump-002"] - FromTheWest.ReachesAfter(Districts.IndexOf("Anyi"))).TotalSeconds, 0, 10);
    }

    private static IEnumerable<(int, bool)> Dark(DateTime day, params int[] hours) =>
        hours.Select(hour => (hour, new Surroundings(new Sky(Weather.Mild, Start), 0, new DateTimeOffset(day, TimeSpan.FromHours(8)).AddHours(hour).ToUnixTimeMilliseconds()).Dark));
}
