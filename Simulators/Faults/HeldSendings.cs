namespace Telemetry.Simulators.Faults;

/// <summary>Sendings that wait for their time; those of one time leave in the order in which they came.</summary>
internal sealed class HeldSendings
{
    private readonly PriorityQueue<Sending, (long Due, long Order)> _held = new();
    private long _order;

    public long? NextDue => _held.TryPeek(out var first, out _) ? first.Due : null;

    public void Hold(Sending sending) => _held.Enqueue(sending, (sending.Due, _order++));

    /// <summary>All that are due at <see cref="NextDue"/>.</summary>
    public IReadOnlyList<Sending> Release()
    {
        var (due, released) = (NextDue, new List<Sending>());
        while (_held.TryPeek(out var first, out _) && first.Due == due)
            released.Add(_held.Dequeue());
        return released;
    }
}
