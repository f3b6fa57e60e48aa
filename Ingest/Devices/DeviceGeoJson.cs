using System.Globalization;
using System.Text.Json;

namespace Telemetry.Ingest.Devices;

/// <summary>
/// Reads a register file of RFC 7946: a FeatureCollection, or one Feature, of Points or without a place. Properties have the names of the CSV's
/// headers, or are objects: <c>settings</c>, <c>links</c>, <c>sensors</c>; null is a field that the device has not. A feature's <c>id</c> stands in for the property.
/// </summary>
public static class DeviceGeoJson
{
    // Of the two old ways to say it; CGCS 2000 (4490) is within centimetres.
    private static readonly string[] SameAsWgs84 = ["CRS84", "4326", "4490"];

    public static ImportFile Read(ReadOnlySpan<byte> file)
    {
        var rows = new List<ImportRow>();
        var errors = new List<ImportError>();
        try
        {
            var json = new Utf8JsonReader(file);
            ReadRoot(ref json, rows, errors);
            json.Read();
        }
        catch (JsonException error)
        {
            errors.Add(new ImportError(0, null, $"not JSON at byte {error.BytePositionInLine} of line {error.LineNumber + 1}: a FeatureCollection in UTF-8 would be right"));
        }
        return new ImportFile("feature", rows, errors);
    }

    private static void ReadRoot(ref Utf8JsonReader json, List<ImportRow> rows, List<ImportError> errors)
    {
        json.Read();
        var whole = json;
        var type = "";
        var hasFeatures = false;
        if (json.TokenType == JsonTokenType.StartObject)
        {
            while (json.Read() && json.TokenType != JsonTokenType.EndObject)
            {
                var name = json.GetString();
                json.Read();
                if (name == "type" && json.TokenType == JsonTokenType.String)
                    type = json.GetString();
                else if (name == "features" && json.TokenType == JsonTokenType.StartArray && !hasFeatures)
                {
                    hasFeatures = true;
                    while (json.Read() && json.TokenType != JsonTokenType.EndArray)
                        Read(ref json, rows);
                }
                else if (name == "crs")
                    CheckSystem(ref json, errors);
                json.Skip();
            }
        }
        else
        {
            json.Skip();
        }
        if (type == "Feature")
            Read(ref whole, rows);
        else if (type != "FeatureCollection" || !hasFeatures)
            errors.Add(new ImportError(0, null, "no FeatureCollection: {\"type\": \"FeatureCollection\", \"features\": […]} would be right"));
    }

    private static void CheckSystem(ref Utf8JsonReader json, List<ImportError> errors)
    {
        using var system = JsonDocument.ParseValue(ref json);
        var text = system.RootElement.GetRawText();
        if (!SameAsWgs84.Any(name => text.Contains(name, StringComparison.Ordinal)))
            errors.Add(new ImportError(0, null, $"crs {Shown(text)}: WGS 84 (leave crs out), or degrees with datum=gcj02, would be right"));
    }

    private static void Read(ref Utf8JsonReader json, List<ImportRow> rows)
    {
        using var feature = JsonDocument.ParseValue(ref json);
        var fields = new DeviceFields();
        try
        {
            Read(feature.RootElement, fields);
        }
        catch (InvalidOperationException)
        {
            // The runtime says so only once a string is looked at.
            fields.Wrong.Add(new DeviceError("properties", null, "text without half a surrogate pair (\\ud800 to \\udfff)"));
        }
        rows.Add(fields.ToRow(rows.Count + 1));
    }

    private static void Read(JsonElement feature, DeviceFields fields)
    {
        if (feature.ValueKind != JsonValueKind.Object || !feature.TryGetProperty("type", out var type) || type.ValueKind != JsonValueKind.String || !type.ValueEquals("Feature"))
        {
            fields.Wrong.Add(new DeviceError("type", Shown(feature.GetRawText()), "a Feature"));
            return;
        }
        var seen = new HashSet<string>(StringComparer.Ordinal);
        if (feature.TryGetProperty("geometry", out var geometry))
        {
            fields.Said.UnionWith(["latitude", "longitude"]);
            if (geometry.ValueKind != JsonValueKind.Null)
                ReadPlace(geometry, fields, seen);
        }
        if (!feature.TryGetProperty("properties", out var properties) || properties.ValueKind != JsonValueKind.Object)
        {
            fields.Wrong.Add(new DeviceError("properties", null, "an object with id and family"));
            return;
        }
        foreach (var property in properties.EnumerateObject())
            ReadProperty(property.Name, property.Value, fields, seen);
        if (!seen.Contains("id") && feature.TryGetProperty("id", out var id))
            ReadProperty("id", id, fields, seen);
    }

    private static void ReadPlace(JsonElement geometry, DeviceFields fields, HashSet<string> seen)
    {
        double longitude = 0, latitude = 0;
        var isPoint = geometry.ValueKind == JsonValueKind.Object
            && geometry.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String && type.ValueEquals("Point")
            && geometry.TryGetProperty("coordinates", out var place) && place.ValueKind == JsonValueKind.Array && place.GetArrayLength() is 2 or 3
            && place[0].ValueKind == JsonValueKind.Number && place[0].TryGetDouble(out longitude)
            && place[1].ValueKind == JsonValueKind.Number && place[1].TryGetDouble(out latitude);
        if (!isPoint)
        {
            fields.Wrong.Add(new DeviceError("geometry", Shown(geometry.GetRawText()), "{\"type\": \"Point\", \"coordinates\": [longitude, latitude]} in degrees, or null,"));
            return;
        }
        fields.SetPlace(latitude, longitude);
        seen.Add("latitude");
        seen.Add("longitude");
    }

    private static void ReadProperty(string name, JsonElement value, DeviceFields fields, HashSet<string> seen)
    {
        if (value.ValueKind == JsonValueKind.Object && name is "settings" or "links")
        {
            foreach (var member in value.EnumerateObject())
                ReadProperty($"{name}.{member.Name}", member.Value, fields, seen);
            return;
        }
        fields.Said.Add(name);
        if (value.ValueKind == JsonValueKind.Null)
            return;
        if (!seen.Add(name))
            fields.Wrong.Add(new DeviceError(name, Shown(value.GetRawText()), "each field once, the place in the geometry or in latitude and longitude,"));
        else if (name == "sensors" && value.ValueKind == JsonValueKind.Object)
            ReadSensors(value, fields);
        else if (TextOf(value) is { } text)
            fields.Set(name, text);
        else
            fields.Wrong.Add(new DeviceError(name, Shown(value.GetRawText()), "a text or a number"));
    }

    private static void ReadSensors(JsonElement value, DeviceFields fields)
    {
        var sensors = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var member in value.EnumerateObject())
        {
            if (member.Value.ValueKind != JsonValueKind.String)
                fields.Wrong.Add(new DeviceError($"sensors.{member.Name}", Shown(member.Value.GetRawText()), Sensor.Expected));
            else if (!sensors.TryAdd(member.Name, member.Value.GetString()!))
                fields.Wrong.Add(new DeviceError("sensors", member.Name, "each wire id once"));
        }
        fields.SetSensors(sensors);
    }

    private static string? TextOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Number => value.GetRawText(),
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        _ => null,
    };

    private static string Shown(string json) => json.Length <= 60 ? json : string.Create(CultureInfo.InvariantCulture, $"{json.AsSpan(0, 60)}…");
}
