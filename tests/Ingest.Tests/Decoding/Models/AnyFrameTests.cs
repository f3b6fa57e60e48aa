using CsCheck;
using Telemetry.Ingest.Decoding;
using Telemetry.Ingest.Decoding.Models;
using Telemetry.Ingest.Decoding.Reports;

namespace Telemetry.Ingest.Tests.Decoding.Models;

/// <summary>
/// Any bytes through every codec: nothing escapes, each refusal has a reason, none costs memory out of proportion. 60,000 frames; with TELEMETRY_LONG=1 three
/// million. A failure prints the seed that repeats it (CsCheck_Seed).
/// </summary>
public class AnyFrameTests
{
    private static readonly int Longer = Environment.GetEnvironmentVariable("TELEMETRY_LONG") is { Length: > 0 } ? 50 : 1;

    // A report of the past, a field, the numbers of a refusal: what a byte may cost, with the lists that hold them.
    private const int BytesPerByte = 400, BytesAtMost = 8192;

    private static readonly SensorModel[] Models = [.. ModelSet.Load([], null).Models!.All.Where(model => model.Codec is not null)];

    private static readonly byte[][] Seeds =
        [.. Directory.GetFiles(Path.Combine(Repository.Root, "tests/Ingest.Tests/Decoding/Models/Golden"), "frame.hex", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            .Select(file => Convert.FromHexString(string.Concat(File.ReadAllText(file).Where(char.IsAsciiHexDigit))))];

    private static readonly Gen<byte[]> Mutated =
        Gen.Select(One(Seeds), Gen.Select(Gen.Int[0, 120], Gen.Byte, Gen.Int[0, 3]).Array[1, 6], (seed, changes) =>
        {
            var bytes = seed.ToList();
            foreach (var (at, value, kind) in changes)
            {
                var index = Math.Min(at, bytes.Count);
                if (kind == 0 && index < bytes.Count)
                    bytes[index] = value;
                else if (kind == 1)
                    bytes.Insert(index, value);
                else if (kind == 2 && index < bytes.Count)
                    bytes.RemoveAt(index);
                else
                    bytes.RemoveRange(index, bytes.Count - index);
            }
            return bytes.ToArray();
        });

    [Fact]
    public void Any_bytes_are_fields_or_a_reason() => Sample(Gen.Byte.Array[0, 200], 20_000);

    [Fact]
    public void Any_damage_to_a_frame_leaves_fields_or_a_reason() => Sample(Mutated, 40_000);

    private static Gen<T> One<T>(T[] all) => Gen.Int[0, all.Length - 1].Select(i => all[i]);

    private static void Sample(Gen<byte[]> frames, int iterations) =>
        Gen.Select(One(Models), One((int?[])[null, 2, 3, 4, 5, 7]), frames).Repeatably().Sample((model, port, frame) => IsAnswered(model, port, frame), iter: iterations * Longer, threads: 1);

    private static bool IsAnswered(SensorModel model, int? port, byte[] frame)
    {
        var report = new Report { WireId = "d-1", Frame = frame, Port = port };
        var past = new List<Report>();
        var before = GC.GetAllocatedBytesForCurrentThread();
        model.Codec!.Read(frame, report, past);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        return allocated <= BytesAtMost + (BytesPerByte * frame.Length)
            && report.Refused.All(refused => RejectReason.All.Contains(refused.Reason) && refused.What.Length > 0)
            && past.All(then => then.Time is not null)
            && past.Append(report).SelectMany(each => each.Fields).All(field => model.Codec.Fields.ContainsKey(field.Name));
    }
}
