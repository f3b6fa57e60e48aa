using Telemetry.Ingest.Dashboards.Families;
using Telemetry.Ingest.Dashboards.Panels;
using Telemetry.Rules.Families;

namespace Telemetry.Ingest.Dashboards.Boards;

/// <summary>
/// What the operators of one kind of device look at. The shipped families have rows of their own; any other, or a shipped one whose
/// channels a city has renamed, gets each channel's extremes.
/// </summary>
internal static class FamilyBoard
{
    public static Dashboard Create(Family family)
    {
        var places = Places.OneDevice(Influx.Family(family.Name));
        var panels = new ChannelPanels(family, places);
        var own = $"\"family\" = '{family.Name}'";
        var chosen = new Choice(own, places.Around);
        var special = Special(family.Name, panels).Where(row => row.Cells.Count > 0).ToList();
        return new(Links.FamilyUid + family.Name, "families", family.Title, $"All devices of the family {family.Name} in the chosen districts and streets, and one of them.")
        {
            Variables = places.Variables,
            Marks = $"{places.Around} AND {own} AND (\"severity\" = 1 OR \"severity\" = 2)",
            Rows =
            [
                // Counted by district: a chosen street does not narrow it.
                StatePanels.Header(4, $"{places.Districts} AND {own}"),
                .. special.Count > 0 ? special : Generic(panels),
                .. Unusual(panels, [.. special.SelectMany(row => row.Cells).Select(cell => cell.Panel.Title)]),
                new Row(11, [(9, StatePanels.Map(chosen)), (15, AlarmPanels.Open(chosen))], "Alarms · 报警"),
            ],
        };
    }

    private static IEnumerable<Row> Special(string family, ChannelPanels panels) => family switch
    {
        "tunnel" => TunnelRows.Of(panels),
        "drainage_pump" => PumpRows.Of(panels),
        "manhole_cover" => CoverRows.Of(panels),
        "gas_valve" => GasRows.Of(panels),
        "public_toilet" => ToiletRows.Of(panels),
        _ => [],
    };

    private static IEnumerable<Row> Generic(ChannelPanels panels) => panels.Family.Channels
        .Where(channel => channel.Type is ChannelType.Number or ChannelType.Integer)
        .Select(channel => panels.Extremes(channel.Name))
        .Chunk(3).Select(three => Rows.Of(8, null, [.. three.Select(panel => (8, (Panel?)panel))]));

    /// <summary>Three lists a row of devices that are not as usual, a list each state that no row above has.</summary>
    private static IEnumerable<Row> Unusual(ChannelPanels panels, IReadOnlyCollection<Title> shown) => panels.Family.Channels
        .Where(channel => !shown.Contains(channel.Title))
        .Select(channel => panels.Abnormal(channel.Name)).OfType<TablePanel>()
        .Chunk(3).Select((three, index) => Rows.Of(5, index == 0 ? "Not as usual · 异常设备" : null, [.. three.Select(panel => (8, (Panel?)panel))]));
}
