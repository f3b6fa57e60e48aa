using Telemetry.Rules.Alarms;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.OperatorPage.Map;

/// <summary>One line of the list beside the map.</summary>
/// <param name="Name">Null for what has no district.</param>
/// <param name="Devices">In the register.</param>
/// <param name="Alarms">That an operator sees, by severity.</param>
internal sealed record DistrictCount(string? Name, int Devices, IReadOnlyDictionary<Severity, int> Alarms)
{
    public int Of(Severity severity) => Alarms.GetValueOrDefault(severity);
}

/// <summary>The map in numbers.</summary>
internal static class DistrictCounts
{
    /// <summary>Worst first, then by name; what has no district last among equals.</summary>
    /// <param name="known">Districts that stand there even without a device.</param>
    public static IReadOnlyList<DistrictCount> Of(IEnumerable<Device> devices, IEnumerable<Alarm> open, IEnumerable<string> known)
    {
        // No name is the empty one: a dictionary has no null.
        var counted = devices.CountBy(device => device.District ?? "").ToDictionary();
        var alarms = open.Where(alarm => alarm is { IsShown: true, Kind: AlarmKind.Alarm })
            .GroupBy(alarm => alarm.District ?? "")
            .ToDictionary(group => group.Key, group => (IReadOnlyDictionary<Severity, int>)group.CountBy(alarm => alarm.Severity).ToDictionary());
        var none = new Dictionary<Severity, int>();
        return
        [
            .. counted.Keys.Union(alarms.Keys).Union(known)
                .Select(name => new DistrictCount(name.Length == 0 ? null : name, counted.GetValueOrDefault(name), alarms.GetValueOrDefault(name, none)))
                .OrderByDescending(district => district.Of(Severity.Critical)).ThenByDescending(district => district.Of(Severity.High))
                .ThenByDescending(district => district.Of(Severity.Medium)).ThenByDescending(district => district.Of(Severity.Low))
                .ThenBy(district => district.Name is null).ThenBy(district => district.Name, StringComparer.Ordinal),
        ];
    }
}
