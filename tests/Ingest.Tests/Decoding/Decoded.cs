using System.Text;
using Telemetry.Ingest.Decoding;
using Telemetry.Ingest.Devices;
using Telemetry.Ingest.Hosting;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Tests.Decoding;

/// <summary>One message through the decoder, and all that came of it.</summary>
internal sealed class Decoded
{
    /// <summary>2026-03-01T00:00:00Z.</summary>
    public const long Received = 1_772_323_200_000;

    public const string Topic = "telemetry/v1/gw-1/manhole_cover/mc-1";

    private readonly List<LogEntry> _entries = [];

    private Decoded(DeviceDirectory devices) => Decoder = new NativeDecoder(new DecodingTables(ATestFamily.Find, devices, Stats));

    public Stats Stats { get; } = new();

    public DecodedMessage Message { get; private set; }

    public NativeDecoder Decoder { get; }

    public IReadOnlyList<Reading> Readings => [.. _entries.OfType<ReadingEntry>().Select(e => e.Reading)];

    public IReadOnlyList<DeadLetterEntry> DeadLetters => [.. _entries.OfType<DeadLetterEntry>()];

    public Reading Reading => Assert.Single(Readings);

    public DeadLetterEntry DeadLetter => Assert.Single(DeadLetters);

    public ChannelValue Value => Assert.Single(Reading.Values);

    public static Decoded Of(string payload, string topic = Topic, DeviceDirectory? devices = null) => Of(Encoding.UTF8.GetBytes(payload), topic, devices);

    public static Decoded Of(byte[] payload, string topic = Topic, DeviceDirectory? devices = null)
    {
        var decoded = new Decoded(devices ?? new DeviceDirectory());
        decoded.Message = decoded.Decoder.Decode(Encoding.UTF8.GetBytes(topic), payload, Received, decoded._entries);
        return decoded;
    }
}
