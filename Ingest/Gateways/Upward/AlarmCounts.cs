using Telemetry.Ingest.Alarms;
using Telemetry.Ingest.Hosting;
using Telemetry.Rules.Alarms;
using Telemetry.Rules.Conditions;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Gateways.Upward;

/// <summary>
/// <c>Upward:Counts</c>: what this service says to a level above that does not want its readings. It is one device there; each channel of its family is named like what it
/// counts: a severity, a severity's alarms that nobody has acknowledged (<c>critical_unacknowledged</c>), or a rule of any family here.
/// </summary>
internal sealed class AlarmCounts
{
    private readonly IReadOnlyList<(string Channel, Func<Alarm, bool> Counts)> _channels;

    private AlarmCounts(string family, IReadOnlyList<(string, Func<Alarm, bool>)> channels) => (Family, _channels) = (family, channels);

    public string Family { get; }

    /// <param name="path">The family file that the level above has among its rules; null for none.</param>
    /// <param name="families">Those in force here, whose rules may be counted.</param>
    /// <returns>Null without a path, or with every mistake of the file.</returns>
    public static (AlarmCounts? Counts, IReadOnlyList<string> Errors) Load(string? path, FamilySet families)
    {
        if (path is null)
            return (null, []);
        var (family, errors) = RulesFolder.ReadOne(path);
        if (family is null)
            return (null, [.. errors.Select(error => error.ToString())]);
        var rules = families.All.SelectMany(own => own.Rules).Select(rule => rule.Name).ToHashSet(StringComparer.Ordinal);
        var channels = new List<(string, Func<Alarm, bool>)>();
        var unknown = new List<string>();
        if (family.Channels.Count == 0)
            unknown.Add($"{path}: channels: has none; each is named like what it counts: critical, critical_unacknowledged, or a rule");
        foreach (var channel in family.Channels)
        {
            if (channel.Group is not null || channel.Type is not (ChannelType.Number or ChannelType.Integer))
                unknown.Add($"{path}: channels.{channel.Name}: says how many alarms are active: a number without instances, such as {channel.Name}: {{unit: \"1\", whole: true, every: 30s}}");
            else if (CountOf(channel.Name, rules) is { } count)
                channels.Add((channel.Name, count));
            else
                unknown.Add($"{path}: channels.{channel.Name}: no rule of the families here has that name, and it is no severity{NearestName.Hint(channel.Name, [.. rules, .. Severities()])}");
        }
        return unknown.Count > 0 ? (null, unknown) : (new AlarmCounts(family.Name, channels), []);
    }

    /// <param name="open">Alarms that have not ended. Those of a drill or a test, and those that something lies over, count as none.</param>
    public ChannelValue[] Of(IReadOnlyCollection<Alarm> open)
    {
        var active = open.Where(IsActive).ToList();
        return [.. _channels.Select(channel => new ChannelValue(channel.Channel, ValueKind.Number, active.Count(channel.Counts), null, Quality.Good))];
    }

    private static bool IsActive(Alarm alarm) =>
        alarm is { Mode: null, State: AlarmState.ActiveUnacknowledged or AlarmState.ActiveAcknowledged or AlarmState.LatchedUnacknowledged or AlarmState.LatchedAcknowledged };

    private static Func<Alarm, bool>? CountOf(string channel, HashSet<string> rules)
    {
        foreach (var severity in Enum.GetValues<Severity>())
        {
            if (channel == AlarmJson.Name(severity))
                return alarm => alarm.Kind == AlarmKind.Alarm && alarm.Severity == severity;
            if (channel == Unacknowledged(severity))
                return alarm => alarm.Kind == AlarmKind.Alarm && alarm.Severity == severity && alarm.State is AlarmState.ActiveUnacknowledged or AlarmState.LatchedUnacknowledged;
        }
        return rules.Contains(channel) ? alarm => alarm.Rule == channel : null;
    }

    private static IEnumerable<string> Severities() => Enum.GetValues<Severity>().SelectMany(severity => (string[])[AlarmJson.Name(severity), Unacknowledged(severity)]);

    private static string Unacknowledged(Severity severity) => $"{AlarmJson.Name(severity)}_unacknowledged";
}
