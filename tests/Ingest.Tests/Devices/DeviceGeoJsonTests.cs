using System.Text;
using Telemetry.Ingest.Api;
using Telemetry.Ingest.Devices;

namespace Telemetry.Ingest.Tests.Devices;

public class DeviceGeoJsonTests
{
    private static readonly DeviceImporter Importer = new(new DeviceValidator(new FamilyCatalog(SomeFamilies.All)), new RegisterConflicts(new DeviceDirectory()), TimeProvider.System);

    [Theory]
    [InlineData("""{"id": "PS-1", "family": "drainage_pump", "street": "南京路", "settings": {"high_level": 2.4}, "links": {"gauge": "RG-1"}, "sensors": {"24E1": "milesight-vs330 5"}}""")]
    [InlineData("""{"id": "PS-1", "family": "drainage_pump", "street": "南京路", "settings.high_level": "2.4", "links.gauge": "RG-1", "sensors": "24E1=milesight-vs330 5", "model": null}""")]
    public void Properties_are_the_fields_nested_or_by_the_CSVs_names(string properties)
    {
        var import = Read($$"""{"type": "FeatureCollection", "name": "x", "features": [{"type": "Feature", "geometry": {"type": "Point", "coordinates": [121.47, 31.23, 4]}, "properties": {{properties}} }]}""");
        Assert.Empty(import.Errors);
        var device = Assert.Single(import.Devices);
        Assert.Equal(("PS-1", "drainage_pump", "南京路", 31.23, 121.47), (device.Id, device.Family, device.Street, device.Latitude, device.Longitude));
        Assert.Equal(("2.4", "RG-1", "milesight-vs330 5"), (device.Settings["high_level"], device.Links["gauge"], device.Sensors["24E1"]));
    }

    [Theory]
    [InlineData("""{"type": "Feature", "id": "PS-1", "geometry": null, "properties": {"family": "drainage_pump"}}""")]
    [InlineData("""{"type": "Feature", "id": "other", "properties": {"id": "PS-1", "family": "drainage_pump"}}""")]
    [InlineData("""{"properties": {"id": "PS-1", "family": "drainage_pump"}, "type": "Feature"}""")]
    public void A_feature_without_a_place_alone_or_in_a_collection(string feature)
    {
        Assert.Equal("PS-1", Assert.Single(Read(feature).Devices).Id);
        Assert.Equal("PS-1", Assert.Single(Read($$"""{"features": [{{feature}}], "type": "FeatureCollection"}""").Devices).Id);
    }

    [Fact]
    public void Places_of_a_Chinese_map_are_converted_where_the_file_or_the_feature_says_so()
    {
        var import = Read(Collection("""{"id": "PS-1", "family": "drainage_pump"}""", """{"id": "PS-2", "family": "drainage_pump", "datum": "wgs84"}"""), "gcj02");
        Assert.Equal(1, import.Converted);
        Assert.Equal(39.911954, import.Devices[0].Latitude!.Value, 1e-7);
        Assert.Equal(39.91334545536069, import.Devices[1].Latitude);
    }

    [Theory]
    [InlineData("", 0, "not JSON")]
    [InlineData("[]", 0, "no FeatureCollection")]
    [InlineData("null", 0, "no FeatureCollection")]
    [InlineData("""{"type": "FeatureCollection"}""", 0, "no FeatureCollection")]
    [InlineData("""{"type": "Topology", "features": []}""", 0, "no FeatureCollection")]
    [InlineData("""{"type": "FeatureCollection", "features": {}}""", 0, "no FeatureCollection")]
    [InlineData("""{"type": "FeatureCollection", "features": [""", 0, "not JSON")]
    [InlineData("""{"type": "FeatureCollection", "features": []} x""", 0, "not JSON")]
    [InlineData("""{"type": "FeatureCollection", "features": [], "crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::2435"}}}""", 0, "crs")]
    public void A_file_that_is_none_is_refused(string file, int number, string message)
    {
        var import = Read(file);
        Assert.Empty(import.Devices);
        var error = Assert.Single(import.Errors);
        Assert.Equal(number, error.Number);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("5", "a Feature")]
    [InlineData("""{"type": "Point", "coordinates": [1, 2]}""", "a Feature")]
    [InlineData("""{"type": "Feature", "properties": null}""", "properties")]
    [InlineData("""{"type": "Feature", "properties": {"family": "drainage_pump"}}""", "id \"\"")]
    [InlineData("""{"type": "Feature", "properties": {"id": "PS-9", "family": "drainage_pump", "colour": "red"}}""", "colour \"red\"")]
    [InlineData("""{"type": "Feature", "properties": {"id": "PS-9", "family": "drainage_pump", "street": ["a"]}}""", "street \"[\"a\"]\"")]
    [InlineData("""{"type": "Feature", "properties": {"id": "PS-9", "family": "drainage_pump", "settings": 5}}""", "settings \"5\"")]
    [InlineData("""{"type": "Feature", "properties": {"id": "PS-9", "family": "drainage_pump", "settings": {"high_level": 2}, "settings.high_level": 3}}""", "each field once")]
    [InlineData("""{"type": "Feature", "properties": {"id": "PS-9", "family": "drainage_pump", "sensors": {"a": 1}}}""", "sensors.a")]
    [InlineData("""{"type": "Feature", "properties": {"id": "PS-9", "family": "drainage_pump", "street": "\ud800"}}""", "surrogate")]
    [InlineData("""{"type": "Feature", "properties": {"id": "PS-9", "family": "drainage_pump", "latitude": 3}, "geometry": {"type": "Point", "coordinates": [1, 2]}}""", "each field once")]
    [InlineData("""{"type": "Feature", "properties": {"id": "PS-9", "family": "drainage_pump"}, "geometry": {"type": "LineString", "coordinates": [[1, 2], [3, 4]]}}""", "geometry")]
    [InlineData("""{"type": "Feature", "properties": {"id": "PS-9", "family": "drainage_pump"}, "geometry": {"type": "Point", "coordinates": ["1", 2]}}""", "geometry")]
    [InlineData("""{"type": "Feature", "properties": {"id": "PS-9", "family": "drainage_pump"}, "geometry": {"type": "Point", "coordinates": [1]}}""", "geometry")]
    [InlineData("""{"type": "Feature", "properties": {"id": "PS-9", "family": "drainage_pump"}, "geometry": {"type": "Point", "coordinates": [31, 121]}}""", "latitude \"121\"")]
    [InlineData("""{"type": "Feature", "properties": {"id": "PS-1", "family": "drainage_pump"}}""", "stands on feature 1 already")]
    public void A_mistake_is_named_by_its_feature_and_nothing_is_applied(string feature, string message)
    {
        var import = Read($$$"""{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {"id": "PS-1", "family": "drainage_pump"}}, {{{feature}}}]}""");
        Assert.Empty(import.Devices);
        Assert.All(import.Errors, error => Assert.Equal(2, error.Number));
        Assert.Contains(import.Errors, error => error.Message.Contains(message, StringComparison.Ordinal));
    }

    [Fact]
    public void Every_bad_feature_is_reported_with_its_id()
    {
        var import = Read(Collection("""{"id": "a b", "family": "drainage_pump"}""", """{"id": "PS-1", "family": "drainage_pump"}""", """{"id": "PS-2", "family": "pump"}"""));
        Assert.Equal([(1, "a b"), (3, "PS-2")], import.Errors.Select(error => (error.Number, error.Id!)));
    }

    private static string Collection(params string[] properties) => $$"""{"type": "FeatureCollection", "features": [{{string.Join(',', properties.Select(Feature))}}]}""";

    private static string Feature(string properties) =>
        $$"""{"type": "Feature", "geometry": {"type": "Point", "coordinates": [116.38404722455657, 39.91334545536069]}, "properties": {{properties}} }""";

    private static DeviceImport Read(string file, string? datum = null) => Importer.Read(DeviceImporter.GeoJson, Encoding.UTF8.GetBytes(file), datum, _ => null);
}
