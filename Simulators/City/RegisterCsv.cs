using System.Globalization;
using System.Text;
using Telemetry.Rules.Model;

namespace Telemetry.Simulators.City;

/// <summary>The register as the service's CSV import takes it: one column a field, a setting and a link.</summary>
public static class RegisterCsv
{
    public static string Write(IReadOnlyList<Device> devices)
    {
        var settings = devices.SelectMany(d => d.Settings.Keys).Distinct().Order(StringComparer.Ordinal).ToList();
        var links = devices.SelectMany(d => d.Links.Keys).Distinct().Order(StringComparer.Ordinal).ToList();
        var csv = new StringBuilder("id,family,model,gateway,district,street,latitude,longitude,address,parent,heartbeat,state,stateUntil,stateReason");
        foreach (var setting in settings)
            csv.Append(",settings.").Append(setting);
        foreach (var link in links)
            csv.Append(",links.").Append(link);
        csv.Append('\n');
        foreach (var device in devices)
        {
            IEnumerable<string?> row =
            [
                device.Id, device.Family, device.Model, device.Gateway, device.District, device.Street,
                device.Latitude?.ToString(CultureInfo.InvariantCulture), device.Longitude?.ToString(CultureInfo.InvariantCulture),
                device.Address, device.Parent, device.Heartbeat, device.State, device.StateUntil, device.StateReason,
                .. settings.Select(s => device.Settings.GetValueOrDefault(s)),
                .. links.Select(l => device.Links.GetValueOrDefault(l)),
            ];
            csv.AppendJoin(',', row.Select(Field)).Append('\n');
        }
        return csv.ToString();
    }

    private static string Field(string? value) =>
        value is null ? "" :
        value.AsSpan().ContainsAny(",\"\r\n") ? $"\"{value.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : value;
}
