using Telemetry.Rules.Families;

namespace Telemetry.Rules.Alarms;

/// <summary>A flood: it begins with more than 10 alarms in 10 min and ends with fewer than 5. Times are log time, Unix ms.</summary>
/// <param name="End">Null while it lasts.</param>
/// <param name="Peak">Most alarms in any 10 min of it.</param>
public readonly record struct Flood(long Begin, long? End, int Peak);

/// <summary>Alarms within ten minutes.</summary>
/// <param name="Begin">Log time, Unix ms; a whole ten minutes, UTC.</param>
public readonly record struct LoadWindow(long Begin, int Critical, int High, int Medium, int Low)
{
    public int All => Critical + High + Medium + Low;
}

/// <summary>When an operator was called: by second for ten minutes, by ten minutes for 31 days. Each call costs the same, however many came before.</summary>
/// <param name="since">Log time from which it counts, Unix ms; 0 for the first that it hears of.</param>
internal sealed class LoadCalls(long since, long now)
{
    public const int DaysKept = 31;
    private const long Window = 600_000;
    private const int WindowsOfDay = 144;
    private const int WindowsKept = DaysKept * WindowsOfDay;
    private const int Severities = (int)Severity.Critical + 1;
    private const int SecondsKept = 600;
    private const int FloodAbove = 10;
    private const int FloodOverBelow = 5;

    private readonly int[] _seconds = new int[SecondsKept];
    private readonly int[] _windows = new int[WindowsKept];

    // Of the last day alone: window after window, each with all severities.
    private readonly int[] _ofDay = new int[WindowsOfDay * Severities];
    private readonly List<Flood> _floods = [];
    private long _second = now / 1000;

    /// <summary>Log time from which it counts, Unix ms; 0 before the first entry.</summary>
    public long Since { get; private set; } = since;

    /// <summary>In the 600 seconds up to now.</summary>
    public int Last10Minutes { get; private set; }

    public bool IsFlooded => _floods.Count > 0 && _floods[^1].End is null;

    public void Advance(long now)
    {
        var second = now / 1000;
        if (Since == 0)
            (Since, _second) = (now, second);
        if (second <= _second)
            return;
        var windows = Math.Min((second / SecondsKept) - (_second / SecondsKept), WindowsKept);
        for (var i = 0; i < windows; i++)
        {
            var window = (second / SecondsKept) - i;
            _windows[window % WindowsKept] = 0;
            _ofDay.AsSpan((int)(window % WindowsOfDay) * Severities, Severities).Clear();
        }
        for (var end = Math.Min(second, _second + SecondsKept); _second < end;)
        {
            ref var leaving = ref _seconds[++_second % SecondsKept];
            Last10Minutes -= leaving;
            leaving = 0;
            if (IsFlooded && Last10Minutes < FloodOverBelow)
                _floods[^1] = _floods[^1] with { End = _second * 1000 };
        }
        _second = second;
    }

    public void Count(Severity severity, long now)
    {
        Advance(now);
        _seconds[_second % SecondsKept]++;
        _windows[_second / SecondsKept % WindowsKept]++;
        _ofDay[((int)(_second / SecondsKept % WindowsOfDay) * Severities) + (int)severity]++;
        Last10Minutes++;
        if (IsFlooded)
            _floods[^1] = _floods[^1] with { Peak = Math.Max(_floods[^1].Peak, Last10Minutes) };
        else if (Last10Minutes > FloodAbove)
        {
            _floods.RemoveAll(flood => flood.End < now - (WindowsKept * Window));
            _floods.Add(new Flood(now, null, Last10Minutes));
        }
    }

    /// <summary>In the windows of 10 min that begin at or after a time, the present one included.</summary>
    public int SumFrom(long from) => Windows(from).Sum();

    /// <summary>In the 143 finished windows before now and the present one.</summary>
    public int SumOfDay(Severity severity)
    {
        var sum = 0;
        for (var i = (int)severity; i < _ofDay.Length; i += Severities)
            sum += _ofDay[i];
        return sum;
    }

    /// <summary>The windows of the last day, oldest first, the present one last.</summary>
    public IEnumerable<LoadWindow> Day()
    {
        var newest = _second / SecondsKept;
        for (var window = Math.Max(Since / Window, newest - WindowsOfDay + 1); Since > 0 && window <= newest; window++)
        {
            var bySeverity = _ofDay.AsSpan((int)(window % WindowsOfDay) * Severities, Severities);
            yield return new LoadWindow(window * Window, bySeverity[(int)Severity.Critical], bySeverity[(int)Severity.High], bySeverity[(int)Severity.Medium], bySeverity[(int)Severity.Low]);
        }
    }

    /// <summary>Share of those windows with more than 10, 0 to 1; null where there is none.</summary>
    public double? Over10From(long from)
    {
        var (all, over) = (0, 0);
        foreach (var count in Windows(from))
        {
            all++;
            over += count > FloodAbove ? 1 : 0;
        }
        return all == 0 ? null : (double)over / all;
    }

    /// <summary>Floods that reached beyond a time.</summary>
    public IEnumerable<Flood> FloodsFrom(long from) => _floods.Where(flood => flood.End is null || flood.End > from);

    /// <summary>Milliseconds in flood between two times.</summary>
    public long FloodTime(long from, long to) => FloodsFrom(from).Sum(flood => (flood.End ?? to) - Math.Max(flood.Begin, from));

    public void Save(BinaryWriter into)
    {
        into.Write(Since);
        into.Write(_second);
        into.Write(Last10Minutes);
        foreach (var count in _seconds)
            into.Write7BitEncodedInt(count);
        foreach (var count in _windows)
            into.Write7BitEncodedInt(count);
        foreach (var count in _ofDay)
            into.Write7BitEncodedInt(count);
        into.Write7BitEncodedInt(_floods.Count);
        foreach (var flood in _floods)
        {
            into.Write(flood.Begin);
            into.Write(flood.End ?? 0);
            into.Write(flood.Peak);
        }
    }

    public void Load(BinaryReader from)
    {
        (Since, _second, Last10Minutes) = (from.ReadInt64(), from.ReadInt64(), from.ReadInt32());
        for (var i = 0; i < _seconds.Length; i++)
            _seconds[i] = from.Read7BitEncodedInt();
        for (var i = 0; i < _windows.Length; i++)
            _windows[i] = from.Read7BitEncodedInt();
        for (var i = 0; i < _ofDay.Length; i++)
            _ofDay[i] = from.Read7BitEncodedInt();
        _floods.Clear();
        for (var left = from.Read7BitEncodedInt(); left > 0; left--)
            _floods.Add(new Flood(from.ReadInt64(), from.ReadInt64() is > 0 and var end ? end : null, from.ReadInt32()));
    }

    private IEnumerable<int> Windows(long from)
    {
        var newest = _second / SecondsKept;
        // The window that the first entry came in is part of what is known, though it began before.
        var first = from <= Since ? Since / Window : (from + Window - 1) / Window;
        for (var window = Math.Max(first, newest - WindowsKept + 1); window <= newest; window++)
            yield return _windows[window % WindowsKept];
    }
}
