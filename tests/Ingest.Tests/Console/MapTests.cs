using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Configuration;
using Telemetry.Ingest.Hosting;
using Telemetry.Ingest.OperatorPage.Map;
using Telemetry.Rules.Alarms;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;
using Telemetry.Simulators.City;

namespace Telemetry.Ingest.Tests.Console;

/// <summary>What the map lies on, and what it counts.</summary>
public sealed class MapTests
{
    [Fact]
    public void Each_district_of_the_demonstration_has_an_outline_around_its_centre_and_no_other_has_it()
    {
        var shapes = DistrictShapes.OfDemo();
        Assert.Equal(Districts.All.Select(district => (district.Name, district.Chinese)).Order(), shapes.Names.Select(pair => (pair.Key, pair.Value)).Order());
        using var json = JsonDocument.Parse(shapes.Bytes);
        var rings = json.RootElement.GetProperty("features").EnumerateArray().ToDictionary(
            feature => feature.GetProperty("properties").GetProperty("name").GetString()!,
            feature => feature.GetProperty("geometry").GetProperty("coordinates")[0].EnumerateArray().Select(place => (Longitude: place[0].GetDouble(), Latitude: place[1].GetDouble())).ToArray());
        Assert.All(Districts.All, district => Assert.Equal([district.Name], rings.Where(ring => IsInside(ring.Value, district.Longitude, district.Latitude)).Select(ring => ring.Key)));
    }

    [Theory]
    [InlineData("{}", "it has no features")]
    [InlineData("""{"features":[{"properties":{},"geometry":null}]}""", "feature 1 has no name")]
    [InlineData("""{"features":[{"properties":{"name":"A"},"geometry":{"type":"Point","coordinates":[1,2]}}]}""", "\"A\" is no Polygon")]
    [InlineData("""{"features":[{"properties":{"name":"A"},"geometry":{"type":"Polygon","coordinates":[[[1,2],[200,3],[4,5],[1,2]]]}}]}""", "\"A\" is no Polygon")]
    [InlineData("""{"features":[{"properties":{"name":"A"},"geometry":{"type":"Polygon","coordinates":[[1,2,3]]}}]}""", "\"A\" is no Polygon")]
    public void A_file_that_is_no_map_is_refused_with_what_is_wrong(string text, string expected) =>
        Assert.StartsWith(expected, Assert.Throws<FormatException>(() => DistrictShapes.Read(Encoding.UTF8.GetBytes(text))).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("Console:Districts", "/nowhere/city.geojson", "a GeoJSON file of the districts")]
    [InlineData("Console:Tiles", "https://tiles.example.org/", "{z}/{x}/{y}")]
    [InlineData("Console:Tiles", "javascript:{z}{x}{y}", "the address of a tile server")]
    public void A_wrong_option_of_the_map_is_said_at_the_start(string key, string value, string expected)
    {
        var (_, errors) = OptionsReader.Read(new ConfigurationBuilder().AddInMemoryCollection([KeyValuePair.Create(key, (string?)value)]).Build());
        var error = Assert.Single(errors);
        Assert.StartsWith($"{key} = {value}: ", error, StringComparison.Ordinal);
        Assert.Contains(expected, error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_tile_server_is_the_one_other_origin_of_images()
    {
        var (options, errors) = OptionsReader.Read(new ConfigurationBuilder().AddInMemoryCollection([KeyValuePair.Create("Console:Tiles", (string?)"https://tiles.example.org:8443/osm/{z}/{x}/{y}.png?key=1")]).Build());
        Assert.Empty(errors);
        Assert.Contains("img-src 'self' data: https://tiles.example.org:8443;", OperatorPage.OperatorPageParts.Policy(options.Console.TilesOrigin), StringComparison.Ordinal);
        Assert.Contains("img-src 'self' data:;", OperatorPage.OperatorPageParts.Policy(null), StringComparison.Ordinal);
    }

    [Fact]
    public void Districts_stand_worst_first_with_alarms_that_an_operator_sees_and_those_of_gateways()
    {
        Device[] devices = [Of("a-1", "A"), Of("a-2", "A"), Of("b-1", "B"), Of("x", null)];
        Alarm[] open =
        [
            Raised("a-1", "A", Severity.High), Raised("gw", "A", Severity.High), Raised("b-1", "B", Severity.Critical), Raised("x", null, Severity.Low),
            Raised("a-2", "A", Severity.Critical) with { State = AlarmState.Shelved }, Raised("a-2", "A", Severity.Critical) with { Kind = AlarmKind.Ticket },
        ];
        Assert.Equal(
            ["B 1 | 1 0 0 0", "A 2 | 0 2 0 0", " 1 | 0 0 0 1", "C 0 | 0 0 0 0"],
            DistrictCounts.Of(devices, open, ["A", "C"]).Select(district =>
                $"{district.Name} {district.Devices} | {district.Of(Severity.Critical)} {district.Of(Severity.High)} {district.Of(Severity.Medium)} {district.Of(Severity.Low)}"));
    }

    private static Device Of(string id, string? district) => new() { Id = id, Family = "drainage_pump", District = district };

    private static Alarm Raised(string device, string? district, Severity severity) => new()
    {
        Id = device, Device = device, Family = "drainage_pump", District = district, Rule = "high_level", Kind = AlarmKind.Alarm, Severity = severity, State = AlarmState.ActiveUnacknowledged,
        RaisedAt = 0, RaisedReceivedAt = 0, RuleVersion = "v",
    };

    /// <summary>By how many of its edges a line to the east crosses.</summary>
    private static bool IsInside((double Longitude, double Latitude)[] ring, double longitude, double latitude)
    {
        var isInside = false;
        for (var i = 1; i < ring.Length; i++)
        {
            var (one, other) = (ring[i - 1], ring[i]);
            if (one.Latitude > latitude != other.Latitude > latitude && longitude < one.Longitude + ((latitude - one.Latitude) / (other.Latitude - one.Latitude) * (other.Longitude - one.Longitude)))
                isInside = !isInside;
        }
        return isInside;
    }
}
