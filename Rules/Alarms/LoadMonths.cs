namespace Telemetry.Rules.Alarms;

/// <summary>Rules by month, UTC, of log time: the last 13 months.</summary>
internal sealed class LoadMonths
{
    private const int Kept = 13;
    private readonly SortedDictionary<int, SortedDictionary<string, LoadTally>> _months = [];

    public static string Key(string family, string rule) => $"{family}/{rule}";

    public LoadTally Of(string family, string rule, long now)
    {
        var date = DateTimeOffset.FromUnixTimeMilliseconds(now);
        var month = Number(date.Year, date.Month);
        if (!_months.TryGetValue(month, out var tallies))
        {
            _months[month] = tallies = new SortedDictionary<string, LoadTally>(StringComparer.Ordinal);
            foreach (var old in _months.Keys.Where(old => old <= month - Kept).ToArray())
                _months.Remove(old);
        }
        if (!tallies.TryGetValue(Key(family, rule), out var tally))
            tallies[Key(family, rule)] = tally = new LoadTally { Family = family, Rule = rule };
        return tally;
    }

    /// <param name="month">1 to 12.</param>
    public IEnumerable<LoadTally> Of(int year, int month) => _months.TryGetValue(Number(year, month), out var tallies) ? tallies.Values : [];

    public void Save(BinaryWriter into)
    {
        into.Write(_months.Count);
        foreach (var (month, tallies) in _months)
        {
            into.Write(month);
            into.Write(tallies.Count);
            foreach (var tally in tallies.Values)
                tally.Save(into);
        }
    }

    public void Load(BinaryReader from)
    {
        for (var left = from.ReadInt32(); left > 0; left--)
        {
            var tallies = _months[from.ReadInt32()] = new SortedDictionary<string, LoadTally>(StringComparer.Ordinal);
            for (var rules = from.ReadInt32(); rules > 0; rules--)
            {
                var tally = LoadTally.Load(from);
                tallies[Key(tally.Family, tally.Rule)] = tally;
            }
        }
    }

    private static int Number(int year, int month) => (year * 12) + month - 1;
}
