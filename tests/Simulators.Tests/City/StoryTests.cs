using Telemetry.Simulators.City;
using Telemetry.Simulators.Physics;

namespace Telemetry.Simulators.Tests.City;

public sealed class StoryTests
{
    private static readonly DateTimeOffset Start = new(2024, 11, 24, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(CityBuilder.Fewest)]
    [InlineData(2000)]
    public void The_opening_names_only_devices_and_gateways_that_exist(int count)
    {
        var city = new SimulatedCity(count, 1, story: true, Start);
        var known = city.Devices.Select(d => d.Id).Concat(Districts.All.SelectMany(d => Enumerable.Range(0, d.Gateways).Select(i => CityBuilder.GatewayOf(d, i))));

        Assert.Empty(Story.Opening.Select(e => e.Device).Except(known));
    }

    [Fact]
    public void The_opening_is_in_order_and_restores_all_that_it_disturbs()
    {
        Assert.Equal(Story.Opening.OrderBy(e => e.At), Story.Opening);
        Assert.All(
            Story.Opening.GroupBy(e => e.Device),
            device => Assert.True(device.Last().What is Incident.Restored or Incident.GatewayReturns, device.Key));
    }

    [Fact]
    public void Within_three_minutes_it_touches_every_family_and_a_gateway()
    {
        var touched = Story.Opening.Where(e => e.At < TimeSpan.FromMinutes(3)).ToList();

        Assert.All(PhysicsSet.Shipped.All, family => Assert.Contains(touched, e => family.Find(e.What) is not null));
        Assert.Contains(touched, e => e.What == Incident.GatewayDies);
    }

    [Fact]
    public void After_the_opening_about_an_incident_a_minute_strikes_an_undisturbed_device_and_ends_again()
    {
        var city = new SimulatedCity(2000, 1, story: true, Start);
        var stream = new IncidentStream(1, city.Devices.ToLookup(d => d.Family, d => d.Id));
        var end = TimeSpan.FromHours(5);
        HashSet<string> disturbed = [];
        var struck = 0;
        while (stream.Next(end) is { } happening)
        {
            if (happening.At < Story.Opening[^1].At + TimeSpan.FromSeconds(1) && Story.Opening.Contains(happening))
                continue;
            if (happening.What == Incident.Restored)
            {
                Assert.True(disturbed.Remove(happening.Device));
            }
            else
            {
                Assert.True(disturbed.Add(happening.Device));
                struck++;
            }
        }

        Assert.InRange(struck, 240, 360);
        Assert.InRange(disturbed.Count, 0, 10);
    }

    [Fact]
    public void Without_a_story_nothing_is_out_of_the_ordinary()
    {
        var city = new SimulatedCity(2000, 1, story: false, Start);
        var states = city.AdvanceTo(Start.AddMinutes(10)).Cast<ReadingDue>().SelectMany(due => due.Reading.Values).Where(v => v.State is not null).Select(v => v.State).Distinct();

        Assert.Equal(["auto", "forward", "green", "mains", "normal", "ok", "open"], states.Order());
    }
}
