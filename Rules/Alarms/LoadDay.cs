using Telemetry.Rules.Families;

namespace Telemetry.Rules.Alarms;

/// <summary>What is counted by day, UTC, of log time; or the sum of several.</summary>
internal sealed class LoadDay(long day)
{
    private readonly int[] _bySeverity = new int[(int)Severity.Critical + 1];

    /// <summary>Days since 1970-01-01.</summary>
    public long Day { get; } = day;

    public LoadCounts Alarms { get; } = new();

    public LoadCounts Rules { get; } = new();

    public LoadTimes Acknowledge { get; } = new();

    public LoadTimes Clear { get; } = new();

    public int Chattering { get; set; }

    public int Fleeting { get; set; }

    public int Ended { get; set; }

    public int WithoutAction { get; set; }

    public int Calls => _bySeverity.Sum();

    public int Of(Severity severity) => _bySeverity[(int)severity];

    public void Call(Severity severity) => _bySeverity[(int)severity]++;

    public void Add(LoadDay other)
    {
        for (var i = 0; i < _bySeverity.Length; i++)
            _bySeverity[i] += other._bySeverity[i];
        Alarms.Add(other.Alarms);
        Rules.Add(other.Rules);
        Acknowledge.Add(other.Acknowledge);
        Clear.Add(other.Clear);
        Chattering += other.Chattering;
        Fleeting += other.Fleeting;
        Ended += other.Ended;
        WithoutAction += other.WithoutAction;
    }

    public void Save(BinaryWriter into)
    {
        into.Write(Day);
        foreach (var count in _bySeverity)
            into.Write7BitEncodedInt(count);
        Alarms.Save(into);
        Rules.Save(into);
        Acknowledge.Save(into);
        Clear.Save(into);
        foreach (var count in (int[])[Chattering, Fleeting, Ended, WithoutAction])
            into.Write7BitEncodedInt(count);
    }

    public static LoadDay Load(BinaryReader from)
    {
        var day = new LoadDay(from.ReadInt64());
        for (var i = 0; i < day._bySeverity.Length; i++)
            day._bySeverity[i] = from.Read7BitEncodedInt();
        day.Alarms.Load(from);
        day.Rules.Load(from);
        day.Acknowledge.Load(from);
        day.Clear.Load(from);
        (day.Chattering, day.Fleeting) = (from.Read7BitEncodedInt(), from.Read7BitEncodedInt());
        (day.Ended, day.WithoutAction) = (from.Read7BitEncodedInt(), from.Read7BitEncodedInt());
        return day;
    }
}
