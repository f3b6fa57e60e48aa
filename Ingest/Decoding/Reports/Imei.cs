namespace Telemetry.Ingest.Decoding.Reports;

/// <summary>The number that stands on a cellular device, and under which people register it.</summary>
internal static class Imei
{
    private const int Digits = 15;

    /// <summary>Null for what is none: platforms write <c>undefined</c>, or a name of their own.</summary>
    public static string? Of(string? text) => text is { Length: Digits } && !text.AsSpan().ContainsAnyExceptInRange('0', '9') ? text : null;
}
