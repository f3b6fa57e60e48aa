using System.Globalization;
using Telemetry.Ingest.Dashboards.Panels;
using Telemetry.Rules.Families;

namespace Telemetry.Ingest.Dashboards.Families;

/// <summary>
/// Panels of a family's channels, by name, with unit, limits and states from its file. A channel that the family does not have gives
/// null: a city's own version of a shipped family may lack some.
/// </summary>
internal sealed class ChannelPanels(Family family, Places places)
{
    /// <summary>Stored for a state that the family file does not name.</summary>
    private const string Foreign = "-1";

    private const long SlowPeriod = 600_000;

    private readonly ChannelLimits _limits = new(family);

    public Family Family => family;

    public Places Places => places;

    private string From => Influx.Family(family.Name);

    public Channel? Find(string name) => family.Channels.FirstOrDefault(channel => channel.Name == name);

    /// <summary>Unit, limits as steps, states as texts.</summary>
    /// <param name="normal">The colour where nothing is raised.</param>
    public Display Display(Channel channel, string normal = Colours.Calm) => channel.Type switch
    {
        ChannelType.State => new Display { Values = [.. channel.States.Select((state, index) => new ValueText(Text(index), state, StateColour(channel, index, state))), new ValueText(Foreign, "? · 未知", Colours.Notice)] },
        ChannelType.Boolean => new Display { Values = [new ValueText("false", "no · 否", StateColour(channel, 0, "false")), new ValueText("true", "yes · 是", StateColour(channel, 1, "true"))] },
        ChannelType.Counter => new Display { Unit = GrafanaUnits.Of(channel.Unit), Min = 0 },
        _ => new Display { Unit = GrafanaUnits.Of(channel.Unit), Steps = _limits.Steps(channel, normal) },
    };

    /// <summary>One value a device, in the order of their ids: along a tunnel, from station to station.</summary>
    public Panel? Profile(string name) => Find(name) is not { } channel ? null : new BarsPanel(channel.Title, "The last value of each chosen device, in the order of their ids. Dashed: where the family file raises an alarm or ticket by this value alone, with its defaults.", "device")
    {
        Queries = [new Query($"SELECT last(\"{name}\") AS \"{name}\" FROM {From} WHERE $timeFilter AND {places.Around} GROUP BY \"device\" SLIMIT 100")],
        Display = Display(channel),
    };

    /// <summary>A line for each of the chosen devices (and instances).</summary>
    public SeriesPanel? Lines(string name) => Find(name) is not { } channel ? null : Measured(channel, "Each chosen device; the first 50. Point at a line for its name.") with
    {
        HasLegend = false,
        Queries = [new Query($"SELECT {Value(channel)} FROM {From} WHERE $timeFilter AND {places.Around} GROUP BY time($__interval), \"device\"{Instance(channel)} {Fill(channel)} SLIMIT 50", channel.Group is null ? "$tag_device" : "$tag_device $tag_instance")],
    };

    /// <summary>A line for the chosen device, or for each of its instances.</summary>
    public SeriesPanel? Own(string name) => Find(name) is not { } channel ? null : Measured(channel, "The chosen device.") with
    {
        Queries = [new Query($"SELECT {Value(channel)} FROM {From} WHERE $timeFilter AND {places.Device} GROUP BY time($__interval){Instance(channel)} {Fill(channel)}", channel.Group is null ? channel.Title.Text() : $"{channel.Title.Text()} $tag_instance")],
    };

    /// <summary>Highest, mean and lowest of all the chosen devices.</summary>
    public SeriesPanel? Extremes(string name) => Find(name) is not { } channel ? null : Measured(channel, "Of all the chosen devices.") with
    {
        Queries = [new Query($"SELECT max(\"{name}\") AS \"highest · 最高\", mean(\"{name}\") AS \"mean · 平均\", min(\"{name}\") AS \"lowest · 最低\" FROM {From} WHERE $timeFilter AND {places.Around} GROUP BY time($__interval) {Fill(channel)}", "$col")],
    };

    /// <summary>The states of the chosen device over time, a line each channel and instance.</summary>
    public Panel? Timeline(Title title, params string[] names)
    {
        var channels = names.Select(Find).OfType<Channel>().ToList();
        return channels.Count == 0 ? null : new StatesPanel(title, "Grey is usual; a colour is that of the alarm which the state raises.")
        {
            Queries = [.. channels.Select(channel => new Query($"SELECT last(\"{channel.Name}\") FROM {From} WHERE {Since(channel)} AND {places.Device} GROUP BY time($__interval){Instance(channel)} fill(none)", channel.Group is null ? channel.Title.Text() : $"{channel.Title.Text()} $tag_instance"))],
            Overrides = [.. channels.Select((channel, index) => Override.Series(index).With(Display(channel)))],
        };
    }

    /// <summary>The devices whose last report says something else than usual; null where the file does not say what is usual.</summary>
    public TablePanel? Abnormal(string name)
    {
        if (Find(name) is not { } channel || Unusual(channel).ToList() is not { Count: > 0 } unusual)
            return null;
        var tags = $"\"device\", \"district\", \"street\"{Instance(channel)}";
        var shown = "State · 状态";
        return new TablePanel(channel.Title, "Devices whose last report of 30 days is not as usual. The first 200.")
        {
            Queries = [new Query($"SELECT \"state\" FROM (SELECT last(\"{name}\") AS \"state\" FROM {From} WHERE {Influx.LastReadings} AND {places.Around} GROUP BY {tags}) WHERE {string.Join(" OR ", unusual.Select(value => $"\"state\" = {value}"))} GROUP BY {tags} SLIMIT 200")],
            Columns = [new("Time", "Last report · 上报时间"), new("device", "Device · 设备"), .. InstanceColumn(channel), new("state", shown), new("street", "Street · 街道"), new("district", "District · 区县")],
            SortedBy = ["-Time"],
            Display = new Display { NoValue = "none · 无" },
            Overrides = [Override.Column(shown).With(Display(channel)).ColouredText(), Override.Column("Device · 设备").Link("Device · 设备", Links.DeviceOf(family.Name)), Override.Column("Last report · 上报时间").With("unit", "dateTimeFromNow")],
        };
    }

    /// <summary>The twenty devices with the highest last values.</summary>
    public TablePanel? Highest(string name) => Find(name) is not { } channel ? null : Ranked(channel, "top", "highest", "-");

    /// <summary>The twenty devices with the lowest last values.</summary>
    public TablePanel? Lowest(string name) => Find(name) is not { } channel ? null : Ranked(channel, "bottom", "lowest", "");

    private TablePanel Ranked(Channel channel, string function, string said, string sort)
    {
        var tags = $"\"device\", \"district\", \"street\"{Instance(channel)}";
        var shown = channel.Title.Text();
        return new TablePanel(channel.Title, $"The twenty devices with the {said} last value of 30 days.")
        {
            Queries = [new Query($"SELECT {function}(\"value\", {tags}, 20) AS \"value\" FROM (SELECT last(\"{channel.Name}\") AS \"value\" FROM {From} WHERE {Influx.LastReadings} AND {places.Around} GROUP BY {tags})")],
            Columns = [new("value", shown), new("device", "Device · 设备"), .. InstanceColumn(channel), new("street", "Street · 街道"), new("district", "District · 区县")],
            SortedBy = [sort + "value"],
            Display = new Display { NoValue = "none · 无" },
            Overrides = [Override.Column(shown).With(Display(channel)).ColouredText(), Override.Column("Device · 设备").Link("Device · 设备", Links.DeviceOf(family.Name))],
        };
    }

    private static IEnumerable<Column> InstanceColumn(Channel channel) => channel.Group is null ? [] : [new("instance", "No. · 序号")];

    /// <summary>Instance of the group as a further tag, where the channel has instances.</summary>
    public static string Instance(Channel channel) => channel.Group is null ? "" : ", \"instance\"";

    /// <summary>A channel over time, its limits as bands; without queries yet.</summary>
    public SeriesPanel Measured(Channel channel, string what) => new(channel.Title, _limits.Of(channel).Any() ? $"{what} Bands: where the family file raises an alarm or ticket by this value alone, with its defaults; a device of the register may differ." : what)
    {
        Display = Display(channel, Colours.Clear) with { ByStep = false },
        Bands = _limits.Of(channel).Any(),
        Bars = channel.Type == ChannelType.Counter,
        Gap = channel.Type == ChannelType.Counter ? null : channel.Hold,
    };

    /// <summary>What is drawn of a channel in one step of time: a counter's growth, else the mean.</summary>
    public static string Value(Channel channel) =>
        channel.Type == ChannelType.Counter ? $"non_negative_difference(last(\"{channel.Name}\"))" : $"mean(\"{channel.Name}\")";

    /// <summary>A counter's growth is counted from the last step that has one.</summary>
    private static string Fill(Channel channel) => channel.Type == ChannelType.Counter ? "fill(none)" : "fill(null)";

    /// <summary>A state that is reported on change alone, or some times a day, was most often said before the range began.</summary>
    private static string Since(Channel channel) => channel.Period is null or > SlowPeriod ? "time >= ${__from}ms - 7d AND time <= ${__to}ms" : "$timeFilter";

    private IEnumerable<string> Unusual(Channel channel) => channel.Type switch
    {
        ChannelType.Boolean => channel.Normal is "true" ? ["false"] : channel.Normal is "false" || _limits.Of(channel, 1) is not null ? ["true"] : [],
        ChannelType.State when channel.States.Select((state, index) => (state, index)).Where(each => IsUnusual(channel, each.index, each.state)).ToList() is { Count: > 0 } unusual => unusual.Select(each => Text(each.index)).Append(Foreign),
        _ => [],
    };

    private string StateColour(Channel channel, int index, string state) =>
        _limits.Of(channel, index) is { } severity ? Colours.Of(severity) : IsUnusual(channel, index, state) ? Colours.Notice : channel.Normal is null && index > 0 ? Colours.CalmOther : Colours.CalmArea;

    /// <summary>It raises something, is not what the file calls normal, or is called a fault.</summary>
    private bool IsUnusual(Channel channel, int index, string state) =>
        _limits.Of(channel, index) is not null || (channel.Normal is { } normal && normal != state) || state == "fault";

    private static string Text(int index) => index.ToString(CultureInfo.InvariantCulture);
}
