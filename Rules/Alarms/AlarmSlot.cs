using System.Globalization;

namespace Telemetry.Rules.Alarms;

/// <summary>Where one alarm at most stands: overlays belong here, occurrences come and go.</summary>
/// <param name="Instance">0 for what a device has once.</param>
internal readonly record struct AlarmSlot(string Device, string Rule, int Instance)
{
    public static AlarmSlot Of(Alarm alarm) => new(alarm.Device, alarm.Rule, alarm.Instance is null ? 0 : int.Parse(alarm.Instance, CultureInfo.InvariantCulture));
}

/// <summary>Something for each slot of each device, in an order that a checkpoint does not change: by rule, then by instance.</summary>
internal sealed class BySlot<T>
{
    private static readonly Comparer<AlarmSlot> InOrder = Comparer<AlarmSlot>.Create((one, other) =>
        string.CompareOrdinal(one.Rule, other.Rule) is not 0 and var order ? order : one.Instance.CompareTo(other.Instance));

    private readonly Dictionary<string, SortedList<AlarmSlot, T>> _devices = new(StringComparer.Ordinal);

    public int Count { get; private set; }

    /// <summary>In the order of the devices' ids; for checkpoints and what is rare.</summary>
    public IEnumerable<KeyValuePair<AlarmSlot, T>> InOrderOfDevices => _devices.OrderBy(device => device.Key, StringComparer.Ordinal).SelectMany(device => device.Value);

    public IEnumerable<T> Values => _devices.Values.SelectMany(device => device.Values);

    public T? Find(AlarmSlot slot) => _devices.TryGetValue(slot.Device, out var slots) && slots.TryGetValue(slot, out var found) ? found : default;

    /// <summary>As it stands now: what is done to them meanwhile does not show.</summary>
    public KeyValuePair<AlarmSlot, T>[] At(string device) => _devices.TryGetValue(device, out var slots) ? [.. slots] : [];

    public void Set(AlarmSlot slot, T value)
    {
        if (!_devices.TryGetValue(slot.Device, out var slots))
            _devices[slot.Device] = slots = new SortedList<AlarmSlot, T>(1, InOrder);
        Count += slots.ContainsKey(slot) ? 0 : 1;
        slots[slot] = value;
    }

    public void Remove(AlarmSlot slot)
    {
        if (!_devices.TryGetValue(slot.Device, out var slots) || !slots.Remove(slot))
            return;
        Count--;
        if (slots.Count == 0)
            _devices.Remove(slot.Device);
    }
}
