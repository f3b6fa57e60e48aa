using System.Globalization;
using Telemetry.Ingest.Api;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Devices;

/// <summary>A device of a file in the making, field by field under the names of the CSV header. What is wrong is collected; the rest goes on.</summary>
internal sealed class DeviceFields
{
    public static readonly string[] Names =
        ["id", "family", "model", "gateway", "district", "street", "latitude", "longitude", "datum", "address", "parent", "heartbeat", "state", "stateUntil", "stateReason", "sensors"];

    private readonly SortedDictionary<string, string> _settings = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, string> _links = new(StringComparer.Ordinal);
    private Device _device = new() { Id = "", Family = "" };
    private string? _datum;

    public List<DeviceError> Wrong { get; } = [];

    /// <summary>See <see cref="ImportRow.Said"/>.</summary>
    public HashSet<string> Said { get; init; } = new(StringComparer.Ordinal);

    public static string Expected => $"{string.Join(", ", Names)}, settings.NAME, links.ROLE";

    public static bool IsField(string name) => Names.Contains(name) || IsMemberOf("settings.", name) || IsMemberOf("links.", name);

    public void Set(string field, string value)
    {
        switch (field)
        {
            case "id": _device = _device with { Id = value }; break;
            case "family": _device = _device with { Family = value }; break;
            case "model": _device = _device with { Model = value }; break;
            case "gateway": _device = _device with { Gateway = value }; break;
            case "district": _device = _device with { District = value }; break;
            case "street": _device = _device with { Street = value }; break;
            case "latitude": _device = _device with { Latitude = Degrees(field, value) }; break;
            case "longitude": _device = _device with { Longitude = Degrees(field, value) }; break;
            case "datum": _datum = value; break;
            case "address": _device = _device with { Address = value }; break;
            case "parent": _device = _device with { Parent = value }; break;
            case "heartbeat": _device = _device with { Heartbeat = value }; break;
            case "state": _device = _device with { State = value }; break;
            case "stateUntil": _device = _device with { StateUntil = Query.TimeText(value) }; break;
            case "stateReason": _device = _device with { StateReason = value }; break;
            case "sensors": _device = _device with { Sensors = Sensor.ReadList(value, Wrong) }; break;
            case var _ when IsMemberOf("settings.", field): _settings[field["settings.".Length..]] = value; break;
            case var _ when IsMemberOf("links.", field): _links[field["links.".Length..]] = value; break;
            default: Wrong.Add(new DeviceError(field, value, $"one of the fields {Expected}")); break;
        }
    }

    public void SetPlace(double latitude, double longitude) => _device = _device with { Latitude = latitude, Longitude = longitude };

    public void SetSensors(SortedDictionary<string, string> sensors) => _device = _device with { Sensors = sensors };

    public ImportRow ToRow(int number) => new(number, _device with { Settings = _settings, Links = _links }, Said, _datum, Wrong);

    private static bool IsMemberOf(string group, string field) => field.StartsWith(group, StringComparison.Ordinal) && field.Length > group.Length;

    private double? Degrees(string field, string value)
    {
        if (double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var degrees))
            return degrees;
        Wrong.Add(new DeviceError(field, value, "decimal degrees such as 31.2304"));
        // In range, so that the same cell is not reported twice.
        return 0;
    }
}
