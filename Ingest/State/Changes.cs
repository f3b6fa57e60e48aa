using Telemetry.Rules.Alarms;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.State;

/// <summary>What entries of the log have changed and the projections do not have yet, in the order of the log.</summary>
internal sealed class Changes
{
    // While the projections' disk takes nothing: a day. What is older goes.
    private const int MostMinutes = 1440;

    public List<AlarmTransition> Transitions { get; } = [];

    public List<Device> Devices { get; } = [];

    public List<DeadLetterEntry> DeadLetters { get; } = [];

    public List<FamilyEntry> Families { get; } = [];

    public List<RedecodedEntry> Redecoded { get; } = [];

    public List<StoredHandover> Handovers { get; } = [];

    /// <summary>Series that wait to be sent.</summary>
    public List<SeriesMinute> Minutes { get; } = [];

    /// <summary>Minutes up to this one need not wait any longer, Unix ms.</summary>
    public long MinutesSent { get; set; }

    public int Count => Transitions.Count + Devices.Count + DeadLetters.Count + Families.Count + Redecoded.Count + Handovers.Count + Minutes.Count;

    public ProjectionBatch Batch(long position, long time) => new(position, Transitions, Devices, DeadLetters, Families, Redecoded, time) { Handovers = Handovers, Minutes = Minutes, MinutesSent = MinutesSent };

    /// <summary>Behind what the other holds already.</summary>
    public void MoveTo(Changes other)
    {
        other.Transitions.AddRange(Transitions);
        other.Devices.AddRange(Devices);
        other.DeadLetters.AddRange(DeadLetters);
        other.Families.AddRange(Families);
        other.Redecoded.AddRange(Redecoded);
        other.Handovers.AddRange(Handovers);
        other.Minutes.AddRange(Minutes);
        if (other.Minutes.Count - MostMinutes is > 0 and var tooMany)
            other.Minutes.RemoveRange(0, tooMany);
        other.MinutesSent = MinutesSent;
        Clear();
    }

    public void Clear()
    {
        Transitions.Clear();
        Devices.Clear();
        DeadLetters.Clear();
        Families.Clear();
        Redecoded.Clear();
        Handovers.Clear();
        Minutes.Clear();
    }
}
