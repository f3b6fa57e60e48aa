using System.Runtime.InteropServices;
using Telemetry.Rules.Conditions;

namespace Telemetry.Rules.Operators;

/// <summary>
/// The step states of one block. While none of them holds, stands or waits, which is how nearly all of a city's devices are nearly always, one is a byte:
/// what it was last evaluated to. Since when matters only from the moment on at which one holds.
/// </summary>
public struct StepStates(int count)
{
    private readonly byte[] _resting = count == 0 ? [] : new byte[count];
    private StepState[]? _awake;

    public readonly int Count => _resting.Length;

    public readonly bool AreAtRest => _awake is null;

    /// <summary>To be changed: from here on they are kept whole until <see cref="Settle"/>.</summary>
    public ref StepState this[int step]
    {
        get
        {
            if (_awake is null)
            {
                _awake = new StepState[Count];
                for (var i = 0; i < Count; i++)
                    _awake[i].Truth = (Truth)_resting[i];
            }
            return ref _awake[step];
        }
    }

    /// <summary>To be read.</summary>
    public readonly StepState Of(int step) => _awake is null ? new StepState { Truth = (Truth)_resting[step] } : _awake[step];

    public readonly Truth TruthOf(int step) => _awake is null ? (Truth)_resting[step] : _awake[step].Truth;

    public readonly bool IsActive(int step) => _awake is not null && _awake[step].Active;

    public readonly bool AnyExpired()
    {
        foreach (ref readonly var state in _awake.AsSpan())
        {
            if (state.Expired)
                return true;
        }
        return false;
    }

    /// <summary>Notes what the condition of a step is now; a truth that stays keeps its beginning.</summary>
    public void Note(int step, Truth truth, long at, ulong key)
    {
        if (_awake is null && truth != Truth.True)
            _resting[step] = (byte)truth;
        else
            Delays.Note(ref this[step], truth, at, key);
    }

    /// <summary>Lets the whole states go where all are at rest again.</summary>
    public void Settle()
    {
        if (_awake is null)
            return;
        foreach (ref readonly var state in _awake.AsSpan())
        {
            if (state.Truth == Truth.True || state.Active || state.Expired)
                return;
        }
        for (var i = 0; i < Count; i++)
            _resting[i] = (byte)_awake[i].Truth;
        _awake = null;
    }

    public void Forget()
    {
        _awake = null;
        Array.Clear(_resting);
    }

    public readonly void Save(BinaryWriter into)
    {
        into.Write(AreAtRest);
        into.Write(AreAtRest ? _resting : MemoryMarshal.AsBytes(_awake.AsSpan()));
    }

    public void Load(BinaryReader from)
    {
        if (from.ReadBoolean())
        {
            from.BaseStream.ReadExactly(_resting);
            return;
        }
        _awake = new StepState[Count];
        from.BaseStream.ReadExactly(MemoryMarshal.AsBytes(_awake.AsSpan()));
    }
}
