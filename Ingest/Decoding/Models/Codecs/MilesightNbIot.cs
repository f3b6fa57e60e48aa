using System.Buffers.Binary;
using System.Text;
using Telemetry.Ingest.Decoding.Reports;

namespace Telemetry.Ingest.Decoding.Models.Codecs;

/// <summary>
/// Milesight's NB-IoT frame: a head that begins with 02 and numbers the device, then the same TLVs as over LoRaWAN, whose frames come without
/// the head. Source: em-series/em400-udl/README.md and em400-udl-cellular.js.
/// </summary>
internal sealed class MilesightNbIot(TlvCodec tlv) : IFrameCodec
{
    public const string Name = "milesight-nb-iot";

    // 02, id 2, length 2, flag, count 2, protocol, firmware 4, hardware 4, sn 16, imei 15, imsi 15, iccid 20, csq, length 2.
    private const byte Start = 0x02;
    private const int BehindLength = 5, Imei = 33, Csq = 83, DataLength = 84, Data = 86;

    public IReadOnlyDictionary<string, string?> Fields { get; } = new Dictionary<string, string?>(tlv.Fields) { ["imei"] = null, ["csq"] = null };

    public void Read(ReadOnlySpan<byte> frame, Report report, List<Report> past)
    {
        if (frame.IsEmpty || frame[0] != Start)
        {
            tlv.Read(frame, report, past);
            return;
        }
        if (frame.Length < Data)
        {
            Refuse(report, $"{frame.Length} bytes; the head alone has {Data}");
            return;
        }
        var said = BinaryPrimitives.ReadUInt16BigEndian(frame[3..]);
        var data = BinaryPrimitives.ReadUInt16BigEndian(frame[DataLength..]);
        if (said != frame.Length - BehindLength || data != frame.Length - Data)
        {
            Refuse(report, $"says {said} bytes behind byte {BehindLength} and {data} of values behind byte {Data}; there are {frame.Length - BehindLength} and {frame.Length - Data}");
            return;
        }
        report.Fields.Add(Field.Of("imei", Encoding.ASCII.GetString(frame.Slice(Imei, 15))));
        report.Fields.Add(Field.Of("csq", frame[Csq]));
        ReadSets(frame[Data..], frame.Length, report, past);
    }

    // A device that could not send puts several sets of values into one frame, told apart by ids that begin again, and gives no time to any: the last
    // is taken for the newest. The earlier ones can't pose as readings of now.
    private void ReadSets(ReadOnlySpan<byte> rest, int length, Report report, List<Report> past)
    {
        var headers = report.Fields.Count;
        var sets = 0;
        for (var last = 0; !rest.IsEmpty;)
        {
            var id = rest[0] & 0x0F;
            if (last > 0 && id <= last)
            {
                report.Fields.RemoveRange(headers, report.Fields.Count - headers);
                sets++;
            }
            last = id;
            if (!tlv.Next(ref rest, length, report, past))
                break;
        }
        if (sets > 0)
            report.Refused.Add((RejectReason.BadTime, $"{sets} earlier sets of values in one frame, which says no time of theirs: only the last is read"));
    }

    private static void Refuse(Report report, string what) => report.Refused.Add((RejectReason.BadFrame, $"NB-IoT frame: {what}"));
}
