using Telemetry.Ingest.Devices;

namespace Telemetry.Ingest.Decoding.Reports;

/// <summary>The name that a device has on the wire, as a format finds it.</summary>
internal static class WireId
{
    private const int MaxShown = 40;

    /// <param name="what">Where it stood, for a person: <c>deviceInfo.devEui</c>.</param>
    /// <exception cref="MalformedMessageException">It is missing, or no name that the register could hold.</exception>
    public static string Check(string? name, string what)
    {
        if (string.IsNullOrEmpty(name))
            throw new MalformedMessageException(RejectReason.Malformed, $"{what} is missing, and nothing else says which device this is");
        return Sensor.IsWireId(name) ? name : throw new MalformedMessageException(RejectReason.Malformed, $"{what} is \"{Shown(name)}\"; expected {Sensor.WireIdExpected}");
    }

    /// <summary>Enough of a sender's text to recognise it by.</summary>
    public static string Shown(string text) => text.Length <= MaxShown ? text : text[..MaxShown] + "…";
}
