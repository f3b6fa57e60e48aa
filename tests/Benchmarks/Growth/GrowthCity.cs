using System.Globalization;
using System.Reactive.Subjects;
using Telemetry.Rules;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;

namespace Telemetry.Benchmarks.Growth;

/// <summary>The rules alone, fed with a city's mix of devices: each in turn sends its periodic numbers, which wander and raise nothing.</summary>
internal sealed class GrowthCity : IDisposable
{
    private const long Start = 1_790_000_000_000;

    // Event time between two readings of one device, ms: as often as what reports most often, so that windows are as full as they get and nothing is silent.
    private const long Apart = 10_000;
    private const int Tick = 1000;
    private const int Variants = 8;

    private readonly Subject<LogEntry> _entries = new();
    private readonly IDisposable _running;
    private readonly string[] _ids;
    private readonly string[] _gateways = [.. Enumerable.Range(0, 200).Select(i => string.Create(CultureInfo.InvariantCulture, $"gw-{i}"))];
    private readonly Dictionary<string, ChannelValue[]> _first = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ChannelValue[][]> _values = new(StringComparer.Ordinal);
    private readonly List<LogEntry> _batch = new(Tick + 1);
    private long _position;
    private long _sent;

    public GrowthCity(int devices)
    {
        Pipeline = New();
        _running = Pipeline.Run(_entries).Subscribe(_ => Transitions++);
        var families = FamilySet.Shipped();
        foreach (var family in families.All)
            _entries.OnNext(new FamilyEntry(family.Name, family.Text, family.Hash) { Time = Start });
        foreach (var family in families.All)
        {
            _first[family.Name] = [.. HotState.NormalValues(family)];
            _values[family.Name] = [.. Enumerable.Range(0, Variants).Select(variant => HotState.PeriodicValues(family, 1 + ((variant - (Variants / 2)) * 0.005)))];
        }
        var before = GC.GetTotalMemory(forceFullCollection: true);
        _ids = new string[devices];
        for (var i = 0; i < devices; i++)
            _ids[i] = string.Create(CultureInfo.InvariantCulture, $"device-{i:D8}");
        Send(devices);
        BytesPerDevice = (GC.GetTotalMemory(forceFullCollection: true) - before) / (double)devices;
        ValuesPerReading = Enumerable.Range(0, 1000).Average(i => _values[HotState.FamilyOf(i)][0].Length);
    }

    public RulePipeline Pipeline { get; }

    public long Transitions { get; private set; }

    /// <summary>All that is kept of a device after one reading each: hot state, windows, its kept state for late data, its id and register record.</summary>
    public double BytesPerDevice { get; }

    public double ValuesPerReading { get; }

    /// <summary>As in the service: late data is judged, duplicates are looked for; no reading here is either.</summary>
    public static RulePipeline New() => new((long)TimeSpan.FromDays(7).TotalMilliseconds, (_, _, _) => [], (_, _) => []);

    /// <returns>Nanoseconds of processor time a reading, what the runtime does beside it included; making the readings is not.</returns>
    public double Send(int readings)
    {
        var spent = TimeSpan.Zero;
        for (var left = readings; left > 0; left -= Tick)
        {
            _batch.Clear();
            for (var i = Math.Min(left, Tick); i > 0; i--)
                _batch.Add(Next());
            _batch.Add(new TickEntry { Position = ++_position, Time = Now });
            var begun = Environment.CpuUsage.TotalTime;
            foreach (var entry in _batch)
                _entries.OnNext(entry);
            spent += Environment.CpuUsage.TotalTime - begun;
        }
        return spent.TotalNanoseconds / readings;
    }

    /// <summary>All gateways say that they are offline, their alarms are raised, and they come back.</summary>
    /// <returns>Milliseconds of processor time for each gateway, and those of the entry that took longest.</returns>
    public (double Each, double Longest) LoseGateways()
    {
        var (now, spent, longest) = (Now, TimeSpan.Zero, TimeSpan.Zero);
        foreach (var up in (bool[])[false, true])
        {
            foreach (var gateway in _gateways)
                Take(new GatewayEntry(gateway, up, "status") { Position = ++_position, Time = now });
            // One after the other its delay is over.
            for (var ticks = 15; ticks > 0; ticks--)
                Take(new TickEntry { Position = ++_position, Time = now += 1000 });
        }
        return (spent.TotalMilliseconds / _gateways.Length, longest.TotalMilliseconds);

        void Take(LogEntry entry)
        {
            var begun = Environment.CpuUsage.TotalTime;
            _entries.OnNext(entry);
            var took = Environment.CpuUsage.TotalTime - begun;
            spent += took;
            longest = took > longest ? took : longest;
        }
    }

    public ReadingEntry Next()
    {
        var (device, round) = ((int)(_sent % _ids.Length), _sent / _ids.Length);
        _sent++;
        var family = HotState.FamilyOf(device % 1000);
        // First of all every channel, so that no rule is blind.
        var values = round == 0 ? _first[family] : _values[family][(round + device) % Variants];
        var reading = new Reading { Gateway = _gateways[device % _gateways.Length], Family = family, Device = _ids[device], SentTime = Now, EventTime = Now, Values = values };
        return new ReadingEntry(reading) { Position = ++_position, Time = Now };
    }

    private long Now => Start + (long)(_sent * ((double)Apart / _ids.Length));

    public void Dispose()
    {
        _running.Dispose();
        _entries.Dispose();
    }
}
