using Telemetry.Rules.Model;
using Telemetry.Simulators.Physics;

namespace Telemetry.Simulators.City;

/// <summary>What the city does next, in order of time.</summary>
public abstract record CityEvent;

/// <summary>A gateway has this reading to send.</summary>
public sealed record ReadingDue(Reading Reading) : CityEvent;

/// <summary>A gateway's link breaks or is back.</summary>
public sealed record GatewayChange(string Gateway, bool Up) : CityEvent;

/// <summary>
/// A city of devices of all families that have physics. Its course is a function of seed, number, incidents, weather and start alone, however finely
/// time is cut into calls of <see cref="AdvanceTo"/>.
/// </summary>
public sealed class SimulatedCity
{
    private readonly long _start;
    private readonly Dictionary<string, SimulatedDevice> _byId;
    private readonly PriorityQueue<SimulatedDevice, (long At, int Index)> _steps = new();
    private readonly Dictionary<SimulatedDevice, int> _index = [];
    private readonly SortedSet<string> _gatewaysDown = new(StringComparer.Ordinal);
    private readonly Func<TimeSpan, StoryEvent?> _next;

    /// <param name="devices">At least <see cref="CityBuilder.Fewest"/>.</param>
    public SimulatedCity(int devices, int seed, bool story, DateTimeOffset start)
        : this(devices, seed, start)
    {
        if (story)
            _next = new IncidentStream(seed, Devices.ToLookup(d => d.Family, d => d.Id)).Next;
    }

    /// <summary>Only what stands in <paramref name="incidents"/> happens.</summary>
    /// <param name="devices">At least <see cref="CityBuilder.Fewest"/>.</param>
    /// <param name="incidents">Of its devices and gateways, in order of time.</param>
    /// <param name="prefix">Before every id, of gateways too: beside another simulated city at the same service.</param>
    /// <param name="weather">Null for <see cref="Weather.Mild"/>.</param>
    /// <param name="register">The city's devices in their order, where the register says otherwise than was drawn: each has the weather of its district there.</param>
    public SimulatedCity(int devices, int seed, IEnumerable<StoryEvent> incidents, DateTimeOffset start, string prefix = "", Weather? weather = null, IReadOnlyList<Device>? register = null)
        : this(devices, seed, start, prefix, weather, register)
    {
        var queue = new Queue<StoryEvent>(incidents);
        _next = elapsed => queue.TryPeek(out var first) && first.At <= elapsed ? queue.Dequeue() : null;
    }

    private SimulatedCity(int devices, int seed, DateTimeOffset start, string prefix = "", Weather? weather = null, IReadOnlyList<Device>? register = null)
    {
        _next = _ => null;
        _start = start.ToUnixTimeMilliseconds();
        var built = new CityBuilder(seed, devices, start, weather ?? Weather.Mild, prefix).Build();
        Devices = [.. built.Select(d => d.Register)];
        Gateways = [.. Devices.Select(d => d.Gateway!).Distinct().Order(StringComparer.Ordinal)];
        _byId = built.ToDictionary(d => d.Register.Id);
        for (var i = 0; i < built.Count; i++)
        {
            _index[built[i]] = i;
            built[i].District = register is null ? built[i].District : Districts.IndexOf(register[i].District);
            _steps.Enqueue(built[i], (built[i].NextStep, i));
        }
    }

    /// <summary>The register.</summary>
    public IReadOnlyList<Device> Devices { get; }

    /// <summary>Ids, in order.</summary>
    public IReadOnlyList<string> Gateways { get; }

    /// <summary>Whose link is broken now, in order.</summary>
    public IReadOnlyCollection<string> GatewaysDown => _gatewaysDown;

    /// <summary>Everything from the last call up to and including <paramref name="now"/>.</summary>
    public IEnumerable<CityEvent> AdvanceTo(DateTimeOffset now)
    {
        var until = now.ToUnixTimeMilliseconds();
        while (true)
        {
            var step = _steps.Peek().NextStep;
            if (_next(TimeSpan.FromMilliseconds(Math.Min(step, until) - _start)) is { } happening)
            {
                if (Happen(happening) is { } shows)
                    yield return shows;
                continue;
            }
            if (step > until)
                yield break;
            var device = _steps.Dequeue();
            var reading = device.TakeStep();
            _steps.Enqueue(device, (device.NextStep, _index[device]));
            if (reading is not null)
                yield return new ReadingDue(reading);
        }
    }

    private CityEvent? Happen(StoryEvent happening)
    {
        switch (happening.What)
        {
            case Incident.GatewayDies:
                _gatewaysDown.Add(happening.Device);
                return new GatewayChange(happening.Device, false);
            case Incident.GatewayReturns:
                _gatewaysDown.Remove(happening.Device);
                return new GatewayChange(happening.Device, true);
            default:
                return _byId[happening.Device].Happen(happening.What, happening.Number, _start + (long)happening.At.TotalMilliseconds) is { } reading ? new ReadingDue(reading) : null;
        }
    }
}
