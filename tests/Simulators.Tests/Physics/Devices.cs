using Telemetry.Rules.Families;
using Telemetry.Rules.Model;
using Telemetry.Simulators.City;
using Telemetry.Simulators.Physics;
using Telemetry.Simulators.Physics.Reading;

namespace Telemetry.Simulators.Tests.Physics;

/// <summary>Devices that stand in no city, at noon of a dry day.</summary>
internal static class Devices
{
    /// <summary>A Thursday in June, 12:00 in China.</summary>
    private static readonly DateTimeOffset Noon = new(2024, 6, 20, 4, 0, 0, TimeSpan.Zero);

    private static readonly FamilySet Families = FamilySet.Shipped();

    /// <param name="changes">Of the shipped physics file's text.</param>
    public static DevicePhysics Of(string family, params (string Before, string After)[] changes) => Of(family, 1, changes);

    public static DevicePhysics Of(string family, int seed, params (string Before, string After)[] changes) =>
        Physics(family, changes).Create(new Random(seed), Around(), number: 4);

    public static FamilyPhysics Physics(string family, params (string Before, string After)[] changes)
    {
        var text = PhysicsSet.ShippedFiles().Single(shipped => shipped.File == family + ".yaml").Text;
        foreach (var (before, after) in changes)
        {
            Assert.Contains(before, text, StringComparison.Ordinal);
            text = text.Replace(before, after, StringComparison.Ordinal);
        }
        var result = PhysicsReader.Read(family + ".yaml", text, Families);
        Assert.Empty(result.Errors);
        return result.Physics!;
    }

    public static Surroundings Around(double hour = 12, Weather? weather = null) =>
        new(new Sky(weather ?? Weather.Mild, Noon), 0, Noon.AddHours(hour - 12).ToUnixTimeMilliseconds());

    public static Dictionary<string, ChannelValue> Values(this DevicePhysics physics)
    {
        var values = new ValueList();
        physics.Report(values, disturbed: true);
        return values.ToArray().ToDictionary(value => value.Channel);
    }

    public static void Advance(this DevicePhysics physics, int seconds, int step = 10)
    {
        for (var passed = 0; passed < seconds; passed += step)
            physics.Advance(step, Around());
    }
}
