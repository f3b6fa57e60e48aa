using System.Reactive.Subjects;
using System.Text;
using System.Text.Json;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;

namespace Telemetry.Rules.Tests.Pipeline;

/// <summary>What the register says of a device stands in a checkpoint whole.</summary>
public sealed class RegisterCheckpointTests
{
    private const long Now = 1_790_000_000_000;

    private static readonly Device Full = new()
    {
        Id = "ps-7", Family = "drainage_pump", Model = "m", Gateway = "gw-1", District = "d", Street = "s", Latitude = 31.2, Longitude = 121.5, Address = "a", Parent = "p", Heartbeat = "12h", State = "commissioning",
        StateUntil = "2026-09-21T18:00:00.000Z", StateReason = "r", Exercise = "e",
        Settings = new Dictionary<string, string> { ["well_depth"] = "2.4 m", ["rated_flow"] = "300 m3/h" },
        Links = new Dictionary<string, string> { ["gauge"] = "g-1" },
        Sensors = new Dictionary<string, string> { ["24E1"] = "milesight-vs330 5" },
    };

    // Fails for a property that was added to Device and not to this example.
    [Fact]
    public void The_example_says_something_of_everything_that_the_register_knows()
    {
        var empty = new Device { Id = "", Family = "" };
        foreach (var property in typeof(Device).GetProperties().Where(property => property.CanWrite))
            Assert.NotEqual(property.GetValue(empty), property.GetValue(Full));
    }

    [Fact]
    public void A_device_comes_back_as_it_was_entered() =>
        Assert.Equal(JsonSerializer.Serialize(Full), JsonSerializer.Serialize(Assert.Single(EnteredAndLoaded(Full))));

    [Fact]
    public void What_the_register_does_not_say_stays_unsaid()
    {
        var bare = new Device { Id = "ps-8", Family = "drainage_pump" };
        Assert.Equal(bare, Assert.Single(EnteredAndLoaded(bare)));
    }

    [Fact]
    public void Devices_share_the_texts_that_they_have_in_common()
    {
        var loaded = EnteredAndLoaded(Full, Full with { Id = "ps-8", Street = new string(Full.Street) });
        Assert.Equal(["ps-7", "ps-8"], loaded.Select(device => device.Id));
        Assert.Same(loaded[0].Street, loaded[1].Street);
    }

    private static List<Device> EnteredAndLoaded(params Device[] devices)
    {
        var pipeline = new RulePipeline(60_000);
        using var entries = new Subject<LogEntry>();
        using var running = pipeline.Run(entries).Subscribe(_ => { });
        foreach (var family in FamilySet.Shipped().All)
            entries.OnNext(new FamilyEntry(family.Name, family.Text, family.Hash) { Time = Now });
        foreach (var device in devices)
            entries.OnNext(new DeviceEntry(device, "import") { Time = Now });
        using var bytes = new MemoryStream();
        using (var into = new BinaryWriter(bytes, Encoding.UTF8, leaveOpen: true))
            pipeline.Save(into);
        bytes.Position = 0;
        using var from = new BinaryReader(bytes, Encoding.UTF8);
        var loaded = new RulePipeline(60_000);
        loaded.Load(from);
        Assert.Equal(bytes.Length, bytes.Position);
        return [.. loaded.Fleet.Devices.Select(device => device.Device)];
    }
}
