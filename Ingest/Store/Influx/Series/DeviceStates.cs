using System.IO.Hashing;
using System.Runtime.InteropServices;
using Telemetry.Ingest.Api;
using Telemetry.Ingest.Devices;
using Telemetry.Rules.Alarms;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Store.Influx.Series;

/// <summary>
/// The measurement <c>device_state</c>: what each device's alarms come to, folded from the transitions in their order. Remembers alarms that have not ended, and
/// which devices have a point at all. For one thread at a time.
/// </summary>
internal sealed class DeviceStates(DeviceDirectory directory, FamilyCatalog families)
{
    private const int HoursOfDay = 24;

    private readonly record struct Part(bool Shown, Severity Severity, bool Silent);

    private sealed class Entry(string device, string family)
    {
        public string Device { get; } = device;

        public string Family { get; } = family;

        public Dictionary<string, Part> Alarms { get; } = new(StringComparer.Ordinal);

        /// <summary>As the last line said.</summary>
        public Place? Written { get; set; }

        public Place OfAlarm { get; set; }

        public bool Changed { get; set; }

        public int Open => Alarms.Values.Count(alarm => alarm.Shown);

        public int Worst => Alarms.Values.Select(alarm => alarm.Shown ? (int)alarm.Severity + 1 : 0).DefaultIfEmpty().Max();

        public bool Silent => Alarms.Values.Any(alarm => alarm.Silent);
    }

    private readonly Dictionary<(string Family, string Device), Entry> _standing = [];
    private readonly List<Entry> _changed = [];
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);

    /// <summary>Alarms that had not ended at the position where the lines go on; the register's devices have their points, unless the database holds nothing.</summary>
    public void Begin(IEnumerable<Alarm> open, bool isEmpty)
    {
        _standing.Clear();
        _changed.Clear();
        _known.Clear();
        if (!isEmpty)
            _known.UnionWith(directory.All.Select(device => device.Id));
        foreach (var alarm in open)
        {
            var standing = Of(alarm);
            Set(standing, alarm);
            standing.Written = PlaceOf(standing);
        }
    }

    public void Apply(Alarm alarm)
    {
        var standing = Of(alarm);
        Set(standing, alarm);
        if (standing.Changed)
            return;
        standing.Changed = true;
        _changed.Add(standing);
    }

    /// <summary>Each device that has changed since.</summary>
    public IEnumerable<DeviceStateLine> Changes()
    {
        foreach (var standing in _changed)
        {
            standing.Changed = false;
            foreach (var line in LinesOf(standing))
                yield return line;
            if (standing.Alarms.Count == 0)
                _standing.Remove((standing.Family, standing.Device));
        }
        _changed.Clear();
    }

    /// <summary>Whatever is open or silent.</summary>
    public IEnumerable<DeviceStateLine> Standing() =>
        _standing.Values.Where(standing => standing.Open > 0 || standing.Silent).SelectMany(LinesOf);

    /// <summary>The calm devices whose turn an hour is; each has one a day.</summary>
    /// <param name="hour">Since 1970.</param>
    public IEnumerable<DeviceStateLine> Calm(long hour) =>
        directory.All.Where(device => (long)(XxHash3.HashToUInt64(MemoryMarshal.AsBytes(device.Id.AsSpan())) % HoursOfDay) == hour % HoursOfDay && IsCalm(device)).Select(CalmLine);

    public bool HasFresh => _known.Count != directory.Count;

    /// <summary>Devices that came into the register since, so that a list shows them at once.</summary>
    public IEnumerable<DeviceStateLine> Fresh() =>
        directory.All.Where(device => _known.Add(device.Id) && IsCalm(device)).Select(CalmLine);

    private Entry Of(Alarm alarm)
    {
        ref var standing = ref CollectionsMarshal.GetValueRefOrAddDefault(_standing, (alarm.Family, alarm.Device), out _);
        return standing ??= new Entry(alarm.Device, alarm.Family);
    }

    private void Set(Entry standing, Alarm alarm)
    {
        standing.OfAlarm = new Place(alarm.District, alarm.Street);
        if (alarm.State == AlarmState.Normal)
            standing.Alarms.Remove(alarm.Id);
        else
            standing.Alarms[alarm.Id] = new Part(alarm.IsShown, alarm.Severity, alarm.Holds && families.RuleOf(alarm)?.Trigger == RuleTrigger.Silence);
    }

    private bool IsCalm(Device device) => !_standing.TryGetValue((device.Family, device.Id), out var standing) || (standing.Open == 0 && !standing.Silent);

    private Place PlaceOf(Entry standing) =>
        directory.Find(standing.Device) is { } device && device.Family == standing.Family ? new Place(device.District, device.Street) : standing.OfAlarm;

    private IEnumerable<DeviceStateLine> LinesOf(Entry standing)
    {
        var place = PlaceOf(standing);
        // What is said of it at its old place must not stand there for ever.
        if (standing.Written is { } written && written != place)
            yield return new DeviceStateLine(standing.Device, standing.Family, written, 0, 0, false);
        standing.Written = place;
        yield return new DeviceStateLine(standing.Device, standing.Family, place, standing.Worst, standing.Open, standing.Silent);
    }

    private static DeviceStateLine CalmLine(Device device) => new(device.Id, device.Family, new Place(device.District, device.Street), 0, 0, false);
}
