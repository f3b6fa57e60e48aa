using System.Text.Json;
using Telemetry.Rules.Model;
using Telemetry.Rules.Operators;
using Telemetry.Simulators.City;

namespace Telemetry.Ingest.Tests.Faults;

/// <summary>Any faults over a short city, through the decoder and the rules' duplicate filter. Found seeds are added as rows.</summary>
public sealed class NothingIsLostTests
{
    private const int Seconds = 600;

    [Theory]
    [InlineData(0, 8)]
    public void Whatever_arrives_is_in_the_log_once_or_as_a_duplicate_or_kept_as_a_dead_letter(int firstSeed, int seeds)
    {
        var (duplicates, letters) = (0, 0);
        for (var seed = firstSeed; seed < firstSeed + seeds; seed++)
        {
            var yaml = AnyFaults.Yaml(new Random(seed));
            var city = new SimulatedCity(CityBuilder.Fewest, 1, story: false, DateTimeOffset.FromUnixTimeMilliseconds(FaultBench.Zero));
            var clean = city.AdvanceTo(DateTimeOffset.FromUnixTimeMilliseconds(FaultBench.Zero + (Seconds * 1000L))).OfType<ReadingDue>().Select(due => due.Reading).ToList();
            using var bench = FaultBench.Play(yaml, city.Devices, clean, Seconds + 120);

            // By values: a text where a number belongs costs that value alone, and its message stands whole in the dead letter.
            var sent = bench.Sent.SelectMany(KeysOf).CountBy(key => key).ToDictionary();
            var kept = bench.Readings.SelectMany(KeysOf).CountBy(key => key).ToDictionary();
            var refused = bench.DeadLetters.SelectMany(KeysOf).CountBy(key => key).ToDictionary();
            Assert.All(bench.DeadLetters, letter => Assert.Equal("wrong_type", letter.Reason));
            Assert.Empty(kept.Keys.Except(sent.Keys));
            foreach (var (key, count) in sent)
                Assert.True(count - kept.GetValueOrDefault(key) is var missing && missing >= 0 && missing <= refused.GetValueOrDefault(key), $"seed {seed}: {missing} of {count} of {key} are nowhere\n{yaml}");

            var accepted = bench.Verdicts.SelectMany(of => of.Reading.Values.Zip(of.Verdicts, (value, verdict) => (Key: Key(of.Reading, value.Channel), Verdict: verdict))).ToLookup(of => of.Key, of => of.Verdict);
            foreach (var key in accepted)
            {
                Assert.True(key.Count(verdict => verdict == ValueVerdict.Accept) == 1 && key.All(verdict => verdict is ValueVerdict.Accept or ValueVerdict.Drop), $"seed {seed}: {key.Key}\n{yaml}");
                duplicates += key.Count() - 1;
            }
            letters += bench.DeadLetters.Count();
        }
        Assert.True(duplicates > 1000 && letters > 100, $"{duplicates} duplicates and {letters} dead letters show nothing");
    }

    private static IEnumerable<(string Device, string Channel, long? Sent, long? Sequence)> KeysOf(Reading reading) => reading.Values.Select(value => Key(reading, value.Channel));

    private static List<(string Device, string Channel, long? Sent, long? Sequence)> KeysOf(DeadLetterEntry letter)
    {
        using var json = JsonDocument.Parse(letter.Payload);
        var (device, message) = (letter.Topic.Split('/')[^1], json.RootElement);
        return [.. message.GetProperty("values").EnumerateObject().Select(value => (device, value.Name, (long?)message.GetProperty("ts").GetInt64(), (long?)message.GetProperty("seq").GetInt64()))];
    }

    private static (string Device, string Channel, long? Sent, long? Sequence) Key(Reading reading, string channel) => (reading.Device, channel, reading.SentTime, reading.Sequence);
}
