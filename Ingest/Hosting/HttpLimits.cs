using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Telemetry.Ingest.Hosting;

/// <summary>What a slow or greedy client of HTTP may cost. Bodies have their limits at their routes.</summary>
internal static class HttpLimits
{
    /// <summary>From a request's first byte to the end of its headers.</summary>
    public static readonly TimeSpan Headers = TimeSpan.FromSeconds(10);

    // A body that comes more slowly, after five seconds' grace, is cut off.
    private const double BodyBytesPerSecond = 240;

    private const int MaxHeaders = 16 << 10;

    /// <param name="headers"><see cref="Headers"/>, but in tests.</param>
    public static void Apply(KestrelServerOptions kestrel, TimeSpan headers)
    {
        kestrel.Limits.RequestHeadersTimeout = headers;
        kestrel.Limits.MaxRequestHeadersTotalSize = MaxHeaders;
        kestrel.Limits.MinRequestBodyDataRate = new MinDataRate(BodyBytesPerSecond, TimeSpan.FromSeconds(5));
    }
}
