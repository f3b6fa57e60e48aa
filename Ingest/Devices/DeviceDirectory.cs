using System.Collections.Concurrent;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Devices;

/// <summary>The register in memory, for decoding and the API: a projection of the log, as far as the rules have come. One thread sets, any thread asks.</summary>
public sealed class DeviceDirectory
{
    private readonly ConcurrentDictionary<string, Device> _devices = new(StringComparer.Ordinal);

    // devEuis come in upper and in lower case. Without the device itself: one that changes elsewhere leaves this alone.
    private readonly ConcurrentDictionary<string, Hardware> _hardware = new(StringComparer.OrdinalIgnoreCase);

    private readonly ConcurrentDictionary<string, int> _provisional = new(StringComparer.Ordinal);

    private readonly ConcurrentDictionary<string, Device>.AlternateLookup<ReadOnlySpan<char>> _devicesBySpan;
    private readonly ConcurrentDictionary<string, Hardware>.AlternateLookup<ReadOnlySpan<char>> _hardwareBySpan;

    private readonly ConcurrentDictionary<string, Device> _exercising = new(StringComparer.Ordinal);

    private readonly record struct Hardware(string Device, string? Model, int? Instance, bool IsDeclared);

    public DeviceDirectory()
    {
        _devicesBySpan = _devices.GetAlternateLookup<ReadOnlySpan<char>>();
        _hardwareBySpan = _hardware.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    public Device? Find(string id) => _devices.GetValueOrDefault(id);

    public ICollection<Device> All => _devices.Values;

    public int Count => _devices.Count;

    /// <summary>Devices that take part in an exercise.</summary>
    public ICollection<Device> Exercising => _exercising.Values;

    /// <summary>For which device the hardware of this name reports: one of its sensors, else its own id. Upper and lower case are the same. Allocates nothing.</summary>
    public Sensor? FindByWireId(ReadOnlySpan<char> wireId)
    {
        var isKnown = _hardwareBySpan.TryGetValue(wireId, out var hardware);
        // Of ids that differ in case alone each finds itself.
        if (!hardware.IsDeclared && _devicesBySpan.TryGetValue(wireId, out var device))
            return new Sensor(device, device.Model, null, false);
        return isKnown && _devices.TryGetValue(hardware.Device, out device)
            ? new Sensor(device, hardware.Model ?? device.Model, hardware.Instance, hardware.IsDeclared)
            : null;
    }

    public void Set(Device device)
    {
        var known = _devices.GetValueOrDefault(device.Id);
        var before = known?.Sensors;
        Tally(known, -1);
        Tally(device, 1);
        _devices[device.Id] = device;
        if (device.Exercise is not null)
            _exercising[device.Id] = device;
        else
            _exercising.TryRemove(device.Id, out _);
        if (!ReferenceEquals(before, device.Sensors))
            SetSensors(device, before);
        _hardware.TryAdd(device.Id, new Hardware(device.Id, null, null, false));
    }

    /// <summary>How many devices behind it nobody has adopted.</summary>
    public int ProvisionalBehind(string gateway) => _provisional.GetValueOrDefault(gateway);

    private void Tally(Device? device, int by)
    {
        if (device is { State: "provisional", Gateway: { } gateway })
            _provisional[gateway] = _provisional.GetValueOrDefault(gateway) + by;
    }

    private void SetSensors(Device device, IReadOnlyDictionary<string, string>? before)
    {
        foreach (var (wireId, text) in device.Sensors)
        {
            if (Sensor.TryParse(text, out var model, out var instance))
                _hardware[wireId] = new Hardware(device.Id, model, instance, true);
        }
        foreach (var wireId in before?.Keys ?? [])
        {
            // By then another device may have taken it over.
            if (!device.Sensors.Keys.Contains(wireId, StringComparer.OrdinalIgnoreCase) && _hardware.TryGetValue(wireId, out var known) && known.Device == device.Id)
                _hardware.TryRemove(KeyValuePair.Create(wireId, known));
        }
    }
}
