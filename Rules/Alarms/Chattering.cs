using Telemetry.Rules.Families;
using Telemetry.Rules.Model;

namespace Telemetry.Rules.Alarms;

/// <summary>Three occurrences of one slot within a minute are chattering. It proposes the on-delay that would have removed them, and changes nothing.</summary>
internal sealed class Chattering
{
    private const long Window = 60_000;

    private readonly BySlot<Recent> _recent = new();
    private long _prunedAt;

    /// <param name="Before">Event time of the occurrence before the last, Unix ms.</param>
    /// <param name="Last">Of the last.</param>
    /// <param name="HeldBefore">How long the condition of the occurrence before the last held, ms.</param>
    /// <param name="Held">That of the last, once it is over.</param>
    /// <param name="NotedAt">Log time of the last, Unix ms.</param>
    private sealed record Recent(long Before, long Last, long HeldBefore, long Held, long NotedAt);

    /// <summary>A new occurrence, or a latched one active again: the alarm says so if it is the third within a minute.</summary>
    public Alarm Note(LogEntry entry, AlarmSlot slot, long at, Alarm alarm)
    {
        var recent = _recent.Find(slot) ?? new Recent(long.MinValue / 2, long.MinValue / 2, 0, 0, 0);
        _recent.Set(slot, new Recent(recent.Last, at, recent.Held, 0, entry.Time));
        return at - recent.Before > Window
            ? alarm
            : alarm with { Chattering = true, ProposedOnDelay = ((Math.Max(recent.HeldBefore, recent.Held) / 1000) + 1) * 1000 };
    }

    /// <summary>The occurrence is over: how long its condition held, without its delays.</summary>
    public void Over(AlarmSlot slot, long at, Step step)
    {
        if (_recent.Find(slot) is { } recent)
            _recent.Set(slot, recent with { Held = Math.Max(0, at - step.OffDelay - (recent.Last - step.OnDelay)) });
    }

    /// <summary>Forgets what can no longer count, once a minute.</summary>
    public void Tick(long now)
    {
        if (now - _prunedAt < Window)
            return;
        _prunedAt = now;
        foreach (var (slot, recent) in _recent.InOrderOfDevices.ToList())
        {
            if (now - recent.NotedAt > 2 * Window)
                _recent.Remove(slot);
        }
    }

    public void Save(BinaryWriter into)
    {
        into.Write(_prunedAt);
        into.Write(_recent.Count);
        foreach (var (slot, recent) in _recent.InOrderOfDevices)
        {
            into.Write(slot.Device);
            into.Write(slot.Rule);
            into.Write(slot.Instance);
            foreach (var value in (long[])[recent.Before, recent.Last, recent.HeldBefore, recent.Held, recent.NotedAt])
                into.Write(value);
        }
    }

    public void Load(BinaryReader from)
    {
        _prunedAt = from.ReadInt64();
        for (var left = from.ReadInt32(); left > 0; left--)
        {
            var slot = new AlarmSlot(from.ReadString(), from.ReadString(), from.ReadInt32());
            _recent.Set(slot, new Recent(from.ReadInt64(), from.ReadInt64(), from.ReadInt64(), from.ReadInt64(), from.ReadInt64()));
        }
    }
}
