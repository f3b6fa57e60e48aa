using Telemetry.Rules.Families;

namespace Telemetry.Ingest.Dashboards.Boards;

/// <summary>
/// The service's own families (gateway, area, system) measure nothing, but raise alarms: what the links of an alarm's row lead to stands
/// for them too.
/// </summary>
internal static class BuiltInBoards
{
    public static IEnumerable<Dashboard> Of(Family family)
    {
        var all = $"\"family\" = '{family.Name}'";
        var device = new Variable("device", new Title("Device", "设备"), Influx.Alarm, all);
        yield return Create(Links.FamilyUid + family.Name, "families", family.Title, all, []);
        yield return Create(Links.DeviceUid + family.Name, "devices", new Title($"{family.Title.En}: one", $"{family.Title.Zh}：单个"), $"{all} AND \"device\" = '$device'", [device]);
    }

    private static Dashboard Create(string uid, string folder, Title title, string chosen, IReadOnlyList<Variable> variables) => new(uid, folder, title, "Raised by the service itself; nothing is measured here.")
    {
        Variables = variables,
        Marks = chosen,
        From = "now-7d",
        Rows =
        [
            new Row(10, [(24, AlarmPanels.Open(new Choice(chosen), details: true))]),
            new Row(12, [(24, AlarmPanels.Transitions(new Choice(chosen)))]),
        ],
    };
}
