using System.Text;
using Telemetry.Ingest.Decoding;
using Telemetry.Ingest.Devices;
using Telemetry.Ingest.Hosting;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Tests.Decoding;

/// <summary>What a message of many reports leaves when they are refused.</summary>
public class DeadLettersOfAMessageTests
{
    private readonly Stats _stats = new();

    [Fact]
    public void Many_times_of_an_unknown_device_are_one_dead_letter_and_count_one_by_one()
    {
        var payload = "[" + string.Join(",", Enumerable.Range(0, 1499).Select(i => $$"""{"n":"PS-1:level","v":1,"t":{{1772323100 + i}}}""")) + "]";

        var letter = Assert.IsType<DeadLetterEntry>(Assert.Single(Decode(payload)));

        Assert.Equal((RejectReason.UnknownDevice, Decoded.Received), (letter.Reason, letter.Received));
        Assert.StartsWith("PS-1 (senml-json): nothing in the register", letter.Detail, StringComparison.Ordinal);
        Assert.EndsWith("; and 1498 more", letter.Detail, StringComparison.Ordinal);
        Assert.Equal(payload, Encoding.UTF8.GetString(letter.Payload));
        Assert.Equal(1499, _stats.Rejected[RejectReason.UnknownDevice]);
    }

    [Fact]
    public void Each_sender_and_reason_has_a_letter_that_names_ten_mistakes()
    {
        var wrong = string.Join(",", Enumerable.Range(0, 12).Select(i => $$"""{"n":"PS-1:f{{i}}"}"""));

        var letters = Decode($$"""[{{wrong}},{"n":"PS-2:level","v":1},{"n":"PS-1:level","v":1,"t":1772323100}]""").Cast<DeadLetterEntry>().ToList();

        Assert.Equal([("PS-1", RejectReason.NoValues), ("PS-1", RejectReason.UnknownDevice), ("PS-2", RejectReason.UnknownDevice)], letters.Select(letter => (letter.Detail.Split(' ')[0], letter.Reason)).OrderBy(each => each));
        var named = letters.Single(letter => letter.Reason == RejectReason.NoValues).Detail;
        Assert.Contains("f9:", named, StringComparison.Ordinal);
        Assert.DoesNotContain("f10:", named, StringComparison.Ordinal);
        Assert.EndsWith("; and 2 more", named, StringComparison.Ordinal);
    }

    private List<LogEntry> Decode(string payload)
    {
        var entries = new List<LogEntry>();
        new MessageDecoder(new DecodingTables(ATestFamily.Find, new DeviceDirectory(), _stats, OneRoute.Of("a/#", "senml-json", "gw-1"))).Decode("a/b"u8, Encoding.UTF8.GetBytes(payload), Decoded.Received, entries);
        return entries;
    }
}
