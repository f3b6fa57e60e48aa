using System.Globalization;
using System.Reactive.Subjects;
using Telemetry.Rules;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;
using Telemetry.Rules.Operators;

namespace Telemetry.Benchmarks;

/// <summary><c>hot-state [DEVICES]</c>: managed memory that the rules keep per device, over the city's mix, every channel of each device sent once. The history of functions over time and the register stand apart.</summary>
internal static class HotState
{
    // Of 1,000 devices: covers, domestic and commercial gas valves, toilets, tunnel stations, pump stations.
    private static readonly (string Family, int Share)[] Mix = [("manhole_cover", 235), ("gas_valve", 752), ("public_toilet", 10), ("tunnel", 2), ("drainage_pump", 1)];

    public static int Run(int devices)
    {
        var (pipeline, all, values) = Fill(devices, history: null);
        var alarms = pipeline.OpenAlarms.Count();
        var checkpoint = Checkpoint(pipeline);
        var (register, history) = (RegisterBytes(devices), HistoryBytes(pipeline, devices));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{devices} devices, {values:F1} values each: {all:F0} bytes a device = {all - register - history:F0} hot state + {history:F0} history + {register:F0} id and register record; duplicate window not included; {alarms} alarms among them"));
        Console.WriteLine(checkpoint);
        GC.KeepAlive(pipeline);
        (pipeline, all, _) = Fill(devices, history: null);
        (var withAnchors, var more, _) = Fill(devices, (_, _, _) => []);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"with one anchor for late data each: {more - all:F0} bytes a device more; {Checkpoint(withAnchors)}"));
        GC.KeepAlive(pipeline);
        GC.KeepAlive(withAnchors);
        return 0;
    }

    /// <summary>Every device once, and a tick. Bytes and values are those of one device.</summary>
    private static (RulePipeline Pipeline, double Bytes, double Values) Fill(int devices, ReadingHistory? history)
    {
        using var entries = new Subject<LogEntry>();
        var pipeline = new RulePipeline((long)TimeSpan.FromDays(7).TotalMilliseconds, history);
        using var running = pipeline.Run(entries).Subscribe(_ => { });
        var families = FamilySet.Shipped();
        foreach (var family in families.All)
            entries.OnNext(new FamilyEntry(family.Name, family.Text, family.Hash) { Time = 1_790_000_000_000 });
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var values = 0L;
        for (var i = 0; i < devices; i++)
        {
            var family = families.Find(FamilyOf(i % 1000))!;
            // Without time and sequence nothing enters the duplicate window: it is counted apart.
            var reading = new Reading { Gateway = "gw-" + (i % 20), Family = family.Name, Device = string.Create(CultureInfo.InvariantCulture, $"device-{i:D7}"), EventTime = 1_790_000_000_000, Values = [.. NormalValues(family)] };
            values += reading.Values.Length;
            entries.OnNext(new ReadingEntry(reading) { Position = i + 1, Time = 1_790_000_000_000 });
        }
        entries.OnNext(new TickEntry { Position = devices + 1, Time = 1_790_000_000_000 });
        return (pipeline, (GC.GetTotalMemory(forceFullCollection: true) - before) / (double)devices, values / (double)devices);
    }

    private static string Checkpoint(RulePipeline pipeline)
    {
        using var bytes = new MemoryStream();
        var begun = TimeProvider.System.GetTimestamp();
        using (var into = new BinaryWriter(bytes, System.Text.Encoding.UTF8, leaveOpen: true))
            pipeline.Save(into);
        var saved = TimeProvider.System.GetElapsedTime(begun);
        bytes.Position = 0;
        begun = TimeProvider.System.GetTimestamp();
        using var from = new BinaryReader(bytes, System.Text.Encoding.UTF8, leaveOpen: true);
        new RulePipeline((long)TimeSpan.FromDays(7).TotalMilliseconds).Load(from);
        return string.Create(CultureInfo.InvariantCulture, $"checkpoint of the rules: {bytes.Length / 1e6:F1} MB, saved in {saved.TotalSeconds:F2} s, loaded in {TimeProvider.System.GetElapsedTime(begun).TotalSeconds:F2} s (in memory)");
    }

    /// <summary>What the functions over time look back on: let go, and what that frees.</summary>
    private static double HistoryBytes(RulePipeline pipeline, int devices)
    {
        var before = GC.GetTotalMemory(forceFullCollection: true);
        foreach (var block in pipeline.Fleet.Devices.SelectMany(device => device.Blocks))
            Array.Clear(block.Traces);
        return (before - GC.GetTotalMemory(forceFullCollection: true)) / (double)devices;
    }

    /// <summary>What the register's record and its id take, measured alone.</summary>
    private static double RegisterBytes(int devices)
    {
        var records = new Device[devices];
        var before = GC.GetTotalMemory(forceFullCollection: true);
        for (var i = 0; i < devices; i++)
            records[i] = new Device { Id = string.Create(CultureInfo.InvariantCulture, $"device-{i:D7}"), Family = "gas_valve", Gateway = "gw", State = "provisional" };
        var bytes = (GC.GetTotalMemory(forceFullCollection: true) - before) / (double)devices;
        GC.KeepAlive(records);
        return bytes;
    }

    internal static string FamilyOf(int place)
    {
        foreach (var (family, share) in Mix)
        {
            if ((place -= share) < 0)
                return family;
        }
        return Mix[0].Family;
    }

    /// <summary>The middle of what is usual, so that nothing is raised.</summary>
    private static double Middle(Channel channel)
    {
        var usual = channel.Normal?.Split("..");
        return usual is [var low, var high] && double.TryParse(low, CultureInfo.InvariantCulture, out var from) && double.TryParse(high, CultureInfo.InvariantCulture, out var to)
            ? (from + to) / 2
            : ((channel.PlausibleMin ?? 0) + (channel.PlausibleMax ?? 0)) / 2;
    }

    /// <summary>What a device sends each time: its periodic numbers.</summary>
    internal static ChannelValue[] PeriodicValues(Family family, double factor) =>
        [.. NormalValues(family).Where(value => value.Kind == ValueKind.Number).Take(6).Select(value => value with { Number = value.Number * factor })];

    internal static IEnumerable<ChannelValue> NormalValues(Family family) => family.Channels.SelectMany(Normal);

    private static IEnumerable<ChannelValue> Normal(Channel channel)
    {
        foreach (var name in channel.Group is null ? [channel.Name] : new[] { channel.Name + ".1", channel.Name + ".2", channel.Name + ".3" })
        {
            yield return channel.Type switch
            {
                ChannelType.State => new ChannelValue(name, ValueKind.State, 0, channel.States[0], Quality.Good),
                ChannelType.Boolean => new ChannelValue(name, ValueKind.Boolean, 0, null, Quality.Good),
                _ => new ChannelValue(name, ValueKind.Number, Middle(channel), null, Quality.Good),
            };
        }
    }
}
