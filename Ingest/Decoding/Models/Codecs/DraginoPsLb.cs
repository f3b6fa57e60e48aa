using System.Buffers.Binary;
using Telemetry.Ingest.Decoding.Reports;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Decoding.Models.Codecs;

/// <summary>
/// Dragino PS-LB: a probe on a 4 to 20 mA loop, whose kind and range each frame names. Source: PS-LB_v1.2_decoder.txt; the units of the pressure ranges
/// are those of its V1.1, which agree with the probes' (0.6 MPa full scale), where V1.2 calls them all kPa. Unlike the vendor's decoder, which shows 0 for
/// it, a current under 3.6 mA is a broken loop.
/// </summary>
internal sealed class DraginoPsLb : IFrameCodec
{
    public const string Name = "dragino-ps-lb";

    private const int StatusPort = 5, HistoryPort = 3, SamplesPort = 7;
    private const int ReportLength = 9, RecordLength = 11;

    // A transmitter signals a fault below 3.6 mA and saturates at 20.5 mA (NAMUR NE 43, recalled).
    private const double Broken = 3.6, Zero = 4, Full = 20, Saturated = 20.5;

    // Far below what a current of 1 uA resolution tells apart.
    private const int Decimals = 6;

    // Probe ranges by their number, 1 first: at 4 mA, at 20 mA, unit.
    private static readonly (double Zero, double Full, string Unit)[] Pressures =
    [
        (0, 0.6, "MPa"), (0, 1, "MPa"), (0, 1.6, "MPa"), (0, 2.5, "MPa"), (0, 10, "MPa"), (0, 40, "MPa"), (0, 60, "MPa"), (0, -0.1, "MPa"), (-0.1, 0.1, "MPa"),
        (0, 5, "kPa"), (0, 50, "kPa"), (0, 100, "kPa"),
    ];

    private static readonly (double Zero, double Full, string Unit)[] Differences =
    [
        (0, 100, "Pa"), (0, 200, "Pa"), (0, 300, "Pa"), (0, 1000, "Pa"), (0, 2000, "Pa"), (0, 3000, "Pa"), (0, 4000, "Pa"), (0, 5000, "Pa"), (0, 10000, "Pa"),
        (-100, 100, "Pa"), (-200, 200, "Pa"), (-1000, 1000, "Pa"),
    ];

    public IReadOnlyDictionary<string, string?> Fields { get; } = new Dictionary<string, string?>
    {
        ["battery"] = "V",
        ["current"] = "mA",
        ["voltage"] = "V",
        ["water_depth"] = "cm",
        ["water_pressure"] = null,
        ["differential_pressure"] = "Pa",
    };

    public void Read(ReadOnlySpan<byte> frame, Report report, List<Report> past)
    {
        switch (report.Port)
        {
            case StatusPort when frame.Length >= 7:
                report.Fields.Add(Millis("battery", frame[5..], "V"));
                break;
            case HistoryPort:
                ReadHistory(frame, report, past);
                break;
            case SamplesPort when frame.Length >= 2:
                report.Fields.Add(Millis("battery", frame, "V"));
                report.Refused.Add((RejectReason.BadTime, $"{(frame.Length - 2) / 2} samples on port {SamplesPort}, which says no time of theirs; have the device send them on port {HistoryPort}"));
                break;
            case not StatusPort and not SamplesPort when frame.Length == ReportLength:
                report.Fields.Add(Millis("battery", frame, "V"));
                ReadProbe(frame[2..], report);
                break;
            default:
                report.Refused.Add((RejectReason.BadFrame, $"{frame.Length} bytes{(report.Port is { } port ? $" on port {port}" : "")}; a report has {ReportLength}, records on port {HistoryPort} {RecordLength} each, a status on port {StatusPort} 7"));
                break;
        }
    }

    private static void ReadHistory(ReadOnlySpan<byte> frame, Report report, List<Report> past)
    {
        var rest = frame;
        for (; rest.Length >= RecordLength; rest = rest[RecordLength..])
        {
            var then = new Report { WireId = report.WireId, Product = report.Product, Time = BinaryPrimitives.ReadUInt32BigEndian(rest[7..]) * 1000L };
            ReadProbe(rest, then);
            report.Refused.AddRange(then.Refused);
            past.Add(then);
        }
        if (!rest.IsEmpty)
            report.Refused.Add((RejectReason.BadFrame, $"byte {frame.Length - rest.Length}: expected a record of {RecordLength} bytes, {rest.Length} are left"));
    }

    /// <param name="bytes">Kind and range of the probe, current, voltage.</param>
    private static void ReadProbe(ReadOnlySpan<byte> bytes, Report report)
    {
        var current = Millis("current", bytes[2..], "mA");
        var (quality, why) = current.Number switch
        {
            < Broken => (Quality.Bad, "under 3.6 mA: loop broken"),
            > Saturated => (Quality.Uncertain, "over 20.5 mA: over range"),
            _ => (Quality.Good, null),
        };
        report.Fields.Add(current with { Quality = quality, Why = why });
        report.Fields.Add(Millis("voltage", bytes[4..], "V"));
        var (kind, range) = (bytes[0], bytes[1]);
        var (field, scale) = kind switch
        {
            // The probe's depth in metres is its range.
            0 when range > 0 => ("water_depth", (0, 100 * range, "cm")),
            1 when range - 1 < Pressures.Length && range > 0 => ("water_pressure", Pressures[range - 1]),
            2 when range - 1 < Differences.Length && range > 0 => ("differential_pressure", Differences[range - 1]),
            _ => ("", default((double Zero, double Full, string Unit))),
        };
        if (field.Length == 0)
        {
            report.Refused.Add((RejectReason.BadFrame, $"probe {kind:X2}{range:X2}: no range of that number is known; the device's AT+PROBE says which probe it carries"));
            return;
        }
        // Between broken and zero the transmitter is at its lower end, where noise must not look like a level below the ground.
        var above = quality == Quality.Bad ? current.Number - Zero : Math.Max(0, current.Number - Zero);
        var value = Math.Round(scale.Zero + (above * (scale.Full - scale.Zero) / (Full - Zero)), Decimals);
        report.Fields.Add(new Field(field, FieldKind.Number, value, null, scale.Unit, quality, why));
    }

    private static Field Millis(string name, ReadOnlySpan<byte> bytes, string unit) => Field.Of(name, BinaryPrimitives.ReadUInt16BigEndian(bytes) / 1000.0, unit);
}
