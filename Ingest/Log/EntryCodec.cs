using System.Buffers.Binary;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Log;

/// <summary>Log entries to bytes and back, as FORMAT.md lists them: which kind has which body. The bodies stand in the other parts of this class.</summary>
internal static partial class EntryCodec
{
    /// <summary>Length of the body and kind.</summary>
    public const int FrameSize = 5;

    /// <summary>Appends the entry, framed; returns its kind.</summary>
    public static EntryKind Write(ByteWriter to, LogEntry entry)
    {
        var hole = to.Int32Hole();
        var kind = KindOf(entry);
        to.Byte((byte)kind);
        var start = to.Length;
        switch (entry)
        {
            case ReadingEntry e: WriteReading(to, e.Reading); break;
            case TickEntry: break;
            case ClockStepEntry e: to.Zigzag(e.By); break;
            case ServiceStartedEntry e: WriteStarted(to, e); break;
            case GatewayEntry e: WriteGateway(to, e); break;
            case DeviceEntry e: WriteDevice(to, e); break;
            case FamilyEntry e: WriteFamily(to, e); break;
            case ActionEntry e: WriteAction(to, e); break;
            case SystemEntry e: WriteSystem(to, e); break;
            case DeadLetterEntry e: WriteDeadLetter(to, e); break;
            case CalendarEntry e: WriteCalendar(to, e); break;
            case RedecodedEntry e: WriteRedecoded(to, e); break;
            case PositionEntry e: WritePosition(to, e); break;
            case AccountEntry e: WriteAccount(to, e); break;
        }
        to.SetInt32(hole, to.Length - start);
        return kind;
    }

    /// <summary>Cuts the next framed entry off <paramref name="rest"/>.</summary>
    public static ReadOnlySpan<byte> NextBody(ref ReadOnlySpan<byte> rest, out EntryKind kind)
    {
        if (rest.Length < FrameSize)
            throw new InvalidDataException($"an entry's frame needs {FrameSize} bytes, {rest.Length} left");
        var length = BinaryPrimitives.ReadInt32LittleEndian(rest);
        kind = (EntryKind)rest[4];
        if (length < 0 || length > rest.Length - FrameSize)
            throw new InvalidDataException($"an entry of {length} bytes, {rest.Length - FrameSize} left");
        var body = rest.Slice(FrameSize, length);
        rest = rest[(FrameSize + length)..];
        return body;
    }

    public static LogEntry Read(EntryKind kind, ReadOnlySpan<byte> body, long position, long time, StringTable strings)
    {
        var from = new ByteReader(body, strings);
        LogEntry entry = kind switch
        {
            EntryKind.Reading => new ReadingEntry(ReadReading(ref from, time)),
            EntryKind.Tick => new TickEntry(),
            EntryKind.ClockStep => new ClockStepEntry(from.Zigzag()),
            EntryKind.ServiceStarted => ReadStarted(ref from),
            EntryKind.Gateway => ReadGateway(ref from),
            EntryKind.Device => ReadDevice(ref from),
            EntryKind.Family => ReadFamily(ref from),
            EntryKind.Action => ReadAction(ref from),
            EntryKind.System => ReadSystem(ref from),
            EntryKind.DeadLetter => ReadDeadLetter(ref from),
            EntryKind.Calendar => ReadCalendar(ref from),
            EntryKind.Redecoded => ReadRedecoded(ref from),
            EntryKind.Position => ReadPosition(ref from),
            EntryKind.Account => new AccountEntry(from.String(), from.String(), from.String(), from.OptionalString()),
            _ => throw new InvalidDataException($"position {position} is an entry of kind {(byte)kind}, which this version does not know; a newer version wrote this log"),
        };
        entry.Position = position;
        entry.Time = time;
        return entry;
    }

    private static EntryKind KindOf(LogEntry entry) => entry switch
    {
        ReadingEntry => EntryKind.Reading,
        TickEntry => EntryKind.Tick,
        ClockStepEntry => EntryKind.ClockStep,
        ServiceStartedEntry => EntryKind.ServiceStarted,
        GatewayEntry => EntryKind.Gateway,
        DeviceEntry => EntryKind.Device,
        FamilyEntry => EntryKind.Family,
        ActionEntry => EntryKind.Action,
        SystemEntry => EntryKind.System,
        DeadLetterEntry => EntryKind.DeadLetter,
        CalendarEntry => EntryKind.Calendar,
        RedecodedEntry => EntryKind.Redecoded,
        PositionEntry => EntryKind.Position,
        AccountEntry => EntryKind.Account,
        _ => throw new ArgumentException($"{entry.GetType().Name} has no form on the disk; give it one in FORMAT.md and EntryKind", nameof(entry)),
    };
}
