using System.Runtime.InteropServices;

namespace Telemetry.Rules.Conditions;

/// <summary>
/// What the rules remember of one <see cref="Source"/> at one device or instance: its present value and since when, and, for windows, its
/// samples in the order of event time, whatever order they came in.
/// </summary>
public sealed class Trace
{
    /// <summary>A sender that floods one channel keeps so many samples a window at most; what lies closer together is thinned.</summary>
    private const int MostSamples = 4096;

    /// <param name="Time">Event time, Unix ms.</param>
    /// <param name="Value">Not a number for what was unknown then.</param>
    public readonly record struct Sample(long Time, double Value)
    {
        public bool IsKnown => !double.IsNaN(Value);
    }

    // What is out of the window stays in front until room is needed: moving the rest for each sample would cost as much as the window is long.
    private Sample[] _samples = [];
    private int _first;
    private int _count;

    /// <summary>Event time of the first report ever, Unix ms.</summary>
    public long Begun { get; private set; } = long.MinValue;

    public Num Present { get; private set; } = Num.Absent;

    /// <summary>Event time since when <see cref="Present"/> has been what it is; an unknown in between begins it anew.</summary>
    public long Since { get; private set; }

    /// <summary>The last value that was known; not a number before the first.</summary>
    public double Known { get; private set; } = double.NaN;

    /// <summary>Event time at which <see cref="Known"/> became what it is; an unknown in between is no change.</summary>
    public long ChangedAt { get; private set; }

    /// <summary>Event time of the newest report.</summary>
    public long Reported { get; private set; }

    /// <summary>Known reports since <see cref="ChangedAt"/>.</summary>
    public int Repeats { get; private set; }

    public ReadOnlySpan<Sample> Samples => _samples.AsSpan(_first, _count);

    public void Record(long at, Num value, Source source)
    {
        if (value.State == NumState.Absent)
            return;
        var known = value.State is NumState.Known or NumState.Over;
        var isNewest = Begun == long.MinValue || at >= Reported;
        if (isNewest)
            Follow(at, value, known, source.Hold);
        if (source.Keep > 0 && (isNewest || !source.ChangesOnly))
            Add(new Sample(at, known ? value.Value : double.NaN), source.Keep, source.ChangesOnly);
    }

    /// <summary>The sample in force at a time: the last one at or before it; null where there is none.</summary>
    public Sample? At(long time)
    {
        var after = FirstAfter(time);
        return after == 0 ? null : Samples[after - 1];
    }

    /// <summary>Samples in (from, to].</summary>
    public ReadOnlySpan<Sample> Between(long from, long to)
    {
        var (first, end) = (FirstAfter(from), FirstAfter(to));
        return Samples.Slice(first, Math.Max(0, end - first));
    }

    public void Save(BinaryWriter into)
    {
        into.Write(Begun);
        into.Write(Present.Value);
        into.Write((byte)Present.State);
        into.Write(Since);
        into.Write(Known);
        into.Write(ChangedAt);
        into.Write(Reported);
        into.Write(Repeats);
        into.Write(_count);
        into.Write(MemoryMarshal.AsBytes(Samples));
    }

    public static Trace Load(BinaryReader from)
    {
        var trace = new Trace
        {
            Begun = from.ReadInt64(),
            Present = new Num(from.ReadDouble(), (NumState)from.ReadByte()),
            Since = from.ReadInt64(),
            Known = from.ReadDouble(),
            ChangedAt = from.ReadInt64(),
            Reported = from.ReadInt64(),
            Repeats = from.ReadInt32(),
            _count = from.ReadInt32(),
        };
        trace._samples = new Sample[trace._count];
        from.BaseStream.ReadExactly(MemoryMarshal.AsBytes(trace._samples.AsSpan()));
        return trace;
    }

    private void Follow(long at, Num value, bool known, long? hold)
    {
        if (Begun == long.MinValue)
            Begun = at;
        // Past its hold it was unknown, whatever it is now.
        if (value != Present || (hold is { } limit && at > Reported + limit))
            (Present, Since) = (value, at);
        Reported = at;
        if (!known)
            return;
        if (value.Value == Known)
        {
            Repeats++;
            return;
        }
        (Known, ChangedAt, Repeats) = (value.Value, at, 1);
    }

    /// <param name="changesOnly">A sample that says the same as the one before it adds nothing.</param>
    private void Add(Sample sample, long keep, bool changesOnly)
    {
        var after = FirstAfter(sample.Time);
        var samples = _samples.AsSpan(_first, _count);
        if (after > 0 && samples[after - 1].Time == sample.Time)
        {
            samples[after - 1] = sample;
            return;
        }
        if (changesOnly && after > 0 && samples[after - 1].Value.Equals(sample.Value))
            return;
        // Too old to stand at the beginning of any window that is still asked for.
        if (after == 0 && _count > 0 && samples[0].Time <= Reported - keep)
            return;
        if (after == _count && _count >= 2 && sample.Time - samples[_count - 2].Time < keep / MostSamples)
        {
            samples[_count - 1] = sample;
            return;
        }
        if (_first + _count == _samples.Length)
            MakeRoom();
        Array.Copy(_samples, _first + after, _samples, _first + after + 1, _count - after);
        _samples[_first + after] = sample;
        _count++;
        Trim(Reported - keep);
    }

    /// <summary>Keeps one sample at or before the window's beginning: it says what stood there.</summary>
    private void Trim(long begin)
    {
        while (_count >= 2 && _samples[_first + 1].Time <= begin)
        {
            _first++;
            _count--;
        }
    }

    private void MakeRoom()
    {
        var before = Samples;
        if (_first <= _samples.Length / 4)
            _samples = new Sample[Math.Max(4, _count * 2)];
        before.CopyTo(_samples);
        _first = 0;
    }

    private int FirstAfter(long time)
    {
        var samples = Samples;
        // Most often it is now.
        if (samples.IsEmpty || samples[^1].Time <= time)
            return samples.Length;
        var (low, high) = (0, samples.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (samples[middle].Time <= time)
                low = middle + 1;
            else
                high = middle;
        }
        return low;
    }
}
