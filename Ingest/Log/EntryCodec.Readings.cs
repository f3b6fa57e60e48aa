using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Log;

internal static partial class EntryCodec
{
    private const byte HasSentTime = 1, HasSequence = 2, EventTimeDiffers = 4, ReceivedTimeStandsIn = 8;

    private const byte HasWhy = 1 << 4, HasNumber = 1 << 5, HasState = 1 << 6, IsOne = 1 << 7;
    private const int KindMask = 3, QualityShift = 2, QualityMask = 3;

    /// <summary>Device (UTF-8) and event time of a reading. Makes no strings.</summary>
    public static ReadOnlySpan<byte> DeviceOf(ReadOnlySpan<byte> body, long time, StringTable strings, out long eventTime)
    {
        var from = new ByteReader(body, strings);
        from.Bytes();
        from.Bytes();
        var device = from.Bytes();
        eventTime = ReadTimes(ref from, time).EventTime;
        return device;
    }

    /// <summary>Device (UTF-8), time as sent and sequence of a reading. Makes no strings.</summary>
    public static ReadOnlySpan<byte> KeyOf(ReadOnlySpan<byte> body, StringTable strings, out long? sentTime, out long? sequence)
    {
        var from = new ByteReader(body, strings);
        from.Bytes();
        from.Bytes();
        var device = from.Bytes();
        var times = ReadTimes(ref from, 0);
        (sentTime, sequence) = (times.SentTime, (times.Flags & HasSequence) != 0 ? from.Zigzag() : null);
        return device;
    }

    private static void WriteReading(ByteWriter to, Reading reading)
    {
        to.String(reading.Gateway);
        to.String(reading.Family);
        to.String(reading.Device);
        var flags = reading.SentTime is null ? 0 : HasSentTime;
        if (reading.Sequence is not null)
            flags |= HasSequence;
        var sentOrZero = reading.SentTime ?? 0;
        if (reading.ReceivedTimeStandsIn)
            flags |= ReceivedTimeStandsIn;
        else if (reading.EventTime != sentOrZero)
            flags |= EventTimeDiffers;
        to.Byte((byte)flags);
        to.Byte((byte)reading.Marks);
        if ((flags & HasSentTime) != 0)
            to.Zigzag(sentOrZero);
        if ((flags & EventTimeDiffers) != 0)
            to.Zigzag(unchecked(reading.EventTime - sentOrZero));
        if (reading.Sequence is { } sequence)
            to.Zigzag(sequence);
        to.Varint((ulong)reading.Values.Length);
        foreach (ref readonly var value in reading.Values.AsSpan())
            WriteValue(to, value);
    }

    private static void WriteValue(ByteWriter to, in ChannelValue value)
    {
        to.String(value.Channel);
        var form = (int)value.Kind | (int)value.Quality << QualityShift;
        var bits = BitConverter.DoubleToInt64Bits(value.Number);
        if (bits == BitConverter.DoubleToInt64Bits(1.0))
            form |= IsOne;
        else if (bits != 0)
            form |= HasNumber;
        if (value.State is not null)
            form |= HasState;
        if (value.Why is not null)
            form |= HasWhy;
        to.Byte((byte)form);
        if ((form & HasNumber) != 0)
            to.Double(value.Number);
        if (value.State is not null)
            to.String(value.State);
        if (value.Why is not null)
            to.String(value.Why);
    }

    private static (long? SentTime, long EventTime, TimeMarks Marks, byte Flags) ReadTimes(ref ByteReader from, long time)
    {
        var flags = from.Byte();
        var marks = (TimeMarks)from.Byte();
        long? sent = (flags & HasSentTime) != 0 ? from.Zigzag() : null;
        var eventTime = sent ?? 0;
        if ((flags & ReceivedTimeStandsIn) != 0)
            eventTime = time;
        else if ((flags & EventTimeDiffers) != 0)
            eventTime = unchecked(eventTime + from.Zigzag());
        return (sent, eventTime, marks, flags);
    }

    private static Reading ReadReading(ref ByteReader from, long time)
    {
        var gateway = from.String();
        var family = from.String();
        var device = from.String();
        var times = ReadTimes(ref from, time);
        long? sequence = (times.Flags & HasSequence) != 0 ? from.Zigzag() : null;
        var values = new ChannelValue[from.Count()];
        for (var i = 0; i < values.Length; i++)
            values[i] = ReadValue(ref from);
        return new Reading
        {
            Gateway = gateway,
            Family = family,
            Device = device,
            SentTime = times.SentTime,
            Sequence = sequence,
            EventTime = times.EventTime,
            Marks = times.Marks,
            Values = values,
        };
    }

    private static ChannelValue ReadValue(ref ByteReader from)
    {
        var channel = from.String();
        var form = from.Byte();
        var number = (form & IsOne) != 0 ? 1.0 : (form & HasNumber) != 0 ? from.Double() : 0.0;
        var state = (form & HasState) != 0 ? from.String() : null;
        var why = (form & HasWhy) != 0 ? from.String() : null;
        return new ChannelValue(channel, (ValueKind)(form & KindMask), number, state, (Quality)(form >> QualityShift & QualityMask), why);
    }
}
