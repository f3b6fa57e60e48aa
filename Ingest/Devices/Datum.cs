using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Devices;

/// <summary>What coordinates from outside refer to. The register holds WGS 84 alone.</summary>
public static class Datum
{
    public const string Expected = "wgs84 or gcj02 (bd09, Baidu's, is not converted: export from it as one of the two),";

    private const string Wgs84 = "wgs84", Gcj = "gcj02";

    /// <param name="datum">Null for WGS 84.</param>
    /// <param name="shifted">The place lay elsewhere in it.</param>
    /// <returns>Null for a datum that is none of ours.</returns>
    public static Device? ToWgs84(Device device, string? datum, out bool shifted)
    {
        shifted = false;
        if (datum is not (null or Wgs84 or Gcj))
            return null;
        if (datum != Gcj || device is not { Latitude: { } latitude, Longitude: { } longitude } || !Gcj02.IsShifted(latitude, longitude))
            return device;
        shifted = true;
        var place = Gcj02.ToWgs84(latitude, longitude);
        return device with { Latitude = place.Latitude, Longitude = place.Longitude };
    }
}
