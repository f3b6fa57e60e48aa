using Telemetry.Rules.Model;

namespace Telemetry.Rules.Operators;

/// <summary>What the rules remember of one gateway: whether it is connected, and how long it has been in all.</summary>
public sealed class GatewayState(string id)
{
    /// <summary>Empty for devices whose gateway nobody knows: it counts as connected.</summary>
    public string Id { get; } = id;

    /// <summary>Connected as far as anybody knows. A gateway that the register names and nobody has heard yet is not.</summary>
    public bool Up { get; set; } = id.Length == 0;

    /// <summary>Milliseconds during which both it and the service were up: the clock by which its devices' silence ages.</summary>
    public long Clock { get; set; }

    /// <summary>Milliseconds of the service's uptime since anything was heard through it.</summary>
    public long Quiet { get; set; }

    /// <summary>2.5 × the shortest heartbeat of what is evaluated behind it, ms; <see cref="long.MaxValue"/> without any: what is in commissioning may not be wired yet.</summary>
    public long QuietLimit => _limits.Count == 0 ? long.MaxValue : _limits.GetKeyAtIndex(0);

    /// <summary>What its alarm says: <c>status</c>, <c>connection_ended</c>, <c>silent</c>.</summary>
    public string? DownCause { get; set; }

    /// <summary>How the alarm <c>gateway/offline</c> stands.</summary>
    public StepState Offline;

    private readonly List<DeviceState> _behind = [];

    // Of those by district; how many of them are live.
    private readonly Dictionary<string, int> _districts = new(StringComparer.Ordinal);
    private int _live;

    // How many of the evaluated ones have which limit: few kinds of heartbeat.
    private readonly SortedList<long, int> _limits = [];

    /// <summary>The one in which all its devices are, those that are in none left out; null where they are in several, or all in none.</summary>
    public string? District => _districts.Count == 1 ? _districts.Keys.First() : null;

    /// <summary>Its outage is real: what is behind it is not all in drill, test or commissioning.</summary>
    public bool CarriesLive => _live > 0;

    /// <summary>The devices behind it, in no order.</summary>
    public IReadOnlyList<DeviceState> Behind => _behind;

    public void Enter(DeviceState device)
    {
        device.PlaceBehindGateway = _behind.Count;
        _behind.Add(device);
    }

    public void Leave(DeviceState device)
    {
        var last = _behind[^1];
        _behind[last.PlaceBehindGateway = device.PlaceBehindGateway] = last;
        _behind.RemoveAt(_behind.Count - 1);
    }

    /// <summary>What the register says of a device behind it counts from now on, or no more.</summary>
    /// <param name="by">1 or -1.</param>
    public void Count(Device device, int by)
    {
        if (device.State is "live" or "provisional")
            _live += by;
        if (device.District is { } district && (_districts[district] = _districts.GetValueOrDefault(district) + by) == 0)
            _districts.Remove(district);
    }

    /// <summary>A device's limit of silence counts from now on, or no more. To be called around each change of the limit, and of whether it is evaluated.</summary>
    /// <param name="by">1 or -1.</param>
    public void CountLimit(DeviceState device, int by)
    {
        if (device.IsEvaluated && (_limits[device.SilenceLimit] = _limits.GetValueOrDefault(device.SilenceLimit) + by) == 0)
            _limits.Remove(device.SilenceLimit);
    }

    // By the clock at which they would be silent; entries may be outdated and are checked when due.
    private readonly PriorityQueue<DeviceState, long> _bySilence = new();

    public void Enqueue(DeviceState device, long due)
    {
        device.SilenceQueuedAt = due;
        _bySilence.Enqueue(device, due);
    }

    /// <summary>Takes out the devices whose silence has reached its limit.</summary>
    public void TakeSilent(List<DeviceState> into)
    {
        while (_bySilence.TryPeek(out var device, out var due) && due <= Clock)
        {
            _bySilence.Dequeue();
            if (device.Gateway != this || device.SilenceQueuedAt != due)
                continue;
            var actual = device.HeardAt + device.SilenceLimit;
            if (actual > Clock)
                Enqueue(device, actual);
            // A gateway that was last heard together with the device may be what is silent: that shows at the latest when it is due itself.
            else if (Id.Length > 0 && Clock - Quiet < device.HeardAt + (device.SilenceLimit / 2))
                Enqueue(device, Clock + 1);
            else
                into.Add(device);
        }
    }
}
