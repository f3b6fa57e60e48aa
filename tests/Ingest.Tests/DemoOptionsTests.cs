using Microsoft.Extensions.Configuration;
using Telemetry.Ingest.Hosting;

namespace Telemetry.Ingest.Tests;

public sealed class DemoOptionsTests
{
    private static (ServiceOptions Options, IReadOnlyList<string> Errors) Read(params (string Key, string Value)[] settings) =>
        OptionsReader.Read(new ConfigurationBuilder().AddInMemoryCollection(settings.ToDictionary(setting => setting.Key, string? (setting) => setting.Value)).Build());

    [Fact]
    public void All_mistakes_come_at_once() =>
        Assert.Equal(
            ["Demo:Devices = 39: a whole number from 40 to 1000000", "Demo:Seed = -1: a whole number from 0 to 2147483647", "Demo:Speed = 21: a whole number from 1 to 20"],
            Read(("Demo", "true"), ("Demo:Devices", "39"), ("Demo:Seed", "-1"), ("Demo:Speed", "21")).Errors.Order());

    [Fact]
    public void The_fewest_devices_make_a_city()
    {
        var (options, errors) = Read(("Demo", "true"), ("Demo:Devices", "40"), ("Demo:Speed", "20"));
        Assert.Empty(errors);
        Assert.Equal((40, 20), (options.DemoDevices, options.DemoSpeed));
    }

    [Fact]
    public void Only_a_demonstration_has_a_clock_of_its_own() =>
        Assert.Equal(["Demo:Speed = 2: only a demonstration has a clock of its own: give Demo too, or leave this out"], Read(("Demo:Speed", "2")).Errors);
}
