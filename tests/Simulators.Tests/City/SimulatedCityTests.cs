using System.Text;
using Telemetry.Rules.Model;
using Telemetry.Simulators.City;
using Telemetry.Simulators.Physics;

namespace Telemetry.Simulators.Tests.City;

public sealed class SimulatedCityTests
{
    private static readonly DateTimeOffset Start = new(2024, 11, 24, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void The_same_seed_gives_the_same_city_and_the_same_first_10000_messages()
    {
        Assert.Equal(RegisterCsv.Write(New(seed: 5).Devices), RegisterCsv.Write(New(seed: 5).Devices));
        Assert.Equal(Messages(New(seed: 5), TimeSpan.FromMilliseconds(200)), Messages(New(seed: 5), TimeSpan.FromMilliseconds(200)));
    }

    [Fact]
    public void How_finely_time_is_cut_changes_nothing() =>
        Assert.Equal(Messages(New(seed: 5), TimeSpan.FromMilliseconds(37)), Messages(New(seed: 5), TimeSpan.FromSeconds(91)));

    [Fact]
    public void Another_seed_gives_another_city() =>
        Assert.NotEqual(RegisterCsv.Write(New(seed: 5).Devices), RegisterCsv.Write(New(seed: 6).Devices));

    [Theory]
    [InlineData(CityBuilder.Fewest)]
    [InlineData(2000)]
    public void It_has_all_families_in_sound_places_with_unique_ids(int count)
    {
        var devices = New(count: count).Devices;

        Assert.Equal(count, devices.Count);
        Assert.Equal(count, devices.Select(d => d.Id).Distinct().Count());
        Assert.Equal(PhysicsSet.Shipped.All.Count, devices.Select(d => d.Family).Distinct().Count());
        Assert.All(devices, d =>
        {
            Assert.True(DeviceId.IsValid(d.Id) && DeviceId.IsValid(d.Gateway), d.Id);
            Assert.InRange(d.Latitude!.Value, 28.1, 29.2);
            Assert.InRange(d.Longitude!.Value, 115.4, 116.6);
            Assert.Contains(Districts.All.Single(district => district.Name == d.District).Streets, street => street.Name == d.Street);
        });
    }

    [Fact]
    public void A_city_of_2000_covers_nine_districts_behind_20_gateways()
    {
        var city = New();

        Assert.Equal(9, city.Devices.Select(d => d.District).Distinct().Count());
        Assert.Equal(20, city.Gateways.Count);
    }

    [Fact]
    public void A_city_of_2000_reports_100_to_300_readings_a_second()
    {
        var readings = New().AdvanceTo(Start.AddMinutes(10)).OfType<ReadingDue>().Count();
        Assert.InRange(readings / 600.0, 100, 300);
    }

    [Fact]
    public void Sequence_numbers_count_up_by_one_and_times_never_go_back_for_each_device()
    {
        var readings = New().AdvanceTo(Start.AddMinutes(6)).OfType<ReadingDue>().Select(due => due.Reading).ToList();

        Assert.All(readings.GroupBy(r => r.Device), device =>
        {
            Assert.Equal(Enumerable.Range(1, device.Count()).Select(n => (long?)n), device.Select(r => r.Sequence));
            Assert.Equal(device.Select(r => r.EventTime).Order(), device.Select(r => r.EventTime));
        });
    }

    [Fact]
    public void Fewer_devices_than_the_story_needs_are_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => New(count: CityBuilder.Fewest - 1));

    private static SimulatedCity New(int seed = 1, int count = 2000) => new(count, seed, story: true, Start);

    private static List<string> Messages(SimulatedCity city, TimeSpan cut)
    {
        var now = Start;
        List<string> messages = [];
        while (messages.Count < 10_000)
        {
            now += cut;
            messages.AddRange(city.AdvanceTo(now).Select(Text));
        }
        return messages[..10_000];
    }

    private static string Text(CityEvent happening) => happening switch
    {
        ReadingDue { Reading: var reading } => NativePayload.Topic(reading) + " " + Encoding.UTF8.GetString(NativePayload.Write([reading])),
        _ => happening.ToString(),
    };
}
