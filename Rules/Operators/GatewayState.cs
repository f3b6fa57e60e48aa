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

    /// <summary>2.5 × the shortest heartbeat behind it, ms; <see cref="long.MaxValue"/> without devices.</summary>
    public long QuietLimit { get; set; } = long.MaxValue;

    /// <summary>What its alarm says: <c>status</c>, <c>connection_ended</c>, <c>silent</c>.</summary>
    public string? DownCause { get; set; }

    /// <summary>How the alarm <c>gateway/offline</c> stands.</summary>
    public StepState Offline;

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
