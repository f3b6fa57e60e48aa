using Telemetry.Ingest.Devices;
using Telemetry.Ingest.Store;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Tests.Store;

public class PlaceHistoryTests
{
    private readonly DeviceDirectory _directory = new();
    private readonly PlaceHistory _places;

    public PlaceHistoryTests() => _places = new PlaceHistory(_directory);

    [Fact]
    public void A_device_stands_where_the_register_says_from_the_change_on_and_before_it_where_it_stood()
    {
        Set(1, "Yuexiu", "A");
        Set(10, "Liwan", "B");
        Set(20, "Liwan", "C");
        Assert.Equal(["Yuexiu A", "Yuexiu A", "Liwan B", "Liwan B", "Liwan C", "Liwan C"], new long[] { 1, 9, 10, 19, 20, 99 }.Select(At));
    }

    [Fact]
    public void A_change_of_anything_else_is_not_kept()
    {
        Set(1, "Yuexiu", "A");
        var device = _directory.Find("PS-1")! with { Gateway = "GW-2", State = "live" };
        _places.Changing(5, device);
        _directory.Set(device);
        Assert.Equal(4 + sizeof(long), Saved().Length);
    }

    [Fact]
    public void An_unknown_device_has_no_place() => Assert.Equal(default, _places.At("PS-9", 3));

    [Fact]
    public void What_all_stores_hold_is_forgotten()
    {
        Set(1, "Yuexiu", "A");
        for (var position = 2; position < 100; position++)
            Set(position, "Liwan", $"S{position}");
        _places.Forget(98);
        Assert.Equal("Liwan S98", At(98));
        Assert.Equal("Liwan S99", At(99));
        _places.Forget(99);
        Assert.Equal(4 + sizeof(long), Saved().Length);
    }

    [Fact]
    public void A_replay_adds_nothing_that_is_kept_or_forgotten_already()
    {
        Set(1, "Yuexiu", "A");
        Set(10, "Liwan", "B");
        Set(20, "Tianhe", "C");
        _places.Forget(10);
        var after = Saved();
        _places.Changing(10, Device("Elsewhere", "X"));
        _places.Changing(20, Device("Elsewhere", "X"));
        Assert.Equal(after, Saved());
    }

    [Fact]
    public void A_checkpoint_brings_back_what_is_not_forgotten()
    {
        Set(1, null, null);
        Set(10, "Liwan", null);
        Set(20, "Liwan", "C");
        var loaded = new PlaceHistory(_directory);
        using var reader = new BinaryReader(new MemoryStream(Saved()));
        loaded.Load(reader);
        Assert.Equal(default, loaded.At("PS-1", 9));
        Assert.Equal(new Place("Liwan", null), loaded.At("PS-1", 19));
        Assert.Equal(new Place("Liwan", "C"), loaded.At("PS-1", 20));
    }

    private string At(long position) => $"{_places.At("PS-1", position).District} {_places.At("PS-1", position).Street}";

    private void Set(long position, string? district, string? street)
    {
        _places.Changing(position, Device(district, street));
        _directory.Set(Device(district, street));
    }

    private static Device Device(string? district, string? street) => new() { Id = "PS-1", Family = "drainage_pump", District = district, Street = street };

    private byte[] Saved()
    {
        using var stream = new MemoryStream();
        using (var writer = new BinaryWriter(stream, System.Text.Encoding.UTF8, leaveOpen: true))
            _places.Save(writer);
        return stream.ToArray();
    }
}
