using System.Text.Json;
using Telemetry.Ingest.Devices;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Api;

/// <summary>A device as a caller enters it.</summary>
/// <param name="Id">May be left out where the path says it, else must be the same.</param>
/// <param name="Datum">What latitude and longitude refer to: <c>wgs84</c> (default), or <c>gcj02</c>, which is converted.</param>
/// <param name="StateUntil">When test or drill ends by itself: RFC 3339 or Unix ms, 8 h from now at most.</param>
/// <param name="StateReason">Why; with test and drill.</param>
/// <param name="Exercise">As it stands there: without it the device leaves its exercise.</param>
/// <param name="Settings">Texts such as <c>2.4 m</c>, or numbers.</param>
/// <param name="Sensors">Wire id (devEui, IMEI, MN) to empty, a model, or a model and the instance that it reports: <c>milesight-vs330 5</c>.</param>
public sealed record DeviceBody(
    string? Id = null, string? Family = null, string? Model = null, string? Gateway = null, string? District = null, string? Street = null, double? Latitude = null, double? Longitude = null,
    string? Datum = null, string? Address = null, string? Parent = null, string? Heartbeat = null, string? State = null, JsonElement? StateUntil = null, string? StateReason = null, string? Exercise = null,
    Dictionary<string, JsonElement>? Settings = null, Dictionary<string, string>? Links = null, Dictionary<string, string>? Sensors = null)
{
    /// <exception cref="ApiException">400 <c>bad_device</c>.</exception>
    public Device ToDevice(string id)
    {
        var device = new Device
        {
            Id = id,
            Family = Family ?? throw Bad("family is missing: the name of a family, see /api/v1/families"),
            Model = Model,
            Gateway = Gateway,
            District = District,
            Street = Street,
            Latitude = Latitude,
            Longitude = Longitude,
            Address = Address,
            Parent = Parent,
            Heartbeat = Heartbeat,
            State = State ?? "live",
            StateUntil = TimeText(StateUntil),
            StateReason = StateReason,
            Exercise = Exercise,
            Settings = new SortedDictionary<string, string>((Settings ?? []).ToDictionary(pair => pair.Key, pair => SettingText(pair.Key, pair.Value)), StringComparer.Ordinal),
            Links = new SortedDictionary<string, string>(Links ?? [], StringComparer.Ordinal),
            Sensors = new SortedDictionary<string, string>(Sensors ?? [], StringComparer.Ordinal),
        };
        return Devices.Datum.ToWgs84(device, Datum, out _) ?? throw Bad(new DeviceError("datum", Datum, Devices.Datum.Expected).ToString());
    }

    private static string SettingText(string name, JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.Number => value.GetRawText(),
        _ => throw Bad($"settings.{name}: must be a text such as \"2.4 m\", or a number"),
    };

    private static string? TimeText(JsonElement? value) => value switch
    {
        null or { ValueKind: JsonValueKind.Null } => null,
        { ValueKind: JsonValueKind.String } text => Query.TimeText(text.GetString()!),
        { ValueKind: JsonValueKind.Number } number => Query.TimeText(number.GetRawText()),
        _ => throw Bad("stateUntil: must be RFC 3339 with a zone, or Unix ms"),
    };

    private static ApiException Bad(string detail) => ApiException.BadRequest("bad_device", detail);
}
