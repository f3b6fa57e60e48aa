using System.Globalization;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;
using Telemetry.Simulators.City;

namespace Telemetry.Simulators.Tests.City;

/// <summary>The city speaks the language of the shipped family files.</summary>
public sealed class FamilyFitTests
{
    private static readonly FamilySet Families = FamilySet.Shipped();
    private static readonly DateTimeOffset Midnight = new(2024, 11, 23, 16, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Every_value_that_the_city_sends_is_of_a_known_channel_and_of_its_type() =>
        Assert.Empty(Values(story: true, TimeSpan.FromMinutes(12)).Select(Misfit).OfType<string>().Distinct());

    [Fact]
    public void Over_a_whole_day_normal_values_stay_within_their_channels_plausible_range() =>
        Assert.Empty(Values(story: false, TimeSpan.FromHours(24), devices: CityBuilder.Fewest).Select(v => Misfit(v) ?? Implausible(v)).OfType<string>().Distinct());

    [Fact]
    public void Incidents_stay_within_what_is_plausible() =>
        Assert.Empty(Values(story: true, TimeSpan.FromHours(2), devices: CityBuilder.Fewest).Select(Implausible).OfType<string>().Distinct());

    [Fact]
    public void Every_family_that_has_channels_has_devices_and_every_one_of_their_settings_is_known_and_readable()
    {
        var devices = new SimulatedCity(2000, 1, story: false, Midnight).Devices;

        Assert.Equal(Families.All.Where(f => !f.IsBuiltIn).Select(f => f.Name), devices.Select(d => d.Family).Distinct().Order(StringComparer.Ordinal));
        Assert.Empty(devices.SelectMany(d => d.Settings.Select(s => Misfit(d, s.Key, s.Value))).OfType<string>().Distinct());
    }

    [Theory]
    [InlineData("tunnel", "carbon_monoxide", 1, 30)]
    [InlineData("tunnel", "extinction_coefficient", 0.0004, 0.006)]
    [InlineData("tunnel", "air_velocity", 1.4, 6.5)]
    [InlineData("drainage_pump", "sump_level", 0.4, 2.0)]
    [InlineData("public_toilet", "ammonia", 0, 1)]
    [InlineData("gas_valve", "methane_lel", 0, 2)]
    [InlineData("manhole_cover", "tilt_angle", 0, 3)]
    [InlineData("gas_valve", "gas_pressure", 1.5, 3)]
    public void Normal_values_are_those_of_a_quiet_day(string family, string channel, double least, double most)
    {
        var numbers = Values(story: false, TimeSpan.FromHours(24), devices: CityBuilder.Fewest).Where(v => v.Family == family && v.Value.Channel == channel).Select(v => v.Value.Number).ToList();

        Assert.True(numbers.Count > 100);
        Assert.InRange(numbers.Min(), least, most);
        Assert.InRange(numbers.Max(), least, most);
    }

    private static IEnumerable<(string Family, ChannelValue Value)> Values(bool story, TimeSpan time, int devices = 400) =>
        new SimulatedCity(devices, 1, story, Midnight).AdvanceTo(Midnight + time).OfType<ReadingDue>()
            .SelectMany(due => due.Reading.Values.Select(value => (due.Reading.Family, value)));

    private static string? Misfit((string Family, ChannelValue Value) sent)
    {
        if (Families.Find(sent.Family)?.Find(sent.Value.Channel) is not { Channel: var channel })
            return $"{sent.Family} has no channel {sent.Value.Channel}";
        var fits = channel.Type switch
        {
            ChannelType.Boolean => sent.Value.Kind == ValueKind.Boolean,
            ChannelType.State => sent.Value.Kind == ValueKind.State && channel.States.Contains(sent.Value.State!),
            ChannelType.Integer => sent.Value.Kind == ValueKind.Number && double.IsInteger(sent.Value.Number),
            _ => sent.Value.Kind == ValueKind.Number,
        };
        return fits ? null : $"{sent.Family}: {sent.Value} is no {channel.Type}";
    }

    private static string? Implausible((string Family, ChannelValue Value) sent)
    {
        var channel = Families.Find(sent.Family)!.Find(sent.Value.Channel)!.Channel;
        return sent.Value.Number < channel.PlausibleMin || sent.Value.Number > channel.PlausibleMax ? $"{sent.Family}: {sent.Value} is not within {channel.PlausibleMin}..{channel.PlausibleMax}" : null;
    }

    private static string? Misfit(Device device, string name, string value)
    {
        if (Families.Find(device.Family)!.Settings.SingleOrDefault(s => s.Name == name) is not { } setting)
            return $"{device.Family} has no setting {name}";
        if (setting.States.Count > 0)
            return setting.States.Contains(value) ? null : $"{device.Family}.{name} cannot be {value}";
        return double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && !(number < setting.Min) && !(number > setting.Max)
            ? null
            : $"{device.Family}.{name} = {value} is not a number within {setting.Min}..{setting.Max}";
    }
}
