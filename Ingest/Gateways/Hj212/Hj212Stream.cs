using System.Buffers;
using Telemetry.Ingest.Decoding;
using Telemetry.Ingest.Decoding.Hj212;

namespace Telemetry.Ingest.Gateways.Hj212;

/// <summary>Where frames begin and end in what a station sends.</summary>
internal static class Hj212Stream
{
    /// <summary>Bytes of the longest frame, without CR LF.</summary>
    public const int MaxFrame = Hj212Frame.HeaderLength + Hj212Frame.MaxSegment + Hj212Frame.TrailerLength;

    private static ReadOnlySpan<byte> Begin => "##"u8;

    /// <summary>
    /// Takes the next frame off, or what stands before one and is none. Line ends between frames are passed over. The end of a frame is where its length says;
    /// where its CRC does not agree, it is where the next one begins, if that comes first: a wrong length must not cost the frame behind it.
    /// </summary>
    /// <param name="bytes">Of the frame or of the rubbish. At most <see cref="MaxFrame"/>.</param>
    /// <returns>False while more must come.</returns>
    public static bool TryTake(ref ReadOnlySequence<byte> buffer, out byte[] bytes)
    {
        bytes = [];
        var reader = new SequenceReader<byte>(buffer);
        reader.AdvancePastAny((byte)'\r', (byte)'\n');
        buffer = reader.UnreadSequence;
        if (buffer.IsEmpty)
            return false;
        var first = buffer.Slice(0, Math.Min(buffer.Length, MaxFrame)).ToArray();
        if (Length(first) is not { } length)
            return false;
        bytes = first[..length];
        buffer = buffer.Slice(length);
        return true;
    }

    /// <summary>Null while more must come.</summary>
    private static int? Length(ReadOnlySpan<byte> bytes)
    {
        if (bytes[0] != Begin[0] || (bytes.Length > 1 && bytes[1] != Begin[1]))
            return UpToNext(bytes, 1);
        if (bytes.Length < Hj212Frame.HeaderLength)
            return null;
        if (Hj212Frame.SegmentLength(bytes) is not { } segment)
            return UpToNext(bytes, Begin.Length);
        var length = Hj212Frame.HeaderLength + segment + Hj212Frame.TrailerLength;
        // No segment holds a line's end: the length is wrong, and to wait for the rest would cost the frames that came behind.
        if (bytes.Length < length)
            return bytes.IndexOf("\r\n##"u8) is > 0 and var next ? next : null;
        return Hj212Frame.HasRightCheck(bytes[..length]) ? length : UpToNext(bytes[..length], Begin.Length);
    }

    // The last # may be the first half of what begins the next frame.
    private static int UpToNext(ReadOnlySpan<byte> bytes, int from) =>
        bytes[from..].IndexOf(Begin) is >= 0 and var next ? from + next : bytes.Length > from && bytes[^1] == Begin[0] ? bytes.Length - 1 : bytes.Length;
}
