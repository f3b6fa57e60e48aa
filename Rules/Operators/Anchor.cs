using Telemetry.Rules.Conditions;

namespace Telemetry.Rules.Operators;

/// <summary>
/// How the rules of one device, and all that they look at, stood at one position of the log, when they had every reading in its place: what a rerun
/// begins with. It holds until a reading comes that belongs before what was decided then.
/// </summary>
/// <param name="Position">Entries up to this one are in it, later ones are not.</param>
/// <param name="At">Log time of that entry, Unix ms.</param>
/// <param name="Judged">Event time up to which was decided, Unix ms.</param>
/// <param name="State">As <see cref="Restore"/> reads it.</param>
internal sealed record Anchor(long Position, long At, long Judged, byte[] State)
{
    /// <param name="beside">Devices that its rules look at as a whole, not by link.</param>
    public static Anchor Of(Fleet fleet, DeviceState device, IReadOnlyCollection<DeviceState> beside, Model.LogEntry entry)
    {
        var state = new MemoryStream();
        using var into = new BinaryWriter(state);
        Save(fleet, device, into);
        into.Write(beside.Count);
        foreach (var other in beside)
        {
            into.Write(other.Device.Id);
            var length = into.BaseStream.Position;
            into.Write(0);
            Save(fleet, other, into);
            var end = into.BaseStream.Position;
            into.BaseStream.Position = length;
            into.Write((int)(end - length - sizeof(int)));
            into.BaseStream.Position = end;
        }
        SaveLinked(fleet, device, into);
        return new Anchor(entry.Position, entry.Time, beside.Append(device).Max(one => one.Judged.Time), state.ToArray());
    }

    /// <summary>Puts the device and its like into this state, in a fleet in which they have taken no reading yet.</summary>
    public void Restore(Fleet fleet, DeviceState device)
    {
        using var from = new BinaryReader(new MemoryStream(State));
        Load(fleet, device, from);
        for (var left = from.ReadInt32(); left > 0; left--)
        {
            var id = from.ReadString();
            var end = from.ReadInt32() + from.BaseStream.Position;
            // One that has left since is not looked at.
            if (fleet.Find(id) is { } other && other.Plan == device.Plan)
                Load(fleet, other, from);
            from.BaseStream.Position = end;
        }
        LoadLinked(fleet, device, from);
    }

    private static void Save(Fleet fleet, DeviceState device, BinaryWriter into)
    {
        FleetState.SaveRules(device, into);
        fleet.Places.SaveStays(device, into);
    }

    private static void Load(Fleet fleet, DeviceState device, BinaryReader from)
    {
        FleetState.LoadRules(device, from);
        fleet.Places.LoadStays(device, from);
    }

    // A change of the links or of the family's file makes a new anchor: what is asked for is the same at Save and Load.
    private static void SaveLinked(Fleet fleet, DeviceState device, BinaryWriter into)
    {
        foreach (var channel in device.Plan.Family.LinkChannels)
        {
            var slot = device.Device.Links.TryGetValue(channel.Link!, out var id) && fleet.Find(id) is { } linked && linked.FindSlot(channel) is { } index ? linked.Newest(index) : default;
            slot.Save(into);
        }
        foreach (var source in device.Plan.LinkSources)
        {
            var trace = device.Device.Links.TryGetValue(source.Link!, out var id) ? fleet.LinkTraces.Find(id, device.Device.Family, source) : null;
            into.Write(trace is not null);
            trace?.Save(into);
        }
    }

    private static void LoadLinked(Fleet fleet, DeviceState device, BinaryReader from)
    {
        foreach (var channel in device.Plan.Family.LinkChannels)
        {
            var slot = Slot.Load(from);
            if (slot.Present && device.Device.Links.TryGetValue(channel.Link!, out var id) && fleet.Find(id) is { } linked && linked.FindSlot(channel) is { } index && !linked.Main.Slots[index].Present)
                linked.Main.Slots[index] = slot;
        }
        foreach (var source in device.Plan.LinkSources)
        {
            if (from.ReadBoolean())
                fleet.LinkTraces.Set(device.Device.Links[source.Link!], device.Device.Family, source, Trace.Load(from));
        }
    }
}
