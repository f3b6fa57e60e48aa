using Telemetry.Ingest.Dashboards.Panels;
using Telemetry.Rules.Families;

namespace Telemetry.Ingest.Dashboards.Boards;

/// <summary>One district, one street, one device of any family: for whoever was called to it.</summary>
internal static class PlaceBoards
{
    public static Dashboard District()
    {
        var places = Places.OneDistrict(Influx.DeviceState);
        var chosen = new Choice("", places.Around);
        return new("city-district", "city", new Title("District", "区县"), "One district: what is open, where, and whether data comes in.")
        {
            Variables = places.Variables,
            Marks = $"{places.Around} AND \"severity\" = 1",
            Rows =
            [
                StatePanels.Header(4, places.Around),
                new Row(8, [(12, StatePanels.Counts(new Title("By family", "按类别"), "family", new Column("family", "Family · 类别"), Links.Family, places.Around)), (12, Course(places.Around))]),
                new Row(12, [(9, StatePanels.Map(chosen)), (15, AlarmPanels.Open(chosen))]),
                new Row(9, [(15, StatePanels.Devices(chosen)), (9, Hourly(chosen))]),
            ],
        };
    }

    public static Dashboard Street()
    {
        var places = Places.OneStreet(Influx.DeviceState);
        var chosen = new Choice("", places.Around);
        return new("city-street", "city", new Title("Street", "街道"), "One street: its devices, what is open, and what happened lately.")
        {
            Variables = places.Variables,
            Marks = places.Around,
            Rows =
            [
                new Row(11, [(9, StatePanels.Map(chosen)), (15, AlarmPanels.Open(chosen))]),
                new Row(12, [(12, StatePanels.Devices(chosen)), (12, AlarmPanels.Transitions(chosen))]),
                new Row(7, [(24, Hourly(chosen))]),
            ],
        };
    }

    /// <summary>What is the same for every family; the family's own page has the channels.</summary>
    public static Dashboard Device()
    {
        var places = Places.OneDevice(Influx.DeviceState);
        var chosen = new Choice(places.Device);
        return new("city-device", "city", new Title("Device", "设备"), "One device of any family: its state and its alarms. Its channels stand on the page of its family's devices; click on the device.")
        {
            Variables = places.Variables,
            Marks = places.Device,
            From = "now-24h",
            Rows =
            [
                new Row(5, [(24, StatePanels.Devices(chosen) with { Title = new Title("State", "状态") })]),
                new Row(9, [(24, AlarmPanels.Open(chosen, details: true))]),
                new Row(7, [(12, History(places.Device)), (12, StatePanels.DeviceMap(chosen))]),
                new Row(12, [(24, AlarmPanels.Transitions(chosen))]),
            ],
        };
    }

    private static SeriesPanel Hourly(Choice chosen) => AlarmPanels.Calls(new Title("Alarms per hour", "每小时报警数"), "How many began to sound.", "1h", chosen);

    private static SeriesPanel Course(string chosen) => new(new Title("Open alarms over time", "报警数变化"), "Open alarms of P1 and P2 and silent devices, summed over families.")
    {
        Queries =
        [
            .. new[] { ("critical", "P1 · 紧急"), ("high", "P2 · 高"), ("silent", "silent · 失联") }.Select(field =>
                new Query($"SELECT sum(\"n\") FROM (SELECT last(\"{field.Item1}\") AS \"n\" FROM {Influx.DistrictState} WHERE $timeFilter AND {chosen} GROUP BY time($__interval), \"district\", \"family\" fill(none)) WHERE $timeFilter GROUP BY time($__interval) fill(none)", field.Item2)),
        ],
        Display = new Display { Min = 0, Decimals = 0 },
        Overrides = [Fixed(0, Colours.Critical), Fixed(1, Colours.High), Fixed(2, Colours.Silent)],
        Steps = true,
        Span = "1m",
    };

    private static SeriesPanel History(string chosen) => new(new Title("Open alarms of the device", "设备报警数"), "How many stood open at a time.")
    {
        Queries = [new Query($"SELECT max(\"open\") FROM {Influx.DeviceState} WHERE $timeFilter AND {chosen} GROUP BY time($__interval) fill(previous)", "open")],
        Display = new Display { Min = 0, Decimals = 0 },
        Steps = true,
    };

    private static Override Fixed(int query, string colour) => Override.Series(query).With("color", new System.Text.Json.Nodes.JsonObject { ["mode"] = "fixed", ["fixedColor"] = colour });
}
