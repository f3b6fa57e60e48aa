using System.Collections.Immutable;

namespace Telemetry.Rules.Alarms;

/// <summary>One rule in one month, UTC, of log time: what speaks for looking at it again.</summary>
public sealed class LoadTally
{
    private const int MostReasons = 20;
    private ImmutableSortedDictionary<string, int> _reasons = ImmutableSortedDictionary.Create<string, int>(StringComparer.Ordinal);

    public required string Family { get; init; }

    public required string Rule { get; init; }

    /// <summary>How often it called an operator.</summary>
    public int Alarms { get; set; }

    public int FalseAlarms { get; private set; }

    /// <summary>As the operators gave them, the first 20; further ones count as <c>other</c>.</summary>
    public IReadOnlyDictionary<string, int> Reasons => _reasons;

    public int Fleeting { get; set; }

    /// <summary>How often one of its alarms began to chatter.</summary>
    public int Chattering { get; set; }

    /// <summary>Calls acknowledged later than the rule's time to respond, or never.</summary>
    public int AcknowledgedLate { get; set; }

    /// <summary>The longest that the condition held in a fleeting or chattering occurrence, ms: no on-delay up to it would have kept them all away. 0 without one.</summary>
    public long LongestNuisance { get; set; }

    /// <summary>The shortest on-delay in whole seconds that would have kept every fleeting and chattering occurrence away, ms; null without one. Never applied by itself.</summary>
    public long? ProposedOnDelay => LongestNuisance == 0 ? null : ((LongestNuisance / 1000) + 1) * 1000;

    public void FalseAlarm(string? reason)
    {
        FalseAlarms++;
        var name = string.IsNullOrWhiteSpace(reason) ? "no reason" : reason.Trim();
        if (!_reasons.ContainsKey(name) && _reasons.Count >= MostReasons)
            name = "other";
        _reasons = _reasons.SetItem(name, _reasons.GetValueOrDefault(name) + 1);
    }

    /// <summary>Beside what was counted, the calls that wait too long for an acknowledgement now.</summary>
    internal LoadTally With(int overdue)
    {
        var copy = (LoadTally)MemberwiseClone();
        copy.AcknowledgedLate += overdue;
        return copy;
    }

    public void Save(BinaryWriter into)
    {
        into.Write(Family);
        into.Write(Rule);
        foreach (var count in (int[])[Alarms, FalseAlarms, Fleeting, Chattering, AcknowledgedLate])
            into.Write7BitEncodedInt(count);
        into.Write(LongestNuisance);
        into.Write7BitEncodedInt(_reasons.Count);
        foreach (var (reason, count) in _reasons)
        {
            into.Write(reason);
            into.Write7BitEncodedInt(count);
        }
    }

    public static LoadTally Load(BinaryReader from)
    {
        var tally = new LoadTally
        {
            Family = from.ReadString(),
            Rule = from.ReadString(),
            Alarms = from.Read7BitEncodedInt(),
            FalseAlarms = from.Read7BitEncodedInt(),
            Fleeting = from.Read7BitEncodedInt(),
            Chattering = from.Read7BitEncodedInt(),
            AcknowledgedLate = from.Read7BitEncodedInt(),
            LongestNuisance = from.ReadInt64(),
        };
        for (var left = from.Read7BitEncodedInt(); left > 0; left--)
        {
            var reason = from.ReadString();
            tally._reasons = tally._reasons.SetItem(reason, from.Read7BitEncodedInt());
        }
        return tally;
    }
}
