using CsCheck;
using Telemetry.Rules.Families;
using Telemetry.Simulators.City;
using Telemetry.Simulators.Physics;
using Telemetry.Simulators.Physics.Reading;

namespace Telemetry.Simulators.Tests.Physics;

public sealed class PhysicsReaderFuzzTests
{
    private static readonly FamilySet Families = FamilySet.Shipped();
    private static readonly string[] Shipped = [.. PhysicsSet.ShippedFiles().Select(file => file.Text)];
    private static readonly string[] Bits = ["{", "}", "[", "]", ":", ",", "#", "\"", "0", "-1", "1e300", "..", " ", "\n", "states", "{n}", "/ 0", "* 1e300", "null", "水", "row", "%", "9999999999"];

    /// <summary>A shipped file with a few pieces cut out, doubled or put in.</summary>
    [Fact]
    public void Any_text_gives_physics_that_runs_or_errors_with_a_place() =>
        Gen.Select(Gen.Int[0, Shipped.Length - 1], Gen.Select(Gen.Int[0, 10_000], Gen.Int[0, 60], Gen.Int[0, Bits.Length + 1]).Array[1, 4]).Repeatably().Sample(
            (file, changes) =>
            {
                var text = changes.Aggregate(Shipped[file], (before, change) => Changed(before, change.Item1 % before.Length, change.Item2, change.Item3));
                var result = PhysicsReader.Read("p.yaml", text, Families);
                if (result.Physics is { } physics)
                    Run(physics);
                else
                    Assert.All(result.Errors, error => Assert.True(error.Line > 0 && error.Message.Length > 0));
                Assert.NotEqual(result.Physics is null, result.Errors.Count == 0);
            }, iter: 1000);

    private static string Changed(string text, int at, int length, int how)
    {
        length = Math.Min(length, text.Length - at);
        return how == Bits.Length ? text.Remove(at, length) + " " : how > Bits.Length ? text.Insert(at, text.Substring(at, length)) : text.Insert(at, Bits[how]);
    }

    private static void Run(FamilyPhysics physics)
    {
        var device = physics.Create(new Random(1), Devices.Around());
        foreach (var incident in physics.Incidents.Values)
        {
            device.Happen(incident.Name, incident.Draw(new Random(1)), Devices.Around());
            device.Advance(30);
            device.Report(new ValueList(), disturbed: true);
            device.Happen(Incident.Restored, 0, Devices.Around());
        }
    }
}
