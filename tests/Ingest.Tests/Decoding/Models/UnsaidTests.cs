using System.Text;
using Telemetry.Ingest.Decoding;
using Telemetry.Ingest.Decoding.Models;
using Telemetry.Ingest.Devices;
using Telemetry.Ingest.Hosting;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Tests.Decoding.Models;

/// <summary>A field whose meaning differs from product to product: refused by the shipped model, decoded by the one that a city writes.</summary>
public class UnsaidTests
{
    private const string Topic = "ctwing/push";

    private const string Payload = """
        {"timestamp":1772323100000,"messageType":"dataReport","deviceId":"40edca19","IMEI":"862592051651472",
         "payload":{"valve_state":2,"temperature":0,"medium":0,"gas_value":3,"gas_sensor_state":1,"fan_state":2,"battery_voltage":1.1,"battery_value":100}}
        """;

    [Fact]
    public void What_a_shipped_model_knows_and_does_not_understand_is_a_dead_letter_and_the_rest_is_a_reading()
    {
        var (readings, letters) = Decode(ModelSet.Load([], null).Models!, "ctwing-gas-valve", Encoding.UTF8.GetBytes(Payload));

        Assert.Equal(new ChannelValue("battery_level", ValueKind.Number, 100, null, Quality.Good), Assert.Single(Assert.Single(readings).Values));
        var letter = Assert.Single(letters);
        Assert.Equal(RejectReason.WrongType, letter.Reason);
        Assert.Contains("field valve_state, value 2: model ctwing-gas-valve does not say what its numbers mean; write a model with base: ctwing-gas-valve and is: {…}, then redecode", letter.Detail, StringComparison.Ordinal);
        Assert.Contains("field gas_sensor_state, value 1: model ctwing-gas-valve does not say what its numbers mean", letter.Detail, StringComparison.Ordinal);
        Assert.Contains("field gas_value, value 3: model ctwing-gas-valve does not say its unit; write a model with base: ctwing-gas-valve and its unit, then redecode", letter.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void With_the_model_of_the_docs_the_dead_letter_s_bytes_give_the_valve_position()
    {
        var (models, errors) = SomeModels.Read(ModelOfTheDocs());
        Assert.Empty(errors);
        var letter = Assert.Single(Decode(models!, "ctwing-gas-valve", Encoding.UTF8.GetBytes(Payload)).DeadLetters);

        var (readings, letters) = Decode(models!, "our-gas-valve", letter.Payload);

        var reading = Assert.Single(readings);
        Assert.Equal((1_772_323_100_000, "gv-1"), (reading.EventTime, reading.Device));
        Assert.Equal([("battery_level", null), ("valve_position", "closed")], reading.Values.Select(value => (value.Channel, value.State)).Order());
        Assert.DoesNotContain("valve_state", Assert.Single(letters).Detail, StringComparison.Ordinal);
        Assert.Contains("gas_sensor_state", letters[0].Detail, StringComparison.Ordinal);
    }

    private static string ModelOfTheDocs()
    {
        var docs = File.ReadAllText(Path.Combine(Repository.Root, "docs/payloads.md"));
        var start = docs.IndexOf("model: our-gas-valve", StringComparison.Ordinal);
        return docs[start..docs.IndexOf("```", start, StringComparison.Ordinal)];
    }

    private static (IReadOnlyList<Reading> Readings, IReadOnlyList<DeadLetterEntry> DeadLetters) Decode(ModelSet models, string model, byte[] payload)
    {
        var devices = new DeviceDirectory();
        devices.Set(new Device { Id = "gv-1", Family = "gas_valve", Sensors = new Dictionary<string, string> { ["862592051651472"] = model } });
        var routes = OneRoute.Of(Topic, "ctwing", "c");
        var entries = new List<LogEntry>();
        new MessageDecoder(new DecodingTables(SomeModels.Families.Find, devices, new Stats(), routes) { Models = models }).Decode(Encoding.UTF8.GetBytes(Topic), payload, Decoded.Received, entries);
        return ([.. entries.OfType<ReadingEntry>().Select(entry => entry.Reading)], [.. entries.OfType<DeadLetterEntry>()]);
    }
}
