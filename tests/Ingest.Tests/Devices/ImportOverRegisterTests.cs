using System.Text;
using Microsoft.Extensions.Time.Testing;
using Telemetry.Ingest.Api;
using Telemetry.Ingest.Devices;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Tests.Devices;

/// <summary>A file with some columns, over devices that have more than these: an asset system sends what it knows, and wipes nothing else.</summary>
public class ImportOverRegisterTests
{
    private static readonly Device Known = new()
    {
        Id = "PS-1",
        Family = "drainage_pump",
        Model = "flygt-3127",
        Gateway = "gw-1",
        District = "黄浦",
        Street = "南京路",
        Latitude = 31.2304,
        Longitude = 121.4737,
        Address = "1 Bund",
        Parent = "PH-1",
        Heartbeat = "12h",
        State = "test",
        StateUntil = "2026-06-01T08:00:00Z",
        StateReason = "calibration",
        Exercise = "spring",
        Settings = new SortedDictionary<string, string> { ["high_level"] = "2.4" },
        Links = new SortedDictionary<string, string> { ["gauge"] = "RG-1", ["catchment"] = "C-1" },
        Sensors = new SortedDictionary<string, string> { ["24E1"] = "" },
    };

    private readonly DeviceDirectory _devices = new();
    private readonly DeviceImporter _importer;

    public ImportOverRegisterTests()
    {
        _devices.Set(Known);
        _importer = new DeviceImporter(new DeviceValidator(new FamilyCatalog(SomeFamilies.All)), new RegisterConflicts(_devices), new FakeTimeProvider(new DateTimeOffset(2026, 6, 1, 1, 0, 0, TimeSpan.Zero)));
    }

    [Theory]
    [InlineData("id,family\nPS-1,drainage_pump", "")]
    [InlineData("id,family,gateway,district,street\nPS-1,drainage_pump,gw-2,黄浦,北京路", "gateway street")]
    [InlineData("id,family,street,settings.high_level\nPS-1,drainage_pump,,", "settings.high_level street")]
    [InlineData("id,family,links.gauge\nPS-1,drainage_pump,RG-2", "links.gauge")]
    [InlineData("id,family,links.catchment\nPS-1,drainage_pump,", "links.catchment")]
    [InlineData("id,family,sensors\nPS-1,drainage_pump,", "sensors")]
    [InlineData("id,family,latitude,longitude\nPS-1,drainage_pump,,", "latitude longitude")]
    [InlineData("id,family,stateUntil\nPS-1,drainage_pump,2026-06-01T06:00:00Z", "stateUntil")]
    [InlineData("id,family,state\nPS-1,drainage_pump,live", "exercise state stateReason stateUntil")]
    public void A_column_that_is_not_there_leaves_what_the_register_has_and_an_empty_cell_removes_it(string file, string changed) =>
        Assert.Equal(changed, Changed(_importer.Read(DeviceImporter.Csv, Encoding.UTF8.GetBytes(file), null, _devices.Find)));

    [Theory]
    [InlineData("""{"type": "Feature", "properties": {"id": "PS-1", "family": "drainage_pump"}}""", "")]
    [InlineData("""{"type": "Feature", "geometry": null, "properties": {"id": "PS-1", "family": "drainage_pump", "street": null}}""", "latitude longitude street")]
    [InlineData("""{"type": "Feature", "geometry": null, "properties": {"id": "PS-1", "family": "drainage_pump", "latitude": 31.2304, "longitude": 121.4737}}""", "")]
    [InlineData("""{"type": "Feature", "properties": {"id": "PS-1", "family": "drainage_pump", "links": {"gauge": null}}}""", "links.gauge")]
    [InlineData("""{"type": "Feature", "properties": {"id": "PS-1", "family": "drainage_pump", "links": null, "settings": {}}}""", "links.catchment links.gauge")]
    [InlineData("""{"type": "Feature", "properties": {"id": "PS-1", "family": "drainage_pump", "settings": null, "sensors": null}}""", "sensors settings.high_level")]
    public void A_property_that_is_not_there_leaves_what_the_register_has_and_null_removes_it(string file, string changed) =>
        Assert.Equal(changed, Changed(_importer.Read(DeviceImporter.GeoJson, Encoding.UTF8.GetBytes(file), null, _devices.Find)));

    [Fact]
    public void The_registers_place_is_in_WGS_84_whatever_the_file_is_in()
    {
        var import = _importer.Read(DeviceImporter.Csv, "id,family\nPS-1,drainage_pump"u8.ToArray(), "gcj02", _devices.Find);
        Assert.Equal((0, Known.Latitude), (import.Converted, import.Devices[0].Latitude));
    }

    [Theory]
    [InlineData("id,family,latitude\nPS-1,drainage_pump,31.3", "longitude is missing")]
    [InlineData("id,family,stateReason\nPS-1,drainage_pump,", "stateReason is missing")]
    [InlineData("id,family,parent\nPS-1,drainage_pump,PS-1", "parent \"PS-1\": the id of another device")]
    public void The_device_as_it_would_stand_is_judged(string file, string message) =>
        Assert.Contains(message, Assert.Single(_importer.Read(DeviceImporter.Csv, Encoding.UTF8.GetBytes(file), null, _devices.Find).Errors).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("id,family,street\nPS-2,drainage_pump,x", "live")]
    [InlineData("id,family,state\nPS-2,drainage_pump,commissioning", "commissioning")]
    public void What_is_provisional_is_adopted(string file, string state)
    {
        _devices.Set(new Device { Id = "PS-2", Family = "drainage_pump", Gateway = "gw-1", State = "provisional" });
        var device = Assert.Single(_importer.Read(DeviceImporter.Csv, Encoding.UTF8.GetBytes(file), null, _devices.Find).Devices);
        Assert.Equal((state, "gw-1"), (device.State, device.Gateway));
    }

    private string Changed(DeviceImport import)
    {
        Assert.Empty(import.Errors);
        return string.Join(' ', DeviceChanges.Of(import.Devices, _devices).Fields.Keys);
    }
}
