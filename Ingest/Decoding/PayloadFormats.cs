namespace Telemetry.Ingest.Decoding;

/// <summary>Every format but the native one.</summary>
internal static class PayloadFormats
{
    private static readonly IPayloadFormat[] All = [new RawFormat()];

    public static IEnumerable<string> Names => All.Select(format => format.Name);

    public static IPayloadFormat? Find(string? name) => All.FirstOrDefault(format => format.Name == name);
}
