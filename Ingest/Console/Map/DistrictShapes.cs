using System.Text.Json;

namespace Telemetry.Ingest.OperatorPage.Map;

/// <summary>The outlines that the map draws: GeoJSON as it is served.</summary>
/// <param name="Bytes">A FeatureCollection of Polygons and MultiPolygons, WGS 84, with the property <c>name</c> as the register has it and, if there is one, <c>name_zh</c>.</param>
/// <param name="Names">Of the districts, by name: the Chinese one, or the same.</param>
internal sealed record DistrictShapes(byte[] Bytes, IReadOnlyDictionary<string, string> Names)
{
    private const string Shipped = "console/districts.geojson";

    /// <summary>A sketch of Nanchang's districts, for the demonstration: no survey.</summary>
    public static DistrictShapes OfDemo()
    {
        using var stream = typeof(DistrictShapes).Assembly.GetManifestResourceStream(Shipped)!;
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return Read(bytes);
    }

    /// <exception cref="JsonException">It is no JSON.</exception>
    /// <exception cref="FormatException">It is no GeoJSON of districts.</exception>
    public static DistrictShapes Read(byte[] bytes)
    {
        using var json = JsonDocument.Parse(bytes);
        if (json.RootElement.ValueKind != JsonValueKind.Object || !json.RootElement.TryGetProperty("features", out var features) || features.ValueKind != JsonValueKind.Array)
            throw new FormatException("it has no features");
        var names = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var number = 0;
        foreach (var feature in features.EnumerateArray())
        {
            number++;
            var name = Text(feature, "name") ?? throw new FormatException($"feature {number} has no name");
            if (!names.TryAdd(name, Text(feature, "name_zh") ?? name))
                throw new FormatException($"\"{name}\" stands twice");
            if (!IsShape(feature))
                throw new FormatException($"\"{name}\" is no Polygon or MultiPolygon of [longitude, latitude] in degrees");
        }
        return new DistrictShapes(bytes, names);
    }

    private static string? Text(JsonElement feature, string property) =>
        feature.ValueKind == JsonValueKind.Object && feature.TryGetProperty("properties", out var properties) && properties.ValueKind == JsonValueKind.Object
            && properties.TryGetProperty(property, out var value) && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text ? text : null;

    private static bool IsShape(JsonElement feature)
    {
        if (!feature.TryGetProperty("geometry", out var geometry) || geometry.ValueKind != JsonValueKind.Object || !geometry.TryGetProperty("coordinates", out var coordinates))
            return false;
        return geometry.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String && type.GetString() switch
        {
            "Polygon" => IsList(coordinates, IsRing),
            "MultiPolygon" => IsList(coordinates, polygon => IsList(polygon, IsRing)),
            _ => false,
        };
    }

    private static bool IsRing(JsonElement ring) => IsList(ring, IsPlace) && ring.GetArrayLength() >= 4;

    private static bool IsPlace(JsonElement place) =>
        place.ValueKind == JsonValueKind.Array && place.GetArrayLength() >= 2 && place.EnumerateArray().Take(2).All(degrees => degrees.ValueKind == JsonValueKind.Number)
        && Math.Abs(place[0].GetDouble()) <= 180 && Math.Abs(place[1].GetDouble()) <= 90;

    private static bool IsList(JsonElement list, Func<JsonElement, bool> each) => list.ValueKind == JsonValueKind.Array && list.GetArrayLength() > 0 && list.EnumerateArray().All(each);
}
