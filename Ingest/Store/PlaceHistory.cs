using Telemetry.Ingest.Devices;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Store;

/// <summary>Where a device stands, as far as a store keeps it beside the values.</summary>
public readonly record struct Place(string? District, string? Street);

/// <summary>
/// Where a device stood at a position of the log. The directory knows only where it stands now; the changes since the stores' position are
/// kept here, so that what is written again after a crash goes to the same place as before. The rules' thread adds, the stores' threads ask.
/// </summary>
public sealed class PlaceHistory(DeviceDirectory directory)
{
    private readonly Dictionary<string, List<(long Position, Place Before)>> _changes = new(StringComparer.Ordinal);

    // Ascending position: what is forgotten next.
    private readonly Queue<(long Position, string Device)> _order = [];
    private long _forgotten;
    private readonly Lock _gate = new();

    /// <summary>Called with the register's new entry before the directory gets it. Positions ascend; a change that is kept already is left as it was.</summary>
    public void Changing(long position, Device after)
    {
        if (directory.Find(after.Id) is not { } known || Of(known) == Of(after))
            return;
        lock (_gate)
        {
            if (position <= _forgotten)
                return;
            if (!_changes.TryGetValue(after.Id, out var changes))
                _changes[after.Id] = changes = [];
            if (changes.Count > 0 && changes[^1].Position >= position)
                return;
            changes.Add((position, Of(known)));
            _order.Enqueue((position, after.Id));
        }
    }

    /// <summary>For positions that the rules have processed. Of those that are forgotten: the oldest place still known.</summary>
    public Place At(string device, long position)
    {
        // The directory first: a change that comes in between is then found in the history.
        var now = directory.Find(device);
        lock (_gate)
        {
            if (_changes.TryGetValue(device, out var changes))
            {
                foreach (var (at, before) in changes)
                {
                    if (at > position)
                        return before;
                }
            }
        }
        return now is null ? default : Of(now);
    }

    /// <summary>Whether the register has the device as one of this family. A reading of which it has not was refused by the rules.</summary>
    public bool IsOf(string device, string family) => directory.Find(device)?.Family == family;

    /// <summary>Every store holds everything up to this position.</summary>
    public void Forget(long upTo)
    {
        lock (_gate)
        {
            _forgotten = Math.Max(_forgotten, upTo);
            while (_order.TryPeek(out var oldest) && oldest.Position <= upTo)
            {
                _order.Dequeue();
                var changes = _changes[oldest.Device];
                changes.RemoveAt(0);
                if (changes.Count == 0)
                    _changes.Remove(oldest.Device);
            }
        }
    }

    /// <summary>For the checkpoint: the rules' thread calls it between two entries.</summary>
    public void Save(BinaryWriter into)
    {
        lock (_gate)
        {
            into.Write(_forgotten);
            into.Write(_order.Count);
            var next = new Dictionary<string, int>(StringComparer.Ordinal);
            foreach (var (position, device) in _order)
            {
                var index = next.GetValueOrDefault(device);
                next[device] = index + 1;
                var before = _changes[device][index].Before;
                into.Write(position);
                into.Write(device);
                Write(into, before.District);
                Write(into, before.Street);
            }
        }
    }

    /// <summary>Replaces everything by what <see cref="Save"/> wrote.</summary>
    public void Load(BinaryReader from)
    {
        lock (_gate)
        {
            _changes.Clear();
            _order.Clear();
            _forgotten = from.ReadInt64();
            for (var left = from.ReadInt32(); left > 0; left--)
            {
                var (position, device) = (from.ReadInt64(), from.ReadString());
                if (!_changes.TryGetValue(device, out var changes))
                    _changes[device] = changes = [];
                changes.Add((position, new Place(Read(from), Read(from))));
                _order.Enqueue((position, device));
            }
        }
    }

    private static Place Of(Device device) => new(device.District, device.Street);

    private static void Write(BinaryWriter into, string? text)
    {
        into.Write(text is not null);
        if (text is not null)
            into.Write(text);
    }

    private static string? Read(BinaryReader from) => from.ReadBoolean() ? from.ReadString() : null;
}
