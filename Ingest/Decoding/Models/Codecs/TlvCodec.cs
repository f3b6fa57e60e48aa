using Telemetry.Ingest.Decoding.Reports;

namespace Telemetry.Ingest.Decoding.Models.Codecs;

/// <summary>Id and type, one byte each, then a value as long as the two say. No lengths travel: behind an unknown id nothing can be read.</summary>
/// <param name="blocks">By id × 256 + type.</param>
internal sealed class TlvCodec(IReadOnlyDictionary<int, FrameBlock> blocks) : IFrameCodec
{
    private const int Head = 2;

    public IReadOnlyDictionary<int, FrameBlock> Blocks { get; } = blocks;

    public IReadOnlyDictionary<string, string?> Fields { get; } = FrameBlock.Units(blocks.Values.SelectMany(block => block.Fields));

    public void Read(ReadOnlySpan<byte> frame, Report report, List<Report> past)
    {
        var rest = frame;
        while (!rest.IsEmpty && Next(ref rest, frame.Length, report, past))
        {
        }
    }

    /// <summary>Takes one value off <paramref name="rest"/>; false, with the reason in the report, where the rest can't be read.</summary>
    /// <param name="length">Of the frame, to say where in it.</param>
    public bool Next(ref ReadOnlySpan<byte> rest, int length, Report report, List<Report> past)
    {
        var at = length - rest.Length;
        if (rest.Length < Head)
            return Refuse(report, $"byte {at}: {Convert.ToHexString(rest)} alone; expected an id, its type and a value");
        if (!Blocks.TryGetValue(rest[0] << 8 | rest[1], out var block))
            return Refuse(report, $"byte {at}: id {rest[0]:X2} {rest[1]:X2} is not in the model's file, and says no length: the {rest.Length} bytes from there on are not read");
        if (rest.Length < Head + block.Length)
            return Refuse(report, $"byte {at}: id {rest[0]:X2} {rest[1]:X2} needs {block.Length} bytes behind it, {rest.Length - Head} are left");
        block.Read(rest[Head..], report, past);
        rest = rest[(Head + block.Length)..];
        return true;
    }

    private static bool Refuse(Report report, string what)
    {
        report.Refused.Add((RejectReason.BadFrame, what));
        return false;
    }
}
