using System.Text;
using Telemetry.Ingest.Decoding;
using Telemetry.Ingest.Decoding.Reports;
using Telemetry.Ingest.Devices;
using Telemetry.Ingest.Hosting;
using Telemetry.Ingest.Tests.Security;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Tests.Decoding;

/// <summary>A mistake in a decoder costs one message, which is kept, and not the connection: its gateway would send the message again for ever.</summary>
public class UnforeseenTests
{
    private readonly Stats _stats = new();
    private readonly List<LogEntry> _entries = [new TickEntry()];

    [Theory]
    // The first of two devices has been read when the second one's family fails.
    [InlineData("a/b", """[{"n":"mc-1:tilt_angle","v":1},{"n":"t-1:tilt_angle","v":1}]""")]
    [InlineData("telemetry/v1/gw-1/tunnel/t-1", """{"values":{"tilt_angle":1}}""")]
    public void What_no_decoder_foresaw_is_a_dead_letter_and_a_line_in_the_services_log(string topic, string payload)
    {
        using var log = new LogLines();
        var devices = new DeviceDirectory();
        devices.Set(new Device { Id = "mc-1", Family = "manhole_cover" });
        devices.Set(new Device { Id = "t-1", Family = "tunnel" });
        var decoder = new MessageDecoder(new DecodingTables(Find, devices, _stats, OneRoute.Of("a/#", "senml-json", "gw-1")) { Logger = log });

        Assert.Equal(new DecodedMessage(null, GatewaySign.None), decoder.Decode(Encoding.UTF8.GetBytes(topic), Encoding.UTF8.GetBytes(payload), Decoded.Received, _entries));

        Assert.Equal(2, _entries.Count);
        var letter = Assert.IsType<DeadLetterEntry>(_entries[1]);
        Assert.Equal((topic, RejectReason.Malformed, MessageDecoder.Unforeseen + "InvalidOperationException: a bug"), (letter.Topic, letter.Reason, letter.Detail));
        Assert.Equal(payload, Encoding.UTF8.GetString(letter.Payload));
        Assert.Equal((1, 1), (_stats.Received, _stats.Rejected[RejectReason.Malformed]));
        Assert.StartsWith($"Error Decoding a message under {topic} failed", Assert.Single(log.All), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[]", null)]
    [InlineData("not JSON", null)]
    [InlineData("""[{"\u0041": "\ud83d\ude00"}]""", null)]
    [InlineData("""[{"n": "\ud800"}]""", "half a surrogate pair (\\ud800 to \\udfff) in a string")]
    [InlineData("""[{"\udfff": 1}]""", "half a surrogate pair (\\ud800 to \\udfff) in a string")]
    public void A_mistake_in_a_format_is_not_taken_for_half_a_surrogate_pair(string payload, string? problem)
    {
        var said = Record.Exception(() => Assert.Equal(problem, ProblemOf(payload)));
        Assert.Equal(problem is null ? "a bug" : null, said?.Message);
    }

    private static string? ProblemOf(string payload) =>
        new Mistaken().TryRead(new ForeignMessage("a/b", Encoding.UTF8.GetBytes(payload), "gw-1", null, Decoded.Received), [], out _, out var problem) ? null : problem.What;

    private sealed class Mistaken : IPayloadFormat
    {
        public string Name => "mistaken";

        public DecodedMessage Read(in ForeignMessage message, List<Report> into) => throw new InvalidOperationException("a bug");
    }

    private static Family? Find(string name) => name == "tunnel" ? throw new InvalidOperationException("a bug") : ATestFamily.Find(name);
}
