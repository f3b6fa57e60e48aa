using System.Buffers.Binary;
using Telemetry.Ingest.Decoding.Reports;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Decoding;

/// <summary>
/// Manhole covers that are polled by Modbus RTU through a transparent MQTT unit: the answer to <c>01 03 0BB8 0004 C608</c>, as bytes or as hexadecimal text. Four
/// registers: version, tilted, open, vibrating. A cover is <c>DEVICE:ADDRESS</c>, its unit's name in the topic and its address on the bus.
/// </summary>
internal sealed class ModbusCoverFormat : IPayloadFormat
{
    private const byte ReadRegisters = 3;
    private const byte ExceptionBit = 0x80;
    private const int RequestLength = 8;
    private const int Registers = 4;
    private const int AnswerLength = 3 + 2 * Registers + 2;

    // Longer than any frame of Modbus RTU (256 bytes) with spaces between its digits.
    private const int MaxText = 1024;

    private static readonly System.Buffers.SearchValues<byte> HexText = System.Buffers.SearchValues.Create("0123456789abcdefABCDEF "u8);

    public string Name => "modbus-cover";

    public DecodedMessage Read(in ForeignMessage message, List<Report> into)
    {
        var device = message.Device ?? throw new MalformedMessageException(RejectReason.BadTopic, "the route's topic has no {device}, and nothing else says whose answer this is");
        var frame = Bytes(message.Payload);
        if (frame.Length < 5)
            throw Malformed($"{frame.Length} bytes; a frame of Modbus RTU has at least 5");
        var (sent, computed) = (BinaryPrimitives.ReadUInt16LittleEndian(frame[^2..]), Crc16.Modbus(frame[..^2]));
        if (sent != computed)
            throw Malformed($"CRC {frame[^2]:X2}{frame[^1]:X2}; of these bytes it is {(byte)computed:X2}{computed >> 8:X2}");
        // The question, where it stands on the same topic as its answer.
        if (frame.Length == RequestLength && frame[1] == ReadRegisters)
            return new(message.Gateway, GatewaySign.None);
        into.Add(Answer(WireId.Check($"{device}:{frame[0]}", "{device} of the topic"), frame));
        return new(message.Gateway, GatewaySign.Reading);
    }

    private static Report Answer(string device, ReadOnlySpan<byte> frame)
    {
        var report = new Report { WireId = device };
        if (frame[1] == (ReadRegisters | ExceptionBit) && frame.Length == 5)
            report.Refused.Add((RejectReason.BadFrame, $"the cover answers with exception {frame[2]} of Modbus instead of its registers"));
        else if (frame[1] != ReadRegisters || frame[2] != 2 * Registers || frame.Length != AnswerLength)
            report.Refused.Add((RejectReason.BadFrame, $"function {frame[1]} with {frame[2]} bytes of data, {frame.Length} in all; expected {Registers} registers by function {ReadRegisters}, {2 * Registers} and {AnswerLength} bytes"));
        else
            AddFields(frame, report.Fields);
        return report;
    }

    private static void AddFields(ReadOnlySpan<byte> frame, List<Field> fields)
    {
        var (version, tilted, open, vibrating) = (Register(frame, 0), Register(frame, 1), Register(frame, 2), Register(frame, 3));
        // A unit that gets no answer from its sensor sends zeros all along, which would read as a closed cover of version 0.
        var (quality, why) = version == 0 ? (Quality.Bad, "sensor not read") : (Quality.Good, null);
        var state = open != 0 ? "open" : tilted != 0 ? "loose" : "normal";
        fields.Add(new("cover_state", FieldKind.Text, 0, state, Quality: quality, Why: why));
        fields.Add(new("vibration_alarm", FieldKind.Boolean, vibrating == 0 ? 0 : 1, Quality: quality, Why: why));
    }

    private static ushort Register(ReadOnlySpan<byte> frame, int index) => BinaryPrimitives.ReadUInt16BigEndian(frame[(3 + 2 * index)..]);

    // No frame is text: its second byte, the function, is none of a text's.
    private static ReadOnlySpan<byte> Bytes(ReadOnlySpan<byte> payload)
    {
        if (payload.Length > MaxText || (payload.Length > 0 && !payload.ContainsAnyExceptInRange((byte)' ', (byte)'~') && payload.ContainsAnyExcept(HexText)))
            throw Malformed($"{payload.Length} bytes of something else; expected a frame of Modbus RTU, as bytes or as hexadecimal text");
        Span<byte> digits = stackalloc byte[MaxText];
        var count = 0;
        foreach (var each in payload)
        {
            if (char.IsAsciiHexDigit((char)each))
                digits[count++] = each;
            else if (each is not ((byte)' ' or (byte)'\r' or (byte)'\n'))
                return payload;
        }
        return count % 2 == 0 ? Convert.FromHexString(digits[..count]) : throw Malformed($"{count} hexadecimal digits; expected two a byte");
    }

    private static MalformedMessageException Malformed(string what) => new(RejectReason.Malformed, what);
}
