using System.Globalization;
using System.Text.Json;
using Telemetry.Ingest.Api;
using Telemetry.Ingest.Devices;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.OperatorPage.Register;

/// <summary>A device as a form has it: texts, empty for what is not given.</summary>
public sealed class DeviceDraft
{
    public string Id { get; set; } = "";

    public string Family { get; set; } = "";

    public string Model { get; set; } = "";

    public string Gateway { get; set; } = "";

    public string District { get; set; } = "";

    public string Street { get; set; } = "";

    public string Address { get; set; } = "";

    public string Latitude { get; set; } = "";

    public string Longitude { get; set; } = "";

    /// <summary>Of the coordinates as they are entered; the register keeps WGS 84.</summary>
    public string Datum { get; set; } = "wgs84";

    public string Parent { get; set; } = "";

    public string Heartbeat { get; set; } = "";

    /// <summary><c>gauge=RG-1; catchment=C-7</c>.</summary>
    public string Links { get; set; } = "";

    /// <summary><c>24E124…=milesight-vs330 5; 24E125…</c>.</summary>
    public string Sensors { get; set; } = "";

    public Dictionary<string, string> Settings { get; } = new(StringComparer.Ordinal);

    public static DeviceDraft Of(Device device)
    {
        var draft = new DeviceDraft
        {
            Id = device.Id,
            Family = device.Family,
            Model = device.Model ?? "",
            Gateway = device.Gateway ?? "",
            District = device.District ?? "",
            Street = device.Street ?? "",
            Address = device.Address ?? "",
            Latitude = device.Latitude?.ToString(CultureInfo.InvariantCulture) ?? "",
            Longitude = device.Longitude?.ToString(CultureInfo.InvariantCulture) ?? "",
            Parent = device.Parent ?? "",
            Heartbeat = device.Heartbeat ?? "",
            Links = Sensor.WriteList(device.Links),
            Sensors = Sensor.WriteList(device.Sensors),
        };
        foreach (var (name, text) in device.Settings)
            draft.Settings[name] = text;
        return draft;
    }

    /// <param name="known">What it replaces, whose mode it keeps; null for a new one.</param>
    /// <exception cref="ApiException">400 <c>bad_device</c>: what cannot be read.</exception>
    public DeviceBody ToBody(Device? known = null) => new(
        Text(Id), Text(Family), Text(Model), Text(Gateway), Text(District), Text(Street), Degrees("latitude", Latitude), Degrees("longitude", Longitude), Datum, Text(Address), Text(Parent), Text(Heartbeat),
        known?.State, known?.StateUntil is { } until ? JsonSerializer.SerializeToElement(until) : null, known?.StateReason, known?.Exercise,
        Settings.Where(pair => !string.IsNullOrWhiteSpace(pair.Value)).ToDictionary(pair => pair.Key, pair => JsonSerializer.SerializeToElement(pair.Value.Trim())), List("links", Links), List("sensors", Sensors));

    private static string? Text(string text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();

    private static double? Degrees(string field, string text)
    {
        if (Text(text) is not { } given)
            return null;
        return double.TryParse(given, NumberStyles.Float, CultureInfo.InvariantCulture, out var degrees) ? degrees : throw Bad(new DeviceError(field, given, "decimal degrees such as 28.6853"));
    }

    private static Dictionary<string, string> List(string field, string text)
    {
        var wrong = new List<DeviceError>();
        var list = Sensor.ReadList(text, wrong);
        return wrong.Count == 0 ? list.ToDictionary() : throw Bad(wrong[0] with { Field = field });
    }

    private static ApiException Bad(DeviceError error) => ApiException.BadRequest("bad_device", error.ToString());
}
