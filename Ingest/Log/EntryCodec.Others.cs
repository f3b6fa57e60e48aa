using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Log;

internal static partial class EntryCodec
{
    private const byte Adoption = 1;
    private const byte CheckedOnSite = 1, OneShot = 2;
    private const byte Cancelled = 1;

    private static void WriteStarted(ByteWriter to, ServiceStartedEntry entry)
    {
        to.String(entry.EngineVersion);
        to.Byte(entry.Adoption ? Adoption : (byte)0);
    }

    // Entries of 0.1.0's first logs end with the engine version.
    private static ServiceStartedEntry ReadStarted(ref ByteReader from) => new(from.String(), !from.IsAtEnd && (from.Byte() & Adoption) != 0);

    private static void WriteGateway(ByteWriter to, GatewayEntry entry)
    {
        to.String(entry.Gateway);
        to.Byte(entry.Up ? (byte)1 : (byte)0);
        to.String(entry.Cause);
    }

    private static GatewayEntry ReadGateway(ref ByteReader from) => new(from.String(), from.Byte() != 0, from.String());

    private static void WriteDevice(ByteWriter to, DeviceEntry entry)
    {
        var device = entry.Device;
        to.String(entry.By);
        to.String(device.Id);
        to.String(device.Family);
        to.OptionalString(device.Model);
        to.OptionalString(device.Gateway);
        to.OptionalString(device.District);
        to.OptionalString(device.Street);
        to.Byte((byte)((device.Latitude is null ? 0 : 1) | (device.Longitude is null ? 0 : 2)));
        if (device.Latitude is { } latitude)
            to.Double(latitude);
        if (device.Longitude is { } longitude)
            to.Double(longitude);
        to.OptionalString(device.Address);
        to.OptionalString(device.Parent);
        to.OptionalString(device.Heartbeat);
        to.String(device.State);
        WritePairs(to, device.Settings);
        WritePairs(to, device.Links);
        to.OptionalString(device.StateUntil);
        to.OptionalString(device.StateReason);
        WritePairs(to, device.Sensors);
        to.OptionalString(device.Exercise);
    }

    private static DeviceEntry ReadDevice(ref ByteReader from)
    {
        var by = from.String();
        var id = from.String();
        var family = from.String();
        var model = from.OptionalString();
        var gateway = from.OptionalString();
        var district = from.OptionalString();
        var street = from.OptionalString();
        var coordinates = from.Byte();
        var device = new Device
        {
            Id = id,
            Family = family,
            Model = model,
            Gateway = gateway,
            District = district,
            Street = street,
            Latitude = (coordinates & 1) != 0 ? from.Double() : null,
            Longitude = (coordinates & 2) != 0 ? from.Double() : null,
            Address = from.OptionalString(),
            Parent = from.OptionalString(),
            Heartbeat = from.OptionalString(),
            State = from.String(),
            Settings = ReadPairs(ref from),
            Links = ReadPairs(ref from),
        };
        // Entries of 0.2.0 and before end here.
        if (!from.IsAtEnd)
            device = device with { StateUntil = from.OptionalString(), StateReason = from.OptionalString() };
        // And here those that knew of no sensors.
        if (!from.IsAtEnd)
            device = device with { Sensors = ReadPairs(ref from) };
        // And here those that knew of no exercises.
        return new DeviceEntry(from.IsAtEnd ? device : device with { Exercise = from.OptionalString() }, by);
    }

    private static void WritePairs(ByteWriter to, IReadOnlyDictionary<string, string> pairs)
    {
        to.Varint((ulong)pairs.Count);
        foreach (var (key, value) in pairs)
        {
            to.String(key);
            to.String(value);
        }
    }

    private static SortedDictionary<string, string> ReadPairs(ref ByteReader from)
    {
        var pairs = new SortedDictionary<string, string>(StringComparer.Ordinal);
        for (var left = from.Count(); left > 0; left--)
        {
            var key = from.String();
            pairs[key] = from.String();
        }
        return pairs;
    }

    private static void WriteFamily(ByteWriter to, FamilyEntry entry)
    {
        to.String(entry.Family);
        to.String(entry.Hash);
        to.String(entry.Text);
        to.OptionalString(entry.By);
        to.OptionalString(entry.ApprovedBy);
    }

    // Entries of 0.1.0 end with the text.
    private static FamilyEntry ReadFamily(ref ByteReader from)
    {
        var (family, hash, text) = (from.String(), from.String(), from.String());
        return from.IsAtEnd ? new FamilyEntry(family, text, hash) : new FamilyEntry(family, text, hash, from.OptionalString(), from.OptionalString());
    }

    private static void WriteAction(ByteWriter to, ActionEntry entry)
    {
        to.String(entry.Action);
        to.String(entry.Alarm);
        to.String(entry.By);
        to.OptionalString(entry.Comment);
        to.OptionalString(entry.Reason);
        to.Byte(entry.Until is null ? (byte)0 : (byte)1);
        if (entry.Until is { } until)
            to.Zigzag(until);
        to.OptionalString(entry.Second);
        to.OptionalString(entry.Permit);
        to.OptionalString(entry.Watch);
        to.OptionalString(entry.Place);
        to.OptionalString(entry.To);
        to.Byte((byte)((entry.CheckedOnSite ? CheckedOnSite : 0) | (entry.OneShot ? OneShot : 0)));
    }

    private static ActionEntry ReadAction(ref ByteReader from)
    {
        var (action, alarm, by) = (from.String(), from.String(), from.String());
        var (comment, reason) = (from.OptionalString(), from.OptionalString());
        long? until = from.Byte() != 0 ? from.Zigzag() : null;
        // Entries of 0.2.0 and before end here.
        if (from.IsAtEnd)
            return new ActionEntry { Action = action, Alarm = alarm, By = by, Comment = comment, Reason = reason, Until = until };
        var (second, permit, watch, place, to) = (from.OptionalString(), from.OptionalString(), from.OptionalString(), from.OptionalString(), from.OptionalString());
        var flags = from.Byte();
        return new ActionEntry
        {
            Action = action,
            Alarm = alarm,
            By = by,
            Comment = comment,
            Reason = reason,
            Until = until,
            Second = second,
            Permit = permit,
            Watch = watch,
            Place = place,
            To = to,
            CheckedOnSite = (flags & CheckedOnSite) != 0,
            OneShot = (flags & OneShot) != 0,
        };
    }

    private static void WriteAccount(ByteWriter to, AccountEntry entry)
    {
        to.String(entry.By);
        to.String(entry.Action);
        to.String(entry.Name);
        to.OptionalString(entry.Detail);
    }

    private static void WriteSystem(ByteWriter to, SystemEntry entry)
    {
        to.String(entry.Rule);
        to.Byte(entry.Active ? (byte)1 : (byte)0);
        to.String(entry.Detail);
    }

    private static SystemEntry ReadSystem(ref ByteReader from) => new(from.String(), from.Byte() != 0, from.String());

    private static void WriteDeadLetter(ByteWriter to, DeadLetterEntry entry)
    {
        to.String(entry.Topic);
        to.String(entry.Reason);
        to.String(entry.Detail);
        to.Bytes(entry.Payload);
        to.Zigzag(entry.Received);
    }

    private static DeadLetterEntry ReadDeadLetter(ref ByteReader from) => new()
    {
        Topic = from.String(),
        Reason = from.String(),
        Detail = from.String(),
        Payload = from.Bytes().ToArray(),
        // Entries of 0.2.0 and before end with the bytes.
        Received = from.IsAtEnd ? 0 : from.Zigzag(),
    };

    private static void WriteCalendar(ByteWriter to, CalendarEntry entry)
    {
        var item = entry.Item;
        to.String(item.Id);
        to.Byte((byte)item.Kind);
        to.OptionalString(item.Name);
        to.Byte((byte)item.Scope);
        to.OptionalString(item.Place);
        to.Zigzag(item.From);
        to.Zigzag(item.To);
        to.String(item.By);
        to.OptionalString(item.Reason);
        to.Byte(entry.Cancelled ? Cancelled : (byte)0);
    }

    private static CalendarEntry ReadCalendar(ref ByteReader from)
    {
        var item = new CalendarItem(
            from.String(), (CalendarKind)from.Byte(), from.OptionalString(), (CalendarScope)from.Byte(), from.OptionalString(), from.Zigzag(), from.Zigzag(), from.String(), from.OptionalString());
        return new CalendarEntry(item, (from.Byte() & Cancelled) != 0);
    }

    private static void WriteRedecoded(ByteWriter to, RedecodedEntry entry)
    {
        to.Zigzag(entry.Letter);
        to.String(entry.By);
        to.Zigzag(entry.Readings);
        to.OptionalString(entry.Reason);
        to.OptionalString(entry.Detail);
    }

    private static RedecodedEntry ReadRedecoded(ref ByteReader from) => new(from.Zigzag(), from.String(), (int)from.Zigzag(), from.OptionalString(), from.OptionalString());
}
