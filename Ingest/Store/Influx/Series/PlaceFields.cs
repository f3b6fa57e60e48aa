using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Store.Influx.Series;

/// <summary>Where a device stands, for a map.</summary>
internal static class PlaceFields
{
    /// <summary>Nothing where the register does not say, or has another device under that id (a gateway's may be a device's).</summary>
    public static void Add(LineWriter line, Device? device, string family)
    {
        if (device is not { Latitude: { } latitude, Longitude: { } longitude } || device.Family != family)
            return;
        line.Field(",latitude="u8, latitude);
        line.Field(",longitude="u8, longitude);
    }
}
