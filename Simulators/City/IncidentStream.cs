using Telemetry.Simulators.Physics;

namespace Telemetry.Simulators.City;

/// <summary>After the opening, about an incident a minute strikes a device that has none, and is over one to five minutes later.</summary>
public sealed class IncidentStream
{
    private static readonly TimeSpan Begin = TimeSpan.FromMinutes(3);
    private const double MeanSecondsBetween = 60;

    // In the order of the families' names, so that the same seed gives the same stream.
    private static readonly IReadOnlyList<(string Family, Incident Incident)> Kinds =
        [.. PhysicsSet.Shipped.All.SelectMany(family => family.Incidents.Values.Where(incident => incident.AtRandom).Select(incident => (family.Name, incident)))];

    private readonly Random _random;
    private readonly ILookup<string, string> _devices;
    private readonly PriorityQueue<StoryEvent, (TimeSpan At, int Order)> _pending = new();
    private readonly HashSet<string> _struck;
    private int _order;
    private TimeSpan _next;

    /// <param name="devices">The ids that it may strike, by family.</param>
    public IncidentStream(int seed, ILookup<string, string> devices)
    {
        _random = new Random(seed);
        _devices = devices;
        // The opening's devices stay its own: two stories on one device would end each other.
        _struck = [.. Story.Opening.Select(e => e.Device)];
        foreach (var opening in Story.Opening)
            Add(opening);
        _next = Begin;
    }

    /// <summary>The next event at or before <paramref name="elapsed"/>, in order of time, or null.</summary>
    public StoryEvent? Next(TimeSpan elapsed)
    {
        while (_next <= elapsed && (!_pending.TryPeek(out var first, out _) || first.At >= _next))
            Strike();
        if (!_pending.TryPeek(out var due, out _) || due.At > elapsed)
            return null;
        _pending.Dequeue();
        if (due.What == Incident.Restored && due.At > Story.Opening[^1].At)
            _struck.Remove(due.Device);
        return due;
    }

    private void Strike()
    {
        var at = _next;
        _next += TimeSpan.FromSeconds(Math.Max(5, -MeanSecondsBetween * Math.Log(1 - _random.NextDouble())));
        var (family, incident) = Kinds[_random.Next(Kinds.Count)];
        var number = incident.Draw(_random);
        var free = _devices[family].Where(id => !_struck.Contains(id)).ToList();
        if (free.Count == 0)
            return;
        var device = free[_random.Next(free.Count)];
        _struck.Add(device);
        Add(new StoryEvent(at, device, incident.Name, number));
        Add(new StoryEvent(at + TimeSpan.FromSeconds(60 + _random.Next(240)), device, Incident.Restored));
    }

    private void Add(StoryEvent happening) => _pending.Enqueue(happening, (happening.At, _order++));
}
