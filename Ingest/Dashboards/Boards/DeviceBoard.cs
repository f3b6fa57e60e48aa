using System.Text.Json.Nodes;
using Telemetry.Ingest.Dashboards.Families;
using Telemetry.Ingest.Dashboards.Panels;
using Telemetry.Rules.Families;

namespace Telemetry.Ingest.Dashboards.Boards;

/// <summary>One device of a family: each channel of the family file with its limits as bands, raw and by the minute.</summary>
internal static class DeviceBoard
{
    /// <summary>So many ms without a minute's figures break their line.</summary>
    private const long MinuteGap = 150_000;

    public static Dashboard Create(Family family)
    {
        var places = Places.OneDevice(Influx.Family(family.Name));
        var panels = new ChannelPanels(family, places);
        var states = family.Channels.Where(channel => channel.Type is ChannelType.State or ChannelType.Boolean).ToList();
        return new(Links.DeviceUid + family.Name, "devices", new Title($"{family.Title.En}: device", $"{family.Title.Zh}：设备"), $"One device of the family {family.Name}: what it says now, each channel over time, its alarms.")
        {
            Variables = places.Variables,
            Marks = places.Device,
            Rows =
            [
                new Row(4, [(8, State(places)), (8, Open(places)), (8, Contact(family, places))]),
                new Row(7, [(24, Now(family, places, panels))]),
                .. Measured(family, places, panels),
                .. states.Count == 0 ? Array.Empty<Row>() : [Rows.Of(4 + Math.Min(states.Count, 8), "States · 状态", (24, panels.Timeline(new Title("States", "状态"), [.. states.Select(channel => channel.Name)])))],
                new Row(8, [(24, AlarmPanels.Open(new Choice(places.Device), details: true))], "Alarms · 报警"),
                new Row(10, [(24, AlarmPanels.Transitions(new Choice(places.Device)))]),
            ],
        };
    }

    private static StatPanel State(Places places) => new(new Title("State", "状态"), "The worst of its open alarms now.")
    {
        Queries = [new Query($"SELECT last(\"worst\") FROM {Influx.DeviceState} WHERE {Influx.LastDay} AND {places.Device}", "worst")],
        Display = StatePanels.Worst with { Steps = [new(null, Colours.CalmArea), .. StatePanels.Worst.Steps.Skip(1)], Values = [.. StatePanels.Worst.Values.Select(value => value.Value == "0" ? value with { Colour = Colours.CalmArea } : value)] },
        Filled = true,
    };

    private static StatPanel Open(Places places) => new(new Title("Open alarms", "当前报警数"), "Shelved and suppressed ones left out.")
    {
        Queries = [new Query($"SELECT last(\"open\") FROM {Influx.DeviceState} WHERE {Influx.LastDay} AND {places.Device}", "open")],
        Display = Display.Count(Colours.High),
    };

    private static StatPanel Contact(Family family, Places places) => new(new Title("Last heard", "最近上报"), "When its newest reading was received.")
    {
        Queries = [new Query($"SELECT last(\"received\") FROM {Influx.Family(family.Name)} WHERE {Influx.LastReadings} AND {places.Device}", "received")],
        Display = new Display { Unit = "dateTimeFromNow", NoValue = "not in 30 days · 30 天无数据" },
    };

    private static StatPanel Now(Family family, Places places, ChannelPanels panels) => new(new Title("Last values", "最近值"), "What each measured channel said last within 30 days, however old. States stand further down.")
    {
        Queries = [.. Numbers(family).Select(channel => new Query($"SELECT last(\"{channel.Name}\") FROM {Influx.Family(family.Name)} WHERE {Influx.LastReadings} AND {places.Device}{(channel.Group is null ? "" : " GROUP BY \"instance\"")}", channel.Group is null ? channel.Title.Text() : $"{channel.Title.Text()} $tag_instance"))],
        Overrides = [.. Numbers(family).Select((channel, index) => Override.Series(index).With(panels.Display(channel)))],
        Named = true,
    };

    private static IEnumerable<Row> Measured(Family family, Places places, ChannelPanels panels) => Numbers(family)
        .Chunk(2).Select((two, index) => new Row(8, [.. two.Select(channel => (12, (Panel)OverTime(channel, family, places, panels)))], index == 0 ? "Channels · 测量" : null));

    private static IEnumerable<Channel> Numbers(Family family) => family.Channels.Where(channel => channel.Type is not (ChannelType.State or ChannelType.Boolean));

    /// <summary>The raw readings, and behind them what is left of them by the minute after 30 days.</summary>
    private static SeriesPanel OverTime(Channel channel, Family family, Places places, ChannelPanels panels)
    {
        var own = panels.Own(channel.Name)!;
        if (channel.Type == ChannelType.Counter)
            return own;
        var minutes = channel.Group is null
            ? new Query($"SELECT min(\"{channel.Name}_min\") AS \"lowest · 最低\", max(\"{channel.Name}_max\") AS \"highest · 最高\" FROM {Influx.Minutes(family.Name)} WHERE $timeFilter AND {places.Device} GROUP BY time($__interval) fill(null)", "$col, 1 min")
            : new Query($"SELECT mean(\"{channel.Name}_mean\") FROM {Influx.Minutes(family.Name)} WHERE $timeFilter AND {places.Device} GROUP BY time($__interval), \"instance\" fill(null)", "$tag_instance, 1 min");
        return own with
        {
            Queries = [.. own.Queries, minutes],
            Overrides = [Override.Series(1).With("color", new JsonObject { ["mode"] = "fixed", ["fixedColor"] = Colours.Notice }).With("custom.lineStyle", new JsonObject { ["fill"] = "dot", ["dash"] = new JsonArray(2, 4) }).With("custom.spanNulls", Math.Max(MinuteGap, own.Gap ?? 0))],
        };
    }
}
