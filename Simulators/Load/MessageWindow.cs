namespace Telemetry.Simulators.Load;

/// <summary>
/// The messages of one connection that are on the way, each with its bytes, so that it can be sent again as it was. A slot's
/// index + 1 is its packet id.
/// </summary>
public sealed class MessageWindow
{
    private readonly Slot[] _slots;
    private readonly Stack<int> _free;
    private long _order;

    public MessageWindow(int size)
    {
        _slots = new Slot[size];
        _free = new Stack<int>(size);
        for (var i = size - 1; i >= 0; i--)
        {
            _slots[i] = new Slot((ushort)(i + 1));
            _free.Push(i);
        }
    }

    public sealed class Slot(ushort packetId)
    {
        public ushort PacketId => packetId;

        public byte[] Frame { get; set; } = [];

        public int Length { get; set; }

        /// <summary>A timestamp of the time provider.</summary>
        public long SentAt { get; set; }

        /// <summary>Index within the connection's devices.</summary>
        public int Device { get; set; }

        public long FirstSequence { get; set; }

        public SlotState State { get; set; }

        /// <summary>Counts sends, so that they can be repeated in their order.</summary>
        public long Order { get; set; }
    }

    public int Free => _free.Count;

    public int Busy => _slots.Length - _free.Count;

    /// <summary>Only while <see cref="Free"/> is above 0.</summary>
    public Slot Take()
    {
        var slot = _slots[_free.Pop()];
        slot.State = SlotState.Published;
        slot.Order = _order++;
        return slot;
    }

    /// <summary>The slot of a packet id while it is in this state, else null: an acknowledgement may come twice.</summary>
    public Slot? Find(ushort packetId, SlotState state)
    {
        var slot = packetId >= 1 && packetId <= _slots.Length ? _slots[packetId - 1] : null;
        return slot?.State == state ? slot : null;
    }

    public void Release(Slot slot)
    {
        slot.State = SlotState.Free;
        _free.Push(slot.PacketId - 1);
    }

    /// <summary>What is on the way, in the order in which it was first sent.</summary>
    public IEnumerable<Slot> InOrder() => _slots.Where(s => s.State != SlotState.Free).OrderBy(s => s.Order).ToList();
}

public enum SlotState : byte
{
    Free,

    /// <summary>Waits for PUBACK or PUBREC.</summary>
    Published,

    /// <summary>QoS 2: received by the other side, waits for PUBCOMP.</summary>
    Released,
}
