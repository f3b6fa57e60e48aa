using Telemetry.Rules.Operators;

namespace Telemetry.Ingest.Store;

/// <summary>
/// The filter's verdicts, kept from the stores' position to the rules' position. Positions that are not named are accepted whole. The rules'
/// thread adds, the stores' threads ask.
/// </summary>
public sealed class Verdicts
{
    // A gateway's replay is a long run of wholly dropped readings: they share one array per length.
    private const int LongestShared = 64;
    private readonly ValueVerdict[]?[] _dropped = new ValueVerdict[]?[LongestShared + 1];

    // Ascending position; [0, _first) is forgotten.
    private readonly List<(long Position, ValueVerdict[] Values)> _kept = [];
    private int _first;
    private long _forgotten;
    private readonly Lock _gate = new();

    /// <summary>Verdicts of positions up to here are gone. A store that has to read them again must look every value up.</summary>
    public long Forgotten
    {
        get
        {
            lock (_gate)
                return _forgotten;
        }
    }

    /// <summary>One verdict per value of the reading at this position. Positions ascend; one that was added before is left as it was.</summary>
    public void Add(long position, ReadOnlySpan<ValueVerdict> values)
    {
        lock (_gate)
        {
            if (position <= _forgotten || (_kept.Count > _first && position <= _kept[^1].Position))
                return;
            _kept.Add((position, Kept(values)));
        }
    }

    /// <summary>Null: every value is accepted.</summary>
    public ValueVerdict[]? At(long position)
    {
        lock (_gate)
        {
            var (low, high) = (_first, _kept.Count - 1);
            while (low <= high)
            {
                var middle = (low + high) / 2;
                var found = _kept[middle].Position;
                if (found == position)
                    return _kept[middle].Values;
                if (found < position)
                    low = middle + 1;
                else
                    high = middle - 1;
            }
            return null;
        }
    }

    /// <summary>Every store holds everything up to this position.</summary>
    public void Forget(long upTo)
    {
        lock (_gate)
        {
            _forgotten = Math.Max(_forgotten, upTo);
            while (_first < _kept.Count && _kept[_first].Position <= upTo)
                _first++;
            if (_first > 1024 && _first > _kept.Count / 2)
            {
                _kept.RemoveRange(0, _first);
                _first = 0;
            }
        }
    }

    /// <summary>For the checkpoint: the rules' thread calls it between two entries.</summary>
    public void Save(BinaryWriter into)
    {
        lock (_gate)
        {
            into.Write(_forgotten);
            into.Write(_kept.Count - _first);
            for (var i = _first; i < _kept.Count; i++)
            {
                into.Write(_kept[i].Position);
                into.Write7BitEncodedInt(_kept[i].Values.Length);
                foreach (var verdict in _kept[i].Values)
                    into.Write((byte)verdict);
            }
        }
    }

    /// <summary>Replaces everything by what <see cref="Save"/> wrote.</summary>
    /// <exception cref="InvalidDataException">It is not that.</exception>
    public void Load(BinaryReader from)
    {
        lock (_gate)
        {
            _kept.Clear();
            _first = 0;
            _forgotten = from.ReadInt64();
            for (var left = from.ReadInt32(); left > 0; left--)
            {
                var position = from.ReadInt64();
                var values = new ValueVerdict[from.Read7BitEncodedInt()];
                for (var i = 0; i < values.Length; i++)
                {
                    values[i] = (ValueVerdict)from.ReadByte();
                    if (values[i] > ValueVerdict.LookUp)
                        throw new InvalidDataException($"verdict {(byte)values[i]} at position {position}: 0 to {(byte)ValueVerdict.LookUp} would be right");
                }
                _kept.Add((position, Kept(values)));
            }
        }
    }

    private ValueVerdict[] Kept(ReadOnlySpan<ValueVerdict> values)
    {
        if (values.Length > LongestShared || values.ContainsAnyExcept(ValueVerdict.Drop))
            return values.ToArray();
        return _dropped[values.Length] ??= values.ToArray();
    }
}
