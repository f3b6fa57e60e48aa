using Telemetry.Ingest.Security;
using Telemetry.Rules.Alarms;

namespace Telemetry.Ingest.Gateways;

/// <summary><c>alarms/v1/{district}/{family}/{device}/{rule}[/{instance}]</c>.</summary>
public static class AlarmTopics
{
    private const string Root = "alarms/v1/";

    public static string Of(Alarm alarm)
    {
        var topic = $"{Root}{Level(alarm.District)}/{alarm.Family}/{Level(alarm.Device)}/{alarm.Rule}";
        return alarm.Instance is null ? topic : $"{topic}/{alarm.Instance}";
    }

    public static bool MayBeSubscribed(string filter) => filter.StartsWith(Root, StringComparison.Ordinal) && filter.Length > Root.Length;

    /// <summary>The same for whoever does not see everything: the levels of district and family must name what there is for them.</summary>
    public static bool MayBeSubscribed(string filter, Scope scope)
    {
        if (!MayBeSubscribed(filter) || scope.IsCity)
            return MayBeSubscribed(filter);
        var levels = filter[Root.Length..].Split('/');
        return (scope.Districts is null || scope.Districts.Any(district => Level(district) == levels[0])) && (scope.Families is null || scope.Families.Contains(levels.ElementAtOrDefault(1) ?? ""));
    }

    // Districts and streets are free text; what MQTT gives a meaning to can't stand in a level.
    private static string Level(string? text) =>
        string.IsNullOrEmpty(text) ? "_" : text.Replace('/', '_').Replace('+', '_').Replace('#', '_').Replace('\0', '_');
}
