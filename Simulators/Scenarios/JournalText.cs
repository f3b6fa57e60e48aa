using System.Globalization;
using System.Text.Json;
using Telemetry.Rules.Alarms;
using Telemetry.Rules.Families;

namespace Telemetry.Simulators.Scenarios;

/// <summary>The service's journal and alarms, read back as what the rules gave out: so far as a score asks for it.</summary>
internal static class JournalText
{
    private static readonly Dictionary<string, AlarmState> States = Enum.GetValues<AlarmState>().ToDictionary(
        state => JsonNamingPolicy.SnakeCaseLower.ConvertName(state.ToString()), StringComparer.Ordinal);

    /// <param name="alarms">The API's alarm objects by id: what a line does not say of its alarm.</param>
    /// <returns>Null for a line whose alarm is not among them.</returns>
    public static AlarmTransition? Read(string line, IReadOnlyDictionary<string, JsonElement> alarms)
    {
        using var json = JsonDocument.Parse(line);
        var root = json.RootElement;
        if (!alarms.TryGetValue(Text(root, "alarm")!, out var alarm))
            return null;
        var (to, receivedAt) = (States[Text(root, "to")!], Time(root, "receivedAt"));
        return new AlarmTransition(root.GetProperty("position").GetInt64(), 0, Text(root, "id")!, States[Text(root, "from")!], to, Time(root, "at"), receivedAt, Text(root, "cause")!, new Alarm
        {
            Id = Text(root, "alarm")!,
            Device = Text(root, "device")!,
            Family = Text(alarm, "family")!,
            District = Text(alarm, "district"),
            Rule = Text(root, "rule")!,
            Instance = Text(root, "instance"),
            Kind = Vocabulary.Kinds[Text(alarm, "kind")!],
            Severity = Vocabulary.Severities[Text(root, "severity")!],
            State = to,
            RaisedAt = Time(alarm, "raisedAt"),
            RaisedReceivedAt = Time(alarm, "raisedReceivedAt"),
            Retrospective = alarm.GetProperty("retrospective").GetBoolean(),
            RuleVersion = Text(alarm, "ruleVersion")!,
        });
    }

    private static string? Text(JsonElement of, string name) => of.GetProperty(name).GetString();

    private static long Time(JsonElement of, string name) => DateTimeOffset.Parse(Text(of, name)!, CultureInfo.InvariantCulture).ToUnixTimeMilliseconds();
}
