using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Store.Influx.Series;

/// <summary>The measurement <c>street_state</c>: how many devices of a family a street has, and where it is. A map of calm streets costs their number, not that of their devices.</summary>
/// <param name="Latitude">Mean of its devices that have a place, WGS 84; null where none has.</param>
internal readonly record struct StreetStateLine(string? District, string? Street, string Family, int Devices, double? Latitude, double? Longitude)
{
    private const long NanosecondsPerMillisecond = 1_000_000;

    public static IEnumerable<StreetStateLine> Of(IEnumerable<Device> devices) => devices
        .GroupBy(device => (device.District, device.Street, device.Family))
        .Select(street => new StreetStateLine(
            street.Key.District, street.Key.Street, street.Key.Family, street.Count(),
            street.Where(IsPlaced).Average(device => device.Latitude), street.Where(IsPlaced).Average(device => device.Longitude)));

    /// <param name="hour">Log time, Unix ms.</param>
    public void Add(LineBuffer lines, long hour)
    {
        var line = lines.Writer;
        line.Bytes("street_state"u8);
        line.Tag(",district="u8, District);
        line.Tag(",family="u8, Family);
        line.Tag(",street="u8, Street);
        line.Field(" devices="u8, Devices);
        line.Field(",latitude="u8, Latitude);
        line.Field(",longitude="u8, Longitude);
        line.Byte(' ');
        line.Digits(hour * NanosecondsPerMillisecond);
        lines.EndLine();
    }

    private static bool IsPlaced(Device device) => device is { Latitude: not null, Longitude: not null };
}
