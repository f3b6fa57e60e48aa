using System.Text;
using Telemetry.Ingest.Decoding;
using Telemetry.Ingest.Decoding.Models;
using Telemetry.Ingest.Devices;
using Telemetry.Ingest.Hosting;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Tests.Decoding.Models;

/// <summary>Model files written in a test, read against the shipped families.</summary>
internal static class SomeModels
{
    public static FamilySet Families { get; } = FamilySet.Shipped();

    private const string Head = """
        model: test-model
        title: {en: Test, zh: 测试}
        source: a test

        """;

    /// <summary>A model of which a test says the rest.</summary>
    public static string Text(string rest) => Head + rest;

    public static (ModelSet? Models, IReadOnlyList<string> Errors) Read(params string[] texts)
    {
        var (models, errors) = ModelSet.Load(texts.Select((text, i) => ($"{(char)('a' + i)}.yaml", text)), Families);
        return (models, [.. errors.Select(error => error.ToString())]);
    }

    /// <summary>One message of a raw route through the whole decoder, from a device <c>d-1</c> of the test's model.</summary>
    public static (IReadOnlyList<Reading> Readings, IReadOnlyList<DeadLetterEntry> DeadLetters) Decode(
        string rest, string hex, string family = "manhole_cover", IReadOnlyDictionary<string, string>? settings = null, long received = Decoded.Received)
    {
        var (models, errors) = Read(Text(rest));
        Assert.Empty(errors);
        return Decode(models!, "test-model", Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal)), family, settings, received);
    }

    public static (IReadOnlyList<Reading> Readings, IReadOnlyList<DeadLetterEntry> DeadLetters) Decode(
        ModelSet models, string? model, byte[] frame, string family, IReadOnlyDictionary<string, string>? settings = null, long received = Decoded.Received)
    {
        var devices = new DeviceDirectory();
        devices.Set(new Device { Id = "d-1", Family = family, Model = model, Settings = settings ?? new Dictionary<string, string>() });
        return Decode(models, devices, "d-1", frame, received);
    }

    public static (IReadOnlyList<Reading> Readings, IReadOnlyList<DeadLetterEntry> DeadLetters) Decode(ModelSet models, DeviceDirectory devices, string wireId, byte[] frame, long received = Decoded.Received)
    {
        var routes = OneRoute.Of("raw/{device}", "raw");
        var decoder = new MessageDecoder(new DecodingTables(Families.Find, devices, new Stats(), routes) { Models = models });
        var entries = new List<LogEntry>();
        decoder.Decode(Encoding.UTF8.GetBytes("raw/" + wireId), frame, received, entries);
        return ([.. entries.OfType<ReadingEntry>().Select(entry => entry.Reading)], [.. entries.OfType<DeadLetterEntry>()]);
    }
}
