using System.Collections;

namespace Telemetry.Ingest.Decoding.Sparkplug;

/// <summary>The order of a node's messages: 0 to 255 and again from 0. What comes early is taken all the same; what it overtook has the reorder time-out to come.</summary>
internal sealed class SequenceWatch
{
    public const int Count = 256;

    // A message so far behind is a late or repeated one; anything else is one that overtook others.
    private const int MaxBehind = 16;

    private readonly BitArray _early = new(Count);
    private int _earlyCount;
    private int _expected;

    /// <summary>Unix ms when something began to be missing; null while nothing is.</summary>
    public long? GapSince { get; private set; }

    /// <summary>What was missing did not come: only a birth begins a new order.</summary>
    public bool IsLost { get; private set; }

    /// <summary>A birth of the node with this number.</summary>
    public void Begin(int sequence)
    {
        _early.SetAll(false);
        (_earlyCount, _expected, GapSince, IsLost) = (0, Next(sequence), null, false);
    }

    /// <param name="now">Unix ms.</param>
    public void Take(int sequence, long now)
    {
        if (IsLost)
            return;
        if (sequence == _expected)
        {
            _expected = Next(_expected);
            CatchUp();
        }
        else if ((sequence - _expected + Count) % Count < Count - MaxBehind && !_early[sequence])
        {
            _early[sequence] = true;
            _earlyCount++;
            GapSince ??= now;
        }
    }

    /// <summary>Gives the order up.</summary>
    public void Lose() => (IsLost, GapSince) = (true, null);

    private void CatchUp()
    {
        for (; _early[_expected]; _expected = Next(_expected))
        {
            _early[_expected] = false;
            _earlyCount--;
        }
        if (_earlyCount == 0)
            GapSince = null;
    }

    private static int Next(int sequence) => (sequence + 1) % Count;
}
