using System.Text;
using CsCheck;
using Telemetry.Ingest.Decoding;

namespace Telemetry.Ingest.Tests.Decoding;

public class AnyBytesTests
{
    private static readonly byte[] Valid = Encoding.UTF8.GetBytes(
        """[{"ts":"2026-03-01T00:00:00Z","seq":1,"values":{"tilt_angle":1.5e0,"cover_state":"open","pump_run.2":true},"quality":{"tilt_angle":"bad"}},{"ts":1772323100,"values":{"rsrp":-97,"x\u00e9":null}}]""");

    private static readonly Gen<byte[]> Mutated =
        Gen.Select(Gen.Int[0, Valid.Length - 1], Gen.Byte, Gen.Int[0, 2]).Array[1, 6].Select(changes =>
        {
            var bytes = Valid.ToList();
            foreach (var (at, value, kind) in changes)
            {
                var index = Math.Min(at, bytes.Count - 1);
                if (kind == 0)
                    bytes[index] = value;
                else if (kind == 1)
                    bytes.Insert(index, value);
                else if (bytes.Count > 1)
                    bytes.RemoveAt(index);
            }
            return bytes.ToArray();
        });

    [Fact]
    public void Any_bytes_are_readings_or_a_reason() => Gen.Byte.Array[0, 200].Repeatably().Sample(IsAnswered, iter: 20_000);

    [Fact]
    public void Any_damage_to_a_message_leaves_readings_or_a_reason() => Mutated.Repeatably().Sample(IsAnswered, iter: 50_000);

    [Fact]
    public void Any_topic_is_ours_or_a_reason() =>
        Gen.String[Gen.Char["telmry/v1_gwstaus+#井 "], 0, 40].Repeatably().Sample(
            rest =>
            {
                var decoded = Decoded.Of(Valid, "telemetry/v1/" + rest);
                return decoded.Readings.Count + decoded.DeadLetters.Count > 0;
            },
            iter: 5_000);

    private static bool IsAnswered(byte[] payload)
    {
        var decoded = Decoded.Of(payload);
        return decoded.Readings.Count + decoded.DeadLetters.Count > 0
            && decoded.DeadLetters.All(d => RejectReason.All.Contains(d.Reason) && d.Detail.Length > 0)
            && decoded.Readings.All(r => r.Values.Length > 0 && r.Values.All(v => double.IsFinite(v.Number)));
    }
}
