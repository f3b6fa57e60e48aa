using System.Globalization;

namespace Telemetry.Rules.Model;

/// <summary>Times as the outside sees them: RFC 3339, UTC, milliseconds, Z.</summary>
public static class Iso
{
    public static string Time(long unixMilliseconds) =>
        DateTimeOffset.FromUnixTimeMilliseconds(unixMilliseconds).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
