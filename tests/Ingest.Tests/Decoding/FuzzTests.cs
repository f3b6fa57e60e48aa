using System.Text;
using CsCheck;
using Telemetry.Ingest.Decoding;
using Telemetry.Ingest.Devices;
using Telemetry.Ingest.Hosting;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Tests.Decoding;

/// <summary>
/// Damaged messages of every format through the whole decoder: nothing escapes, each refusal has a reason, none costs memory out of proportion. 20,000 inputs a
/// format; with TELEMETRY_LONG=1 ten million over all of them. A failure prints the seed that repeats it (CsCheck_Seed).
/// </summary>
public class FuzzTests
{
    // A message that became larger by insertions has up to some 40 kB; what a reading and its dead letters cost is a multiple of it, never of a length that it claims.
    private const int BytesForAny = 256 << 10;
    private const int BytesForEach = 64;

    private static readonly bool IsLong = Environment.GetEnvironmentVariable("TELEMETRY_LONG") is { Length: > 0 };
    private static readonly int Inputs = IsLong ? 10_000_000 / PayloadFormats.Names.Count() : 20_000;

    public static TheoryData<string> Formats => [.. PayloadFormats.Names];

    [Theory]
    [MemberData(nameof(Formats))]
    public void Any_damage_to_a_message_leaves_readings_a_reason_or_nothing(string format)
    {
        var cases = GoldenCase.All.Where(each => each.Format == format).ToList();
        var devices = Register(cases);
        using var decoders = new ThreadLocal<Bench[]>(() => [.. cases.Select(each => new Bench(each, devices))]);

        FuzzInputs.Of(format, cases).Repeatably().Sample(input => decoders.Value![input.Case].IsAnswered(input.Payload), iter: Inputs, print: input => $"{cases[input.Case].Name} {Convert.ToHexString(input.Payload)}");
    }

    /// <summary>Every device of the cases, so that what they send comes as far as the mapping.</summary>
    private static DeviceDirectory Register(IEnumerable<GoldenCase> cases)
    {
        var devices = new DeviceDirectory();
        foreach (var line in cases.SelectMany(each => each.Expected!.Split('\n')).Where(line => line.Length > 0 && line[0] != ' '))
            devices.Set(new Device { Id = line.Split(' ')[0], Family = "manhole_cover" });
        return devices;
    }

    /// <summary>A decoder with the route of one case. For one thread.</summary>
    private sealed class Bench
    {
        private readonly MessageDecoder _decoder;
        private readonly byte[] _topic = [];
        private readonly List<LogEntry> _entries = [];

        public Bench(GoldenCase golden, DeviceDirectory devices)
        {
            var routes = OneRoute.Of(golden.Route.Text, golden.Format, "gw-1");
            _decoder = new MessageDecoder(new DecodingTables(ATestFamily.Find, devices, new Stats(), routes));
            // What is allocated once is no message's. What comes before the last message stands for what was there before the damage.
            foreach (var (topic, payload) in golden.Topics.Zip(golden.Payloads))
            {
                _topic = Encoding.UTF8.GetBytes(topic);
                Decode(payload);
            }
        }

        public bool IsAnswered(byte[] payload)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            Decode(payload);
            var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            return allocated <= BytesForAny + BytesForEach * payload.Length && _entries.All(IsSound);
        }

        private void Decode(byte[] payload)
        {
            _entries.Clear();
            _decoder.Decode(_topic, payload, Decoded.Received, _entries);
        }

        private static bool IsSound(LogEntry entry) => entry switch
        {
            ReadingEntry { Reading: var reading } => reading.Values.Length > 0 && reading.Values.All(value => double.IsFinite(value.Number)),
            DeadLetterEntry letter => RejectReason.All.Contains(letter.Reason) && letter.Detail.Length > 0 && !letter.Detail.StartsWith(MessageDecoder.Unforeseen, StringComparison.Ordinal),
            _ => true,
        };
    }
}
