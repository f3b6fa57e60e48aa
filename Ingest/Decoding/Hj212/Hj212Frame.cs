using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Telemetry.Ingest.Decoding.Hj212;

/// <summary>
/// One frame of HJ 212-2017 (HJ/T 212-2005 differs in lengths only): <c>##</c>, four digits with the length of the data segment, the segment, its CRC in four
/// hexadecimal digits, CR LF. The segment: <c>QN=…;ST=…;CN=…;PW=…;MN=…;Flag=…;CP=&amp;&amp;…&amp;&amp;</c>.
/// </summary>
internal sealed class Hj212Frame
{
    public const int HeaderLength = 6;
    public const int TrailerLength = 4;

    /// <summary>Of a data segment: the length field has four digits. (The standard allows 1,024; devices send more.)</summary>
    public const int MaxSegment = 9999;

    /// <summary>Bit 0 of Flag: the sender waits for an answer.</summary>
    private const int AnswerBit = 1;

    /// <summary>Bit 1 of Flag: one of several packets, PNO of PNUM.</summary>
    private const int PacketBit = 2;

    private const string DataBegin = "CP=&&", DataEnd = "&&";

    private readonly Dictionary<string, string> _head;

    private Hj212Frame(Dictionary<string, string> head, string data) => (_head, Data) = (head, data);

    /// <summary>The moment of the request, and its name in the answer; null in HJ/T 212-2005, where it may be missing.</summary>
    public string? Request => Head("QN");

    /// <summary>CN: 2011 real-time data and so on.</summary>
    public string Command => Head("CN") ?? "";

    public string? Password => Head("PW");

    /// <summary>MN, the station's name; null where the frame has none.</summary>
    public string? Station => Head("MN");

    public bool WantsAnswer => (Flag & AnswerBit) != 0;

    /// <summary>Of several packets that belong together, from 1; null for a whole one.</summary>
    public string? Packet => (Flag & PacketBit) != 0 ? Head("PNO") : null;

    /// <summary>What stands between CP's &amp;&amp;.</summary>
    public string Data { get; }

    /// <summary>Flag without its two lowest bits: which version of the standard.</summary>
    public int Version => Flag & ~(AnswerBit | PacketBit);

    private int Flag => int.TryParse(Head("Flag"), NumberStyles.None, CultureInfo.InvariantCulture, out var flag) ? flag : 0;

    /// <param name="bytes">With or without CR LF.</param>
    /// <exception cref="MalformedMessageException"/>
    public static Hj212Frame Parse(ReadOnlySpan<byte> bytes)
    {
        if (bytes.EndsWith("\r\n"u8))
            bytes = bytes[..^2];
        if (bytes.Length < HeaderLength + TrailerLength || !Begins(bytes) || SegmentLength(bytes) is not { } length)
            throw Malformed("expected ##, four digits with the length of the data segment, the segment, four hexadecimal digits of CRC");
        var actual = bytes.Length - HeaderLength - TrailerLength;
        if (actual != length)
            throw Malformed($"the length field says {length}, the data segment has {actual} bytes");
        var segment = bytes[HeaderLength..^TrailerLength];
        if (!HasRightCheck(bytes))
            throw Malformed($"CRC {Encoding.Latin1.GetString(bytes[^TrailerLength..])}; of these bytes it is {Crc16.Hj212(segment):X4}");
        if (!Ascii.IsValid(segment))
            throw Malformed("the data segment is not ASCII");
        return Take(Encoding.ASCII.GetString(segment));
    }

    /// <summary>Stars in place of PW, and a CRC that is still right where it was: the frame means the same without it.</summary>
    public static void MaskPassword(Span<byte> bytes)
    {
        var frame = bytes.EndsWith("\r\n"u8) ? bytes[..^2] : bytes;
        var isRight = frame.Length >= HeaderLength + TrailerLength && HasRightCheck(frame);
        var head = frame.IndexOf("CP=&&"u8) is >= 0 and var data ? frame[..data] : frame;
        for (var at = head.IndexOf("PW="u8); at >= 0;)
        {
            var value = head[(at + 3)..];
            value = value.IndexOf((byte)';') is >= 0 and var end ? value[..end] : value;
            value.Fill((byte)'*');
            var rest = at + 3 + value.Length;
            at = head[rest..].IndexOf("PW="u8) is >= 0 and var next ? rest + next : -1;
        }
        if (isRight)
            Encoding.ASCII.GetBytes(Crc16.Hj212(frame[HeaderLength..^TrailerLength]).ToString("X4", CultureInfo.InvariantCulture), frame[^TrailerLength..]);
    }

    /// <summary>Null for what is no frame.</summary>
    public static Hj212Frame? TryParse(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return Parse(bytes);
        }
        catch (MalformedMessageException)
        {
            return null;
        }
    }

    /// <summary>With the ## of a frame.</summary>
    public static bool Begins(ReadOnlySpan<byte> bytes) => bytes.StartsWith("##"u8);

    /// <param name="frame">From ## to the last digit of the CRC.</param>
    public static bool HasRightCheck(ReadOnlySpan<byte> frame)
    {
        Span<byte> sent = stackalloc byte[2];
        return Convert.FromHexString(frame[^TrailerLength..], sent, out _, out _) == OperationStatus.Done
            && BinaryPrimitives.ReadUInt16BigEndian(sent) == Crc16.Hj212(frame[HeaderLength..^TrailerLength]);
    }

    /// <summary>Of a frame's first six bytes; null where they are none.</summary>
    public static int? SegmentLength(ReadOnlySpan<byte> header) =>
        !header[2..HeaderLength].ContainsAnyExceptInRange((byte)'0', (byte)'9') ? int.Parse(header[2..HeaderLength], CultureInfo.InvariantCulture) : null;

    private static Hj212Frame Take(string segment)
    {
        var begin = segment.IndexOf(DataBegin, StringComparison.Ordinal);
        if (begin < 0 || !segment.EndsWith(DataEnd, StringComparison.Ordinal) || segment.Length < begin + DataBegin.Length + DataEnd.Length)
            throw Malformed("no CP=&&…&& at the end of the data segment");
        var head = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var item in segment[..begin].Split(';', StringSplitOptions.RemoveEmptyEntries))
        {
            if (item.IndexOf('=') is > 0 and var equals)
                head[item[..equals]] = item[(equals + 1)..];
        }
        return new(head, segment[(begin + DataBegin.Length)..^DataEnd.Length]);
    }

    private static MalformedMessageException Malformed(string what) => new(RejectReason.Malformed, what);

    private string? Head(string name) => _head.TryGetValue(name, out var value) && value.Length > 0 ? value : null;
}
