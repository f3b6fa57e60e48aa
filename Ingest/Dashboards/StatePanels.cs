using Telemetry.Ingest.Dashboards.Panels;
using Telemetry.Rules.Families;

namespace Telemetry.Ingest.Dashboards;

/// <summary>Panels of the measurements <c>device_state</c> and <c>district_state</c>.</summary>
internal static class StatePanels
{
    /// <summary>What never changes of a device; its place may.</summary>
    private const string Tags = "\"device\", \"family\"";

    /// <summary>Alarms of the family system stand at the device that waits: it would be listed twice.</summary>
    private const string OfDevices = "\"family\" != 'system'";

    /// <summary>By <c>worst</c>: what is grey at 0 and takes the colour of the severity.</summary>
    public static readonly Display Worst = new()
    {
        Steps = [new(null, Colours.Calm), new(1, Colours.Of(Severity.Low)), new(2, Colours.Of(Severity.Medium)), new(3, Colours.High), new(4, Colours.Critical)],
        Values =
        [
            new("0", "normal · 正常", Colours.Calm),
            new("1", "low · 低", Colours.Of(Severity.Low)),
            new("2", "medium · 中", Colours.Of(Severity.Medium)),
            new("3", "high · 高", Colours.High),
            new("4", "critical · 紧急", Colours.Critical),
        ],
    };

    private static readonly Display Silent = new() { Steps = [new(null, Colours.Calm), new(1, Colours.Silent)], Values = [new("0", "", Colours.Calm), new("1", "silent · 失联", Colours.Silent)] };

    /// <summary>Streets in grey, and above them each device that has an open alarm of P3 or above or is silent.</summary>
    public static MapPanel Map(Choice chosen) => new(new Title("Map", "地图"), "Each device with an open alarm of P3 or above in the colour of its worst one, each silent device in white; grey are the streets with devices. The state now, whatever the time range.")
    {
        Queries =
        [
            new Query($"SELECT last(\"devices\") AS \"devices\", \"latitude\", \"longitude\" FROM {Influx.StreetState} WHERE {Influx.LastHours}{chosen.Anywhere} GROUP BY \"district\", \"street\", \"family\""),
            Abnormal(chosen, above: 1),
        ],
        // A device without an open alarm stands on the map because it is silent.
        Display = Worst with { Steps = [new(null, Colours.Silent), .. Worst.Steps.Skip(1)], Values = [] },
        Overrides = [Override.Column("device").Link("Device · 设备", Links.Device)],
    };

    /// <summary>Where one device is, calm or not.</summary>
    public static MapPanel DeviceMap(Choice chosen) => Map(chosen) with
    {
        Description = "Where the device is, in the colour of its worst open alarm; grey while it is calm.",
        Queries = [new Query($"SELECT \"worst\", \"latitude\", \"longitude\" FROM ({Latest(chosen, Influx.LastDay)}) WHERE \"worst\" >= 0 GROUP BY {Tags}"), Abnormal(chosen, above: 0)],
    };

    /// <summary>One row a device, the worst first.</summary>
    public static TablePanel Devices(Choice chosen) => new(new Title("Devices", "设备"), "State of each device now: the worst of its open alarms, their number, whether it is silent. The first 500; choose a district or street for fewer.")
    {
        Queries = [new Query($"SELECT \"worst\", \"open\", \"silent\", \"district\", \"street\" FROM ({Latest(chosen, Influx.LastDay)}) WHERE \"worst\" >= 0{Choice.And(chosen.Place)} GROUP BY {Tags} SLIMIT 500")],
        Columns = [new("worst", "Worst · 最高级别"), new("open", "Open · 报警数"), new("silent", "Contact · 通信"), new("device", "Device · 设备"), new("family", "Family · 类别"), new("street", "Street · 街道"), new("district", "District · 区县")],
        SortedBy = ["device", "-silent", "-worst"],
        Overrides =
        [
            Override.Column("Worst · 最高级别").With(Worst).ColouredText(),
            Override.Column("Contact · 通信").With(Silent).ColouredText(),
            Override.Column("Device · 设备").Link("Device · 设备", Links.Device),
            Override.Column("Family · 类别").Link("Family · 类别", Links.Family),
            Override.Column("Street · 街道").Link("Street · 街道", Links.Street),
        ],
    };

    /// <summary>Counts of open alarms by severity, silent devices and devices, by a tag of <c>district_state</c>.</summary>
    public static TablePanel Counts(Title title, string tag, Column name, string link, string chosen)
    {
        string[] fields = ["critical", "high", "medium", "low", "unacknowledged", "silent", "devices"];
        var inner = string.Join(", ", fields.Skip(1).Select(field => $"\"{field}\"").Prepend("last(\"critical\") AS \"critical\""));
        var sums = string.Join(", ", fields.Select(field => $"sum(\"{field}\") AS \"{field}\""));
        return new TablePanel(title, "Open alarms and tickets by severity, shelved and suppressed ones left out; devices that are silent, and all. Now, whatever the time range.")
        {
            Queries = [new Query($"SELECT {sums} FROM (SELECT {inner} FROM {Influx.DistrictState} WHERE {Influx.LastMinutes} AND {OfDevices}{Choice.And(chosen)} GROUP BY \"district\", \"family\") GROUP BY \"{tag}\"")],
            Columns = [name, new("critical", "P1 · 紧急"), new("high", "P2 · 高"), new("medium", "P3 · 中"), new("low", "P4 · 低"), new("unacknowledged", "Unack. · 未确认"), new("silent", "Silent · 失联"), new("devices", "Devices · 设备")],
            SortedBy = [name.Name, "-high", "-critical"],
            Overrides =
            [
                Override.Column("P1 · 紧急").With(Quiet(Colours.Critical)).With("custom.align", "right").Coloured(),
                Override.Column("P2 · 高").With(Quiet(Colours.High)).With("custom.align", "right").Coloured(),
                Override.Column("P3 · 中").With(Quiet(Colours.Of(Severity.Medium))).ColouredText(),
                Override.Column("P4 · 低").With(Quiet(Colours.Of(Severity.Low))).ColouredText(),
                Override.Column("Unack. · 未确认").With(Display.Count(Colours.High)).ColouredText(),
                Override.Column("Silent · 失联").With(Display.Count(Colours.Silent)).ColouredText(),
                Override.Column(name.Title).Link(name.Title, link),
            ],
        };
    }

    /// <summary>One figure: the sum of a field over districts and families.</summary>
    public static StatPanel Sum(Title title, string description, string field, string colour, string chosen) => new(title, description)
    {
        Queries = [new Query($"SELECT sum(\"{field}\") FROM (SELECT last(\"{field}\") AS \"{field}\" FROM {Influx.DistrictState} WHERE {Influx.LastMinutes}{Choice.And(chosen)} GROUP BY \"district\", \"family\")", field)],
        Display = Display.Count(colour),
    };

    /// <summary>P1 and P2, what sounds and for how long, silent devices, the newest reading's age.</summary>
    public static Row Header(int height, string chosen) => new(height,
    [
        (4, Sum(new Title("P1 critical", "紧急"), "Open critical alarms; act now.", "critical", Colours.Critical, chosen) with { Filled = true, Display = Tile(Colours.Critical) }),
        (4, Sum(new Title("P2 high", "高"), "Open alarms of severity high.", "high", Colours.High, chosen) with { Filled = true, Display = Tile(Colours.High) }),
        (4, Sum(new Title("Unacknowledged", "未确认"), "Alarms that nobody has seen yet.", "unacknowledged", Colours.High, chosen)),
        (4, Oldest(chosen)),
        (4, Sum(new Title("Silent devices", "失联设备"), "2.5 heartbeats without a sign of life.", "silent", Colours.Silent, chosen)),
        (4, Age(chosen)),
    ]);

    /// <summary>A tile that stays dark until there is one, and is white while nothing is known.</summary>
    public static Display Tile(string colour) => new() { Steps = [new(null, Colours.CalmArea), new(1, colour)], NoValue = "no data · 无数据", NoValueColour = Colours.Silent };

    private static Display Quiet(string colour) => new() { Steps = [new(null, Colours.Clear), new(1, colour)], Values = [new("0", "–", Colours.Clear)] };

    private static StatPanel Oldest(string chosen) => new(new Title("Oldest unacknowledged", "最久未确认"), "How long the oldest unacknowledged alarm has been waiting. A critical one is due to somebody in 3 min.")
    {
        Queries = [new Query($"SELECT max(\"age\") FROM (SELECT last(\"oldest_unacknowledged_s\") AS \"age\" FROM {Influx.DistrictState} WHERE {Influx.LastMinutes}{Choice.And(chosen)} GROUP BY \"district\", \"family\")", "age")],
        Display = new Display { Unit = "s", Decimals = 0, Steps = [new(null, Colours.Calm), new(180, Colours.High), new(600, Colours.Critical)] },
    };

    private static StatPanel Age(string chosen) => new(new Title("Data age", "数据时效"), "Age of the newest reading in the district that has been without one for longest. Grows when nothing comes in; nothing at all for five minutes means that the service or its database is down, and then nothing here is to be trusted.")
    {
        Queries = [new Query($"SELECT max(\"age\") FROM (SELECT min(\"age\") AS \"age\" FROM (SELECT last(\"data_age_s\") AS \"age\" FROM {Influx.DistrictState} WHERE {Influx.LastMinutes}{Choice.And(chosen)} GROUP BY \"district\", \"family\") GROUP BY \"district\")", "age")],
        Display = new Display { Unit = "s", Decimals = 0, Steps = [new(null, Colours.Calm), new(300, Colours.High), new(1800, Colours.Critical)] }.Vital(),
    };

    private static Query Abnormal(Choice chosen, int above) =>
        new($"SELECT \"worst\", \"open\", \"silent\", \"district\", \"street\", \"latitude\", \"longitude\" FROM ({Latest(chosen, Influx.LastHours)}) WHERE (\"worst\" > {above} OR \"silent\" = 1){Choice.And(chosen.Place)} GROUP BY {Tags}");

    private static string Latest(Choice chosen, string since) =>
        $"SELECT last(\"worst\") AS \"worst\", \"open\", \"silent\", \"district\", \"street\", \"latitude\", \"longitude\" FROM {Influx.DeviceState} WHERE {since} AND {OfDevices}{Choice.And(chosen.Device)} GROUP BY {Tags}";
}
