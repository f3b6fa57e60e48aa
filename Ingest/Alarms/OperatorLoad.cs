using Telemetry.Rules.Alarms;
using Telemetry.Rules.Families;

namespace Telemetry.Ingest.Alarms;

/// <summary>The load ledger between the rules' thread, which writes it, and those who ask.</summary>
public sealed class OperatorLoad(LoadLedger ledger, AlarmBook book)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<int, (long Version, IReadOnlyList<LoadFigures> Figures)> _asked = [];
    private long _version;

    /// <summary>Called by the rules' runner for each transition, at its entry.</summary>
    /// <param name="rule">As it is in force at that entry.</param>
    public void Apply(AlarmTransition transition, Rule? rule)
    {
        lock (_gate)
        {
            _version++;
            ledger.Apply(transition, rule);
        }
    }

    /// <summary>Called by the rules' runner for each tick.</summary>
    public void Advance(long now)
    {
        lock (_gate)
        {
            _version++;
            ledger.Advance(now);
        }
    }

    /// <param name="days">1 to 31; today is the first.</param>
    public IReadOnlyList<LoadFigures> Figures(int days)
    {
        var open = book.Open();
        lock (_gate)
        {
            // Each gauge of a scrape asks for all of them.
            if (!_asked.TryGetValue(days, out var known) || known.Version != _version)
                _asked[days] = known = (_version, ledger.Figures(days, open));
            return known.Figures;
        }
    }

    /// <summary>Called by the rules' thread once a minute.</summary>
    /// <param name="open">Alarms that have not ended, as the rules have them at that entry.</param>
    public IReadOnlyList<LoadMinute> Minute(IEnumerable<Alarm> open)
    {
        lock (_gate)
            return ledger.Minute(open);
    }

    /// <summary>What a shift had to bear; null for a position that is not configured.</summary>
    /// <param name="from">When it began, Unix ms.</param>
    public LoadShift? Shift(string position, long from)
    {
        lock (_gate)
            return ledger.Shift(position, from);
    }

    /// <summary>The last day by windows of 10 min, oldest first.</summary>
    public IReadOnlyList<LoadWindow> Windows(LoadOf of, string name)
    {
        lock (_gate)
            return ledger.Windows(of, name);
    }

    public IReadOnlyList<LoadTally> Month(int year, int month)
    {
        lock (_gate)
            return ledger.Month(year, month);
    }

    public void Save(BinaryWriter into) => ledger.Save(into);

    public void Load(BinaryReader from) => ledger.Load(from);
}
