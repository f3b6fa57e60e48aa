using Microsoft.Extensions.Time.Testing;
using Telemetry.Ingest.Api;
using System.Globalization;
using System.Text;
using Telemetry.Ingest.Devices;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Tests.Devices;

public class DeviceCsvTests
{
    private const string Header = "id,family,model,gateway,district,street,latitude,longitude,address,parent,heartbeat,state,settings.high_level,links.gauge";

    private static readonly DeviceImporter Importer = new(new DeviceValidator(new FamilyCatalog(SomeFamilies.All)), new RegisterConflicts(new DeviceDirectory()), new FakeTimeProvider(new DateTimeOffset(2026, 6, 1, 1, 0, 0, TimeSpan.Zero)));

    [Fact]
    public void Every_column_lands_in_its_field()
    {
        var device = Assert.Single(Read($"{Header},stateUntil,stateReason\nPS-1,drainage_pump,flygt-3127,GW-1,黄浦,南京路,31.2304,121.4737,\"1, \"\"the\"\" Bund\",PH-1,12h,test,2.4,RG-1,2026-06-01T16:00:00+08:00,calibration\n").Devices);
        var expected = new Device
        {
            Id = "PS-1",
            Family = "drainage_pump",
            Model = "flygt-3127",
            Gateway = "GW-1",
            District = "黄浦",
            Street = "南京路",
            Latitude = 31.2304,
            Longitude = 121.4737,
            Address = "1, \"the\" Bund",
            Parent = "PH-1",
            Heartbeat = "12h",
            State = "test",
            StateUntil = "2026-06-01T16:00:00+08:00",
            StateReason = "calibration",
        };
        Assert.Equal(expected with { Settings = device.Settings, Links = device.Links }, device);
        Assert.Equal([KeyValuePair.Create("high_level", "2.4")], device.Settings);
        Assert.Equal([KeyValuePair.Create("gauge", "RG-1")], device.Links);
    }

    [Fact]
    public void An_empty_cell_is_a_field_that_the_device_has_not()
    {
        var device = Assert.Single(Read($"{Header}\nPS-1,drainage_pump,,,,,,,,,,,,\n").Devices);
        Assert.Equal("live", device.State);
        Assert.Null(device.Model);
        Assert.Null(device.Latitude);
        Assert.Empty(device.Settings);
        Assert.Empty(device.Links);
    }

    [Fact]
    public void Sensors_are_a_list_in_one_cell()
    {
        var device = Assert.Single(Read("id,family,sensors\nPS-1,drainage_pump,24E125 = milesight-vs330 5 ;24E124;\n").Devices);
        Assert.Equal([KeyValuePair.Create("24E124", ""), KeyValuePair.Create("24E125", "milesight-vs330 5")], device.Sensors);
    }

    [Theory]
    [InlineData(null, "", 39.9133455, 116.3840472, 0)]
    [InlineData(null, "gcj02", 39.911954, 116.377817, 1)]
    [InlineData("gcj02", "", 39.911954, 116.377817, 1)]
    [InlineData("gcj02", "wgs84", 39.9133455, 116.3840472, 0)]
    public void A_rows_datum_comes_before_the_files(string? ofFile, string ofRow, double latitude, double longitude, int converted)
    {
        var import = Read($"id,family,latitude,longitude,datum\nPS-1,drainage_pump,39.91334545536069,116.38404722455657,{ofRow}\n", ofFile);
        Assert.Equal(converted, import.Converted);
        Assert.Equal((latitude, longitude), (Math.Round(import.Devices[0].Latitude!.Value, 7), Math.Round(import.Devices[0].Longitude!.Value, 7)));
    }

    [Theory]
    [InlineData("id,family\nPS-1,drainage_pump")]
    [InlineData("\uFEFFid,family\r\nPS-1,drainage_pump\r\n")]
    [InlineData("family,id\n\ndrainage_pump,PS-1\n\n")]
    [InlineData(" id , family \n PS-1 , \"drainage_pump\" \n")]
    public void Byte_order_mark_line_ends_order_of_columns_and_spaces_do_not_matter(string file)
    {
        var import = Read(file);
        Assert.Empty(import.Errors);
        var device = Assert.Single(import.Devices);
        Assert.Equal(("PS-1", "drainage_pump"), (device.Id, device.Family));
    }

    [Theory]
    [InlineData("", 1, "empty")]
    [InlineData("id,family,colour\nPS-1,drainage_pump,red", 1, "header \"colour\" is unknown")]
    [InlineData("id,family,settings.\nPS-1,drainage_pump,1", 1, "header \"settings.\" is unknown")]
    [InlineData("ID,family\nPS-1,drainage_pump", 1, "header \"ID\" is unknown")]
    [InlineData("id;family\nPS-1;drainage_pump", 1, "separated by commas")]
    [InlineData("id,id,family\nPS-1,PS-1,drainage_pump", 1, "header \"id\" stands twice")]
    [InlineData("id\nPS-1", 1, "header \"family\" is missing")]
    [InlineData("id,family\nPS-1,drainage_pump\nPS-2", 3, "1 fields: 2")]
    [InlineData("id,family\nPS-1,drainage_pump,x", 2, "3 fields: 2")]
    [InlineData("id,family\nPS-1,drainage_pump\n\n,drainage_pump", 4, "id \"\"")]
    [InlineData("id,family,latitude,longitude\nPS-1,drainage_pump,31°13',121.4", 2, "latitude \"31°13'\"")]
    [InlineData("id,family,settings.depth\nPS-1,drainage_pump,3", 2, "settings.depth \"3\"")]
    [InlineData("id,family,street\nPS-1,drainage_pump,\"open\nPS-2,drainage_pump,x", 2, "a quote that is not closed")]
    [InlineData("id,family,street\nPS-1,drainage_pump,\"a\"b\nPS-2,drainage_pump,x", 2, "text after a closing quote")]
    [InlineData("id,family,datum\nPS-1,drainage_pump,bd09", 2, "datum \"bd09\": wgs84 or gcj02 (bd09, Baidu's, is not converted")]
    [InlineData("id,family,datum\nPS-1,drainage_pump,GCJ-02", 2, "datum \"GCJ-02\"")]
    [InlineData("id,family,sensors\nPS-1,drainage_pump,a b", 2, "sensors \"a b\"")]
    [InlineData("id,family,sensors\nPS-1,drainage_pump,a;b=m 1;a=m", 2, "sensors \"a\": each wire id once")]
    [InlineData("id,family,sensors\nPS-1,drainage_pump,a=m x", 2, "sensors.a \"m x\"")]
    [InlineData("id,family,sensors\nPS-1,drainage_pump,24e1\nPS-2,drainage_pump,24E1", 3, "not of both PS-1 and PS-2")]
    [InlineData("id,family\nPS-1,drainage_pump\nPS-2,drainage_pump\nPS-1,drainage_pump", 4, "id \"PS-1\" stands on line 2 already")]
    public void A_mistake_is_named_by_its_line_and_nothing_is_applied(string file, int line, string message)
    {
        var import = Read(file);
        Assert.Empty(import.Devices);
        var error = Assert.Single(import.Errors);
        Assert.Equal(line, error.Number);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_bad_row_is_reported()
    {
        var import = Read("id,family\na b,drainage_pump\nPS-1,drainage_pump\nPS-2,pump\nPS-3\n");
        Assert.Equal([2, 4, 5], import.Errors.Select(error => error.Number));
        Assert.Empty(import.Devices);
    }

    [Fact]
    public void A_file_in_GBK_is_named_as_not_UTF_8_with_its_line()
    {
        byte[] file = [.. "id,family,street\nPS-1,drainage_pump,x\nPS-2,drainage_pump,"u8, 0xC4, 0xCF, 0xBE, 0xA9, 0xC2, 0xB7, (byte)'\n'];
        var error = Assert.Single(Read(file).Errors);
        Assert.Equal(3, error.Number);
        Assert.Contains("not UTF-8", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_in_UTF_16_is_named_as_not_UTF_8()
    {
        var error = Assert.Single(Read(Encoding.Unicode.GetPreamble().Concat(Encoding.Unicode.GetBytes("id,family\n")).ToArray()).Errors);
        Assert.Contains("not UTF-8", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_hundred_thousand_lines_come_in_at_once()
    {
        var file = new StringBuilder(Header).Append('\n');
        for (var i = 0; i < 100_000; i++)
            file.Append(CultureInfo.InvariantCulture, $"PS-{i},drainage_pump,,GW-{i / 50},黄浦,南京路,31.2{i % 1000},121.4,,,12h,live,2.4 m,RG-1\n");
        var import = Read(file.ToString());
        Assert.Empty(import.Errors);
        Assert.Equal(100_000, import.Devices.Count);
        Assert.Equal("PS-99999", import.Devices[^1].Id);
    }

    private static DeviceImport Read(string file, string? datum = null) => Read(Encoding.UTF8.GetBytes(file), datum);

    private static DeviceImport Read(byte[] file, string? datum = null) => Importer.Read(DeviceImporter.Csv, file, datum, _ => null);
}
