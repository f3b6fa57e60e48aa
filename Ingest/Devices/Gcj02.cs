namespace Telemetry.Ingest.Devices;

/// <summary>
/// Coordinates of Chinese maps (GCJ-02: Gaode, Tencent) to WGS 84 by the published algorithm (coolypf, 2013; the same in eviltransform and coordtransform).
/// They lie some 300-700 m off; outside the rectangle around China nothing is shifted.
/// </summary>
internal static class Gcj02
{
    // Krassovsky's ellipsoid of 1940, in metres.
    private const double SemiMajor = 6_378_245.0, EccentricitySquared = 0.006_693_421_622_965_943;

    // Each step leaves a thousandth of the error or less: after six the rest is below the width of a double.
    private const int Steps = 6;

    /// <summary>Degrees. The error against the algorithm forward is below a millimetre.</summary>
    public static (double Latitude, double Longitude) ToWgs84(double latitude, double longitude)
    {
        if (!IsShifted(latitude, longitude))
            return (latitude, longitude);
        var (wgsLatitude, wgsLongitude) = (latitude, longitude);
        for (var step = 0; step < Steps; step++)
        {
            var (north, east) = Shift(wgsLatitude, wgsLongitude);
            (wgsLatitude, wgsLongitude) = (latitude - north, longitude - east);
        }
        return (wgsLatitude, wgsLongitude);
    }

    /// <summary>Degrees. The way back, by which the other is tested.</summary>
    public static (double Latitude, double Longitude) FromWgs84(double latitude, double longitude)
    {
        if (!IsShifted(latitude, longitude))
            return (latitude, longitude);
        var (north, east) = Shift(latitude, longitude);
        return (latitude + north, longitude + east);
    }

    public static bool IsShifted(double latitude, double longitude) => longitude is >= 72.004 and <= 137.8347 && latitude is >= 0.8293 and <= 55.8271;

    private static (double North, double East) Shift(double latitude, double longitude)
    {
        var (x, y) = (longitude - 105, latitude - 35);
        var waves = 20 * Sin(6 * x) + 20 * Sin(2 * x);
        var north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * Math.Sqrt(Math.Abs(x))
            + (waves + 20 * Sin(y) + 40 * Sin(y / 3) + 160 * Sin(y / 12) + 320 * Sin(y / 30)) * 2 / 3;
        var east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * Math.Sqrt(Math.Abs(x))
            + (waves + 20 * Sin(x) + 40 * Sin(x / 3) + 150 * Sin(x / 12) + 300 * Sin(x / 30)) * 2 / 3;
        var (sin, cos) = Math.SinCos(latitude * Math.PI / 180);
        var flattened = 1 - EccentricitySquared * sin * sin;
        var root = Math.Sqrt(flattened);
        return (north * 180 / (SemiMajor * (1 - EccentricitySquared) / (flattened * root) * Math.PI), east * 180 / (SemiMajor / root * cos * Math.PI));

        static double Sin(double turns) => Math.Sin(turns * Math.PI);
    }
}
