using Telemetry.Ingest.Decoding.Reports;

namespace Telemetry.Ingest.Decoding.Models.Codecs;

/// <summary>What stands in a frame of one port: a fixed block, then perhaps another, or records of equal length to the end.</summary>
/// <param name="Optional">May be missing as a whole.</param>
/// <param name="Records">One after the other until the frame ends.</param>
/// <param name="IsPassedOver">The frame says nothing of a channel.</param>
internal sealed record PortLayout(FrameBlock? Block, FrameBlock? Optional, FrameBlock? Records, bool IsPassedOver = false)
{
    public IEnumerable<FieldLayout> Fields => new[] { Block, Optional, Records }.OfType<FrameBlock>().SelectMany(block => block.Fields);
}

/// <summary>Fixed layouts, told apart by LoRaWAN's port.</summary>
/// <param name="ports">By port; -1 stands for every other one, and for frames that come without a port.</param>
internal sealed class PortCodec(IReadOnlyDictionary<int, PortLayout> ports) : IFrameCodec
{
    public const int AnyPort = -1;

    public IReadOnlyDictionary<int, PortLayout> Ports { get; } = ports;

    public IReadOnlyDictionary<string, string?> Fields { get; } = FrameBlock.Units(ports.Values.SelectMany(layout => layout.Fields));

    public void Read(ReadOnlySpan<byte> frame, Report report, List<Report> past)
    {
        if (!Ports.TryGetValue(report.Port ?? AnyPort, out var layout) && !Ports.TryGetValue(AnyPort, out layout))
        {
            Refuse(report, $"port {report.Port?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "not said"}: the model's file has ports {string.Join(", ", Ports.Keys.Order())}");
            return;
        }
        if (layout.IsPassedOver)
            return;
        var rest = frame;
        if (layout.Block is { } block && !Take(block, ref rest, frame.Length, report, past))
            return;
        if (layout.Optional is { } optional && !rest.IsEmpty && !Take(optional, ref rest, frame.Length, report, past))
            return;
        if (layout.Records is { } record)
        {
            while (!rest.IsEmpty && Take(record, ref rest, frame.Length, report, past))
            {
            }
        }
        else if (!rest.IsEmpty)
        {
            Refuse(report, $"{rest.Length} bytes behind its end at byte {frame.Length - rest.Length}; they are not read");
        }
    }

    private static bool Take(FrameBlock block, ref ReadOnlySpan<byte> rest, int length, Report report, List<Report> past)
    {
        if (rest.Length < block.Length)
        {
            Refuse(report, $"byte {length - rest.Length}: expected {block.Length} bytes, {rest.Length} are left");
            return false;
        }
        block.Read(rest, report, past);
        rest = rest[block.Length..];
        return true;
    }

    private static void Refuse(Report report, string what) => report.Refused.Add((RejectReason.BadFrame, what));
}
