using Telemetry.Ingest.Devices;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Tests.Devices;

public class DeviceDirectoryTests
{
    private readonly DeviceDirectory _directory = new();

    [Theory]
    [InlineData("T-1", "T-1", "gs301", null)]
    [InlineData("t-1", "T-1", "gs301", null)]
    [InlineData("24E1", "T-1", "gs301", null)]
    [InlineData("24e2", "T-1", "vs330", 5)]
    [InlineData("24E3", "T-1", "vs330", null)]
    [InlineData("24E4", null, null, null)]
    [InlineData("", null, null, null)]
    public void Hardware_is_found_by_its_wire_id_in_either_case(string wireId, string? device, string? model, int? instance)
    {
        Set("T-1", "gs301", ("24e1", ""), ("24E2", "vs330 5"), ("24E3", "vs330"));
        var found = _directory.FindByWireId(wireId);
        Assert.Equal((device, model, instance), (found?.Device.Id, found?.Model, found?.Instance));
    }

    [Fact]
    public void A_device_that_changes_is_found_as_it_is_now()
    {
        Set("T-1", "gs301", ("24E1", ""), ("24E2", "vs330 5"));
        Set("T-1", "gs302", ("24e1", ""), ("24E3", "vs330 6"));
        Assert.Equal(("T-1", "gs302"), (_directory.FindByWireId("24E1")?.Device.Id, _directory.FindByWireId("24E1")?.Model));
        Assert.Null(_directory.FindByWireId("24E2"));
        Assert.Equal(6, _directory.FindByWireId("24E3")?.Instance);
    }

    [Fact]
    public void Hardware_that_moved_to_another_device_stays_there_when_the_first_gives_it_up()
    {
        Set("T-1", null, ("24E1", ""));
        Set("T-2", null, ("24E1", ""));
        Set("T-1", null);
        Assert.Equal("T-2", _directory.FindByWireId("24E1")?.Device.Id);
        Set("T-2", null);
        Assert.Null(_directory.FindByWireId("24E1"));
    }

    [Fact]
    public void Ids_that_differ_in_case_alone_each_find_themselves()
    {
        Set("AB", null);
        Set("ab", null);
        Assert.Equal(("AB", "ab", "AB"), (_directory.FindByWireId("AB")?.Device.Id, _directory.FindByWireId("ab")?.Device.Id, _directory.FindByWireId("Ab")?.Device.Id));
    }

    [Fact]
    public void A_declared_sensor_comes_before_a_device_that_came_by_its_name()
    {
        _directory.Set(new Device { Id = "24E1", Family = "toilet", State = "provisional" });
        Set("T-1", null, ("24E1", "vs330 1"));
        Assert.Equal(("T-1", 1), (_directory.FindByWireId("24E1")?.Device.Id, _directory.FindByWireId("24E1")?.Instance));
        Set("T-1", null);
        Assert.Equal("24E1", _directory.FindByWireId("24E1")?.Device.Id);
    }

    [Fact]
    public void Looking_up_allocates_nothing()
    {
        Set("T-1", "gs301", ("24E1", "vs330 5"));
        var wireId = "24e1".ToCharArray();
        Assert.NotNull(_directory.FindByWireId(wireId));
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
            _directory.FindByWireId(wireId);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private void Set(string id, string? model, params (string WireId, string Text)[] sensors) => _directory.Set(new Device
    {
        Id = id,
        Family = "toilet",
        Model = model,
        Sensors = new SortedDictionary<string, string>(sensors.ToDictionary(each => each.WireId, each => each.Text), StringComparer.Ordinal),
    });
}
