using Telemetry.Rules.Model;
using Telemetry.Simulators.Physics;

namespace Telemetry.Simulators.City;

/// <summary>A registered device and its physics: when it reports, and the reading it then sends.</summary>
/// <param name="every">Between two reports when nothing happens.</param>
public sealed class SimulatedDevice(Device register, DevicePhysics physics, TimeSpan every, Sky sky, long firstStep)
{
    /// <summary>How often physics moves on; also how often a disturbed device reports.</summary>
    public static readonly TimeSpan Step = TimeSpan.FromSeconds(10);

    private long _movedTo = firstStep;
    private long? _reportedAt;
    private long _sequence;
    private bool _silent;

    public Device Register => register;

    /// <summary>Whose weather it has, in <see cref="Districts.All"/>; -1 for elsewhere.</summary>
    public int District { get; set; } = Districts.IndexOf(register.District);

    /// <summary>Unix milliseconds.</summary>
    public long NextStep { get; private set; } = firstStep;

    /// <summary>Something happened to it that is not over.</summary>
    public bool Disturbed { get; private set; }

    /// <summary>Moves on to <see cref="NextStep"/>; a reading, or null where there is nothing to report.</summary>
    public Reading? TakeStep()
    {
        var now = NextStep;
        NextStep += (long)Step.TotalMilliseconds;
        var changed = MoveTo(now);
        var due = _reportedAt is not { } last || now - last >= (long)every.TotalMilliseconds;
        return !_silent && !physics.IsSilent && (changed || due || Disturbed) ? ReportAt(now) : null;
    }

    /// <summary>It happens, and the device reports it at once; null where it can no more.</summary>
    public Reading? Happen(string incident, int number, long now)
    {
        MoveTo(now);
        if (incident != Incident.FallsSilent)
            physics.Happen(incident, number, Around(now));
        _silent = incident == Incident.FallsSilent || (_silent && incident != Incident.Restored);
        Disturbed = incident != Incident.Restored;
        return _silent || physics.IsSilent ? null : ReportAt(now);
    }

    private bool MoveTo(long now)
    {
        var seconds = Math.Max(0, now - _movedTo) / 1000.0;
        _movedTo = Math.Max(now, _movedTo);
        return physics.Advance(seconds, Around(now));
    }

    private Surroundings Around(long now) => new(sky, District, now);

    private Reading ReportAt(long now)
    {
        _reportedAt = now;
        var values = new ValueList();
        physics.Report(values, Disturbed);
        return new Reading
        {
            Gateway = register.Gateway!,
            Family = register.Family,
            Device = register.Id,
            SentTime = now,
            Sequence = ++_sequence,
            EventTime = now,
            Values = values.ToArray(),
        };
    }
}
