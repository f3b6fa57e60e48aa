using System.Globalization;
using Telemetry.Ingest.Api;
using Telemetry.Rules.Conditions;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;
using Telemetry.Rules.Operators;

namespace Telemetry.Ingest.Devices;

/// <summary>One thing that is wrong with a device.</summary>
/// <param name="Field">As in the API and in the CSV header: <c>latitude</c>, <c>settings.high_level</c>.</param>
/// <param name="Value">As given; null where it is missing.</param>
/// <param name="Expected">What would be right.</param>
public sealed record DeviceError(string Field, string? Value, string Expected)
{
    public override string ToString() => Value is null ? $"{Field} is missing: {Expected} would be right" : $"{Field} \"{Value}\": {Expected} would be right";
}

/// <summary>Judges a device before it enters the log; what is in the register has passed here, but for provisional devices.</summary>
/// <param name="families">In force.</param>
/// <param name="modelProblem">Of a sensor's model for a family: what would be right, null for nothing. Null judges no models.</param>
public sealed class DeviceValidator(FamilyCatalog families, Func<string, string, string?>? modelProblem = null)
{
    private const int MaxText = 200;
    private const int MaxRole = 64;
    private const int MaxSensors = 256;
    private const long MinHeartbeat = 1000;
    private const long MaxHeartbeat = 30L * 24 * 3600 * 1000;
    private static readonly string[] States = ["provisional", "commissioning", "test", "drill", "live"];

    /// <summary>Everything that is wrong; empty for a device that may enter the register.</summary>
    public IReadOnlyList<DeviceError> Validate(Device device)
    {
        var errors = new List<DeviceError>();
        CheckId(errors, "id", device.Id);
        CheckId(errors, "gateway", device.Gateway);
        CheckId(errors, "parent", device.Parent);
        if (device.Parent is not null && device.Parent == device.Id)
            errors.Add(new DeviceError("parent", device.Parent, "the id of another device"));
        CheckTopicLevel(errors, "district", device.District);
        CheckText(errors, "model", device.Model);
        CheckText(errors, "street", device.Street);
        CheckText(errors, "address", device.Address);
        CheckPlace(errors, device);
        if (device.Heartbeat is not null && Quantity.Duration(device.Heartbeat) is not (>= MinHeartbeat and <= MaxHeartbeat))
            errors.Add(new DeviceError("heartbeat", device.Heartbeat, "1s to 30d, such as 60s, 10m, 12h"));
        if (!States.Contains(device.State))
            errors.Add(new DeviceError("state", device.State, string.Join(", ", States)));
        CheckLinks(errors, device);
        CheckSensors(errors, device);
        if (families.Find(device.Family) is { IsBuiltIn: false } family)
            CheckSettings(errors, device, family);
        else
            errors.Add(new DeviceError("family", device.Family, string.Join(", ", families.All.Where(known => !known.IsBuiltIn).Select(known => known.Name).Order(StringComparer.Ordinal))));
        return errors;
    }

    /// <summary>Whoever puts a device into test, drill or an exercise says why and until when.</summary>
    /// <param name="now">Unix ms.</param>
    public static IEnumerable<DeviceError> ValidateMode(Device device, long now)
    {
        var isMode = device.State is "test" or "drill" || (device.State == "commissioning" && device.Exercise is not null);
        if (isMode && string.IsNullOrWhiteSpace(device.StateReason))
            yield return new DeviceError("stateReason", device.StateReason, $"why the device is in {device.State}");
        if (isMode && !(device.StateUntil is { } until && Query.ParseTime(until) is { } end && end > now && end - now <= Modes.Longest))
            yield return new DeviceError("stateUntil", device.StateUntil, "an end to come, 8 h from now at most, such as 2026-07-01T08:00:00Z,");
        if (device.Exercise is { } exercise && !(isMode && Exercises.IsName(exercise)))
            yield return new DeviceError("exercise", exercise, $"1 to {Exercises.MaxName} characters, with the state test, drill or commissioning");
        if (!isMode && (device.StateUntil ?? device.StateReason) is not null)
            yield return new DeviceError(device.StateUntil is null ? "stateReason" : "stateUntil", device.StateUntil ?? device.StateReason, $"none with the state {device.State}");
    }

    private static void CheckId(List<DeviceError> errors, string field, string? id)
    {
        if (id is not null && !DeviceId.IsValid(id))
            errors.Add(new DeviceError(field, id, "1 to 64 of A-Z a-z 0-9 _ . : -"));
    }

    private static void CheckText(List<DeviceError> errors, string field, string? text)
    {
        if (text is not null && (text.Length is 0 or > MaxText || text.Any(char.IsControl)))
            errors.Add(new DeviceError(field, text, $"1 to {MaxText} characters without control characters"));
    }

    /// <summary>The district is a level of the alarm's MQTT topic.</summary>
    private static void CheckTopicLevel(List<DeviceError> errors, string field, string? text)
    {
        if (text is null)
            return;
        CheckText(errors, field, text);
        if (text == "_" || text.AsSpan().IndexOfAny("/+#") >= 0)
            errors.Add(new DeviceError(field, text, "a name without / + #, and not _ alone, as it is a level of MQTT topics,"));
    }

    private static void CheckPlace(List<DeviceError> errors, Device device)
    {
        CheckDegrees(errors, "latitude", device.Latitude, 90);
        CheckDegrees(errors, "longitude", device.Longitude, 180);
        if (device.Latitude is null && device.Longitude is not null)
            errors.Add(new DeviceError("latitude", null, "a latitude beside the longitude, or neither,"));
        if (device.Longitude is null && device.Latitude is not null)
            errors.Add(new DeviceError("longitude", null, "a longitude beside the latitude, or neither,"));
    }

    private static void CheckDegrees(List<DeviceError> errors, string field, double? degrees, int limit)
    {
        if (degrees is { } value && !(Math.Abs(value) <= limit))
            errors.Add(new DeviceError(field, value.ToString(CultureInfo.InvariantCulture), $"-{limit} to {limit} degrees"));
    }

    private void CheckLinks(List<DeviceError> errors, Device device)
    {
        foreach (var (role, id) in device.Links)
        {
            if (!IsRole(role))
                errors.Add(new DeviceError($"links.{role}", id, $"a role of a-z 0-9 _ that begins with a letter, up to {MaxRole},"));
            else if (!IsKnown(role))
                errors.Add(new DeviceError($"links.{role}", id, ExpectedRole(role)));
            if (!DeviceId.IsValid(id) || id == device.Id)
                errors.Add(new DeviceError($"links.{role}", id, "the id of another device"));
        }
    }

    /// <summary>By a role that no family knows a link would do nothing, and nobody would notice.</summary>
    private bool IsKnown(string role) => Functions.LinkedPlaces.Contains(role) || families.All.Any(family => family.Links.ContainsKey(role));

    private string ExpectedRole(string role)
    {
        var roles = families.All.SelectMany(family => family.Links.Keys).Concat(Functions.LinkedPlaces).Distinct().Order(StringComparer.Ordinal).ToList();
        var hint = NearestName.Of(role, roles) is { } nearest ? $", perhaps {nearest}," : "";
        return $"a role that rules ask for ({string.Join(", ", roles)}){hint}";
    }

    /// <summary>Whether another device claims the same hardware, <see cref="RegisterConflicts"/> knows.</summary>
    private void CheckSensors(List<DeviceError> errors, Device device)
    {
        if (device.Sensors.Count > MaxSensors)
            errors.Add(new DeviceError("sensors", device.Sensors.Count.ToString(CultureInfo.InvariantCulture), $"at most {MaxSensors} of one device"));
        foreach (var (wireId, text) in device.Sensors)
        {
            if (!Sensor.IsWireId(wireId))
                errors.Add(new DeviceError("sensors", wireId, Sensor.WireIdExpected));
            else if (!Sensor.TryParse(text, out var model, out _))
                errors.Add(new DeviceError($"sensors.{wireId}", text, Sensor.Expected));
            else if (model is not null && modelProblem?.Invoke(model, device.Family) is { } problem)
                errors.Add(new DeviceError($"sensors.{wireId}", text, problem));
        }
        foreach (var twice in device.Sensors.Keys.GroupBy(wireId => wireId, StringComparer.OrdinalIgnoreCase).Where(same => same.Count() > 1))
            errors.Add(new DeviceError("sensors", string.Join(", ", twice), "each wire id once, as upper and lower case are the same,"));
    }

    private static bool IsRole(string role) =>
        role.Length is >= 1 and <= MaxRole && char.IsAsciiLetterLower(role[0]) && role.All(letter => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter == '_');

    private static void CheckSettings(List<DeviceError> errors, Device device, Family family)
    {
        foreach (var (name, text) in device.Settings)
        {
            var setting = family.Settings.FirstOrDefault(known => known.Name == name);
            if (setting is null)
            {
                var known = family.Settings.Count == 0 ? "no setting at all" : string.Join(", ", family.Settings.Select(one => one.Name));
                errors.Add(new DeviceError($"settings.{name}", text, $"for the family {family.Name}, {known}"));
            }
            else if (Expected(setting, text) is { } expected)
                errors.Add(new DeviceError($"settings.{name}", text, expected));
        }
    }

    /// <summary>What would be right for the setting; null where the text is.</summary>
    private static string? Expected(Setting setting, string text)
    {
        if (setting.IsHours)
            return OpenHours.TryParse(text, out _) ? null : "opening hours such as 06:00-22:00, or 00:00-24:00 for what never closes,";
        if (setting.States.Count > 0)
            return setting.States.Contains(text) ? null : string.Join(", ", setting.States);
        var fits = Quantity.TryParse(text, out var quantity, out _) && quantity.TryIn(setting.Unit, out var value) && double.IsFinite(value)
            && !(value < setting.Min) && !(value > setting.Max);
        return fits ? null : $"a number in {setting.Unit ?? "1"}{Range(setting)}, or one with a unit that converts to it,";
    }

    private static string Range(Setting setting) => (setting.Min, setting.Max) switch
    {
        (null, null) => "",
        ({ } min, null) => string.Create(CultureInfo.InvariantCulture, $" from {min}"),
        (null, { } max) => string.Create(CultureInfo.InvariantCulture, $" up to {max}"),
        ({ } min, { } max) => string.Create(CultureInfo.InvariantCulture, $" from {min} to {max}"),
    };
}
