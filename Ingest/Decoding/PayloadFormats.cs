namespace Telemetry.Ingest.Decoding;

/// <summary>Every format but the native one.</summary>
internal static class PayloadFormats
{
    private static readonly IPayloadFormat[] Forgetful =
    [
        new SenmlJsonFormat(),
        new SenmlCborFormat(),
        new ChirpStackFormat(),
        new TtsFormat(),
        new CtwingFormat(),
        new IotdaFormat(),
        new Hj212Format(),
        new ModbusCoverFormat(),
        new SensorThingsFormat(),
        new RawFormat(),
    ];

    public static IEnumerable<string> Names => Forgetful.Select(format => format.Name).Append(SparkplugFormat.FormatName);

    /// <summary>Sparkplug remembers: each route, and each service, has a memory of its own.</summary>
    public static IPayloadFormat? Find(string? name) => name == SparkplugFormat.FormatName ? new SparkplugFormat() : Forgetful.FirstOrDefault(format => format.Name == name);
}
