using Telemetry.Rules;
using Telemetry.Rules.Alarms;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;
using Telemetry.Rules.Operators;

namespace Telemetry.Ingest.Store.Influx.Series;

/// <summary>
/// The measurement <c>district_state</c>: how the devices of each family stand in each district, as the rules have them after one entry. Of a reading it costs
/// two look-ups by index. For the rules' thread.
/// </summary>
internal sealed class DistrictStates
{
    private const string NoDistrict = LoadPosition.NoDistrict;

    private sealed class Group
    {
        public int Devices { get; set; }

        /// <summary>Event time, Unix ms; 0 before the first reading.</summary>
        public long Newest { get; set; }
    }

    private sealed class Figures
    {
        public int Silent { get; set; }

        public int[] BySeverity { get; } = new int[(int)Severity.Critical + 1];

        public int Unacknowledged { get; set; }

        /// <summary>Log time, Unix ms.</summary>
        public long Oldest { get; set; } = long.MaxValue;
    }

    private static readonly Comparer<(string District, string Family)> Order = Comparer<(string District, string Family)>.Create(
        (a, b) => string.CompareOrdinal(a.District, b.District) is not 0 and var order ? order : string.CompareOrdinal(a.Family, b.Family));

    // One that was there once stays: what a panel last read of it must not be an alarm that is long over.
    private readonly SortedDictionary<(string District, string Family), Group> _groups = new(Order);

    // By the device's index in the fleet.
    private readonly List<Group> _ofDevice = [];

    public void Heard(DeviceState device, long eventTime)
    {
        var group = _ofDevice[device.Index];
        group.Newest = Math.Max(group.Newest, eventTime);
    }

    /// <summary>The register has something new of a device.</summary>
    public void Changed(DeviceState device)
    {
        var group = Of(device.Device.District, device.Device.Family);
        if (device.Index == _ofDevice.Count)
            _ofDevice.Add(group);
        else if (_ofDevice[device.Index] == group)
            return;
        else
        {
            _ofDevice[device.Index].Devices--;
            _ofDevice[device.Index] = group;
        }
        group.Devices++;
    }

    /// <param name="now">Log time, Unix ms.</param>
    public void Add(LineBuffer lines, RulePipeline pipeline, long now)
    {
        var figures = new Dictionary<(string, string), Figures>();
        foreach (var alarm in pipeline.OpenAlarms)
            Count(figures, alarm, pipeline.Fleet.RuleOf(alarm.Family, alarm.Rule));
        var none = new Figures();
        foreach (var (key, group) in _groups)
            Add(lines, key.District, key.Family, group, figures.GetValueOrDefault(key, none), now);
    }

    public void Save(BinaryWriter into)
    {
        into.Write(_groups.Count);
        foreach (var ((district, family), group) in _groups)
        {
            into.Write(district);
            into.Write(family);
            into.Write(group.Newest);
        }
    }

    /// <summary>Takes up what <see cref="Save"/> wrote.</summary>
    public void Load(BinaryReader from)
    {
        for (var left = from.ReadInt32(); left > 0; left--)
            Of(from.ReadString(), from.ReadString()).Newest = from.ReadInt64();
    }

    private Group Of(string? district, string family)
    {
        var key = (district ?? NoDistrict, family);
        if (!_groups.TryGetValue(key, out var group))
            _groups[key] = group = new Group();
        return group;
    }

    private void Count(Dictionary<(string, string), Figures> all, Alarm alarm, Rule? rule)
    {
        // An alarm of a gateway or an area has a line too, though there are no devices behind it.
        _ = Of(alarm.District, alarm.Family);
        var key = (alarm.District ?? NoDistrict, alarm.Family);
        if (!all.TryGetValue(key, out var figures))
            all[key] = figures = new Figures();
        if (alarm.Holds && rule?.Trigger == RuleTrigger.Silence)
            figures.Silent++;
        if (alarm.IsShown)
            figures.BySeverity[(int)alarm.Severity]++;
        if (!alarm.Sounds)
            return;
        figures.Unacknowledged++;
        figures.Oldest = Math.Min(figures.Oldest, alarm.AnnouncedAt ?? alarm.RaisedReceivedAt);
    }

    private static void Add(LineBuffer lines, string district, string family, Group group, Figures figures, long now)
    {
        var line = lines.Writer;
        line.Bytes("district_state"u8);
        line.Tag(",district="u8, district);
        line.Tag(",family="u8, family);
        line.Field(" devices="u8, group.Devices);
        line.Field(",silent="u8, figures.Silent);
        line.Field(",critical="u8, figures.BySeverity[(int)Severity.Critical]);
        line.Field(",high="u8, figures.BySeverity[(int)Severity.High]);
        line.Field(",medium="u8, figures.BySeverity[(int)Severity.Medium]);
        line.Field(",low="u8, figures.BySeverity[(int)Severity.Low]);
        line.Field(",unacknowledged="u8, figures.Unacknowledged);
        line.Field(",oldest_unacknowledged_s="u8, figures.Unacknowledged == 0 ? 0 : SecondsTo(now, figures.Oldest));
        if (group.Newest > 0)
            line.Field(",data_age_s="u8, SecondsTo(now, group.Newest));
        MinuteSeries.End(lines, now);
    }

    // A device's clock may be ahead by up to five minutes.
    private static long SecondsTo(long now, long then) => Math.Max(0, now - then) / 1000;
}
