using CsCheck;
using Telemetry.Ingest.Devices;

namespace Telemetry.Ingest.Tests.Devices;

public class Gcj02Tests
{
    private const double MetresPerDegree = 111_320;

    /// <summary>The points that the libraries of this algorithm test themselves with (eviltransform, python/test.py).</summary>
    [Theory]
    [InlineData(31.1774276, 121.5272106, 31.17530398364597, 121.531541859215)]
    [InlineData(22.543847, 113.912316, 22.540796131694766, 113.9171764808363)]
    [InlineData(39.911954, 116.377817, 39.91334545536069, 116.38404722455657)]
    public void Known_points_meet_both_ways(double latitude, double longitude, double gcjLatitude, double gcjLongitude)
    {
        Assert.InRange(Metres(Gcj02.FromWgs84(latitude, longitude), (gcjLatitude, gcjLongitude)), 0, 0.01);
        Assert.InRange(Metres(Gcj02.ToWgs84(gcjLatitude, gcjLongitude), (latitude, longitude)), 0, 0.01);
    }

    [Fact]
    public void The_round_trip_ends_within_a_millimetre_all_over_China() =>
        Gen.Select(Gen.Double[18, 53.5], Gen.Double[73.7, 135]).Repeatably().Sample(place =>
        {
            var there = Gcj02.FromWgs84(place.Item1, place.Item2);
            Assert.True(Metres(there, place) is > 10 and < 1500);
            Assert.True(Metres(Gcj02.ToWgs84(there.Latitude, there.Longitude), place) < 0.001);
        }, iter: 20_000);

    [Theory]
    [InlineData(48.8584, 2.2945)]
    [InlineData(-33.8568, 151.2153)]
    [InlineData(37.5665, 140)]
    [InlineData(0, 0)]
    [InlineData(90, 180)]
    public void Outside_China_nothing_is_shifted(double latitude, double longitude) => Assert.Equal((latitude, longitude), Gcj02.ToWgs84(latitude, longitude));

    private static double Metres((double Latitude, double Longitude) one, (double Latitude, double Longitude) other)
    {
        var (north, east) = (one.Latitude - other.Latitude, (one.Longitude - other.Longitude) * Math.Cos(one.Latitude * Math.PI / 180));
        return MetresPerDegree * Math.Sqrt(north * north + east * east);
    }
}
