namespace Telemetry.Rules.Operators;

/// <summary>
/// Which anchors a device keeps: one from before everything that a late reading may change, and from there to now the closer together the nearer,
/// so that a rerun takes few readings more than it has to.
/// </summary>
internal static class Anchors
{
    // What reports rarely has one as often as this, ms: the log need not keep more than this and the lateness for a rerun.
    private const long LongestApart = 32 * 24 * 3_600_000L;

    // So long a late reading may wait for its rerun behind those of other devices, ms.
    private const long Waits = 3_600_000L;

    /// <summary>The rules of a device have taken readings since the last anchor.</summary>
    /// <param name="readings">So many in all.</param>
    /// <param name="apart"><see cref="Fleet.AnchorsApart"/>.</param>
    public static void Count(Moment moment, DeviceState device, int readings, int apart)
    {
        device.SinceAnchor = readings;
        if (device.AnchorIsDue || (readings < apart && device.Anchors.Length > 0 && device.Judged.Time - device.Anchors[^1].Judged < LongestApart))
            return;
        device.AnchorIsDue = true;
        moment.AnchorsDue.Add(device);
    }

    /// <summary>Where a rerun begins that a reading of this event time calls for; those that it makes useless go. Null for the device's first reading.</summary>
    public static Anchor? Take(DeviceState device, long from)
    {
        var anchors = device.Anchors;
        var count = anchors.Length;
        // What was before a change of the register or the file is not judged again: from there at the earliest.
        while (count > (device.WasHeard ? 1 : 0) && anchors[count - 1].Judged >= from)
            count--;
        device.Anchors = anchors[..count];
        return count == 0 ? null : anchors[count - 1];
    }

    /// <param name="now">Log time, Unix ms.</param>
    public static void Add(DeviceState device, Anchor anchor, long now)
    {
        LetGo(device, now);
        var kept = device.Anchors.Append(anchor).ToList();
        for (var i = kept.Count - 2; i > 0; i--)
        {
            if (kept[i + 1].Judged - kept[i - 1].Judged <= anchor.Judged - kept[i + 1].Judged)
                kept.RemoveAt(i);
        }
        device.Anchors = [.. kept];
        (device.SinceAnchor, device.AnchorIsDue) = (0, false);
    }

    /// <summary>Of those from before everything that may still change, the last one is enough.</summary>
    private static void LetGo(DeviceState device, long now)
    {
        var (anchors, first) = (device.Anchors, 0);
        while (first + 1 < anchors.Length && anchors[first + 1].Judged < now - device.Plan.Family.Lateness - Waits)
            first++;
        if (first > 0)
            device.Anchors = anchors[first..];
    }

    /// <summary>It is no longer what they say.</summary>
    public static void Forget(DeviceState device) => (device.Anchors, device.SinceAnchor) = ([], 0);

    public static void Save(DeviceState device, BinaryWriter into)
    {
        into.Write(device.SinceAnchor);
        into.Write(device.AnchorIsDue);
        into.Write(device.Anchors.Length);
        foreach (var anchor in device.Anchors)
        {
            into.Write(anchor.Position);
            into.Write(anchor.At);
            into.Write(anchor.Judged);
            into.Write(anchor.State.Length);
            into.Write(anchor.State);
        }
    }

    public static void Load(DeviceState device, BinaryReader from)
    {
        device.SinceAnchor = from.ReadInt32();
        device.AnchorIsDue = from.ReadBoolean();
        device.Anchors = new Anchor[from.ReadInt32()];
        for (var i = 0; i < device.Anchors.Length; i++)
            device.Anchors[i] = new Anchor(from.ReadInt64(), from.ReadInt64(), from.ReadInt64(), from.ReadBytes(from.ReadInt32()));
    }
}
