using System.Net;
using System.Net.Sockets;

namespace Telemetry.Ingest.Notify.Push;

/// <summary>
/// Where a push may go. The address comes from a browser, and the service calls it: it must lead out of this network. Its form is looked at when it is taken, and what its
/// name means each time that it is called.
/// </summary>
internal static class PushEndpoint
{
    private const int Longest = 1024;

    private static readonly IPNetwork[] NotPublic =
    [
        .. ((string[])[
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24",
            "203.0.113.0/24", "224.0.0.0/3",
        ]).Select(network => IPNetwork.Parse(network)),
    ];

    // Of IPv6 what is handed out, without what wraps an address of IPv4 that would have to be looked at too: Teredo and others, documentation, 6to4.
    private static readonly IPNetwork Unicast = IPNetwork.Parse("2000::/3");
    private static readonly IPNetwork[] NotPlain = [IPNetwork.Parse("2001::/23"), IPNetwork.Parse("2001:db8::/32"), IPNetwork.Parse("2002::/16"), IPNetwork.Parse("3fff::/20")];

    /// <summary>What is wrong with it; null for nothing.</summary>
    /// <param name="origins">That may be called wherever they are.</param>
    public static string? Problem(string endpoint, IReadOnlyList<Uri> origins)
    {
        // A browser says it as a URL is written: what else there is stands behind a percent sign.
        if (endpoint.Length > Longest || endpoint.AsSpan().ContainsAnyExceptInRange('!', '~') || !Uri.TryCreate(endpoint, UriKind.Absolute, out var uri) || uri.UserInfo.Length > 0 || uri.Fragment.Length > 0)
            return $"expected the address of a push service, at most {Longest} characters of ASCII, without user and fragment";
        if (IsAllowed(uri, origins))
            return null;
        if (uri.Scheme != Uri.UriSchemeHttps || !uri.IsDefaultPort)
            return "a push service is called by https:// at its usual port";
        // A push service has a name; a name without a dot is of this network.
        return uri.HostNameType == UriHostNameType.Dns && uri.IdnHost.TrimEnd('.').Contains('.', StringComparison.Ordinal)
            ? null
            : "a push service has a name in the internet; one of this network is named by Notify:Push:Origins";
    }

    public static bool IsAllowed(Uri uri, IReadOnlyList<Uri> origins) => origins.Any(origin => origin.Scheme == uri.Scheme && Matches(origin, uri.IdnHost, uri.Port));

    public static bool Matches(Uri origin, string host, int port) => origin.IdnHost.Equals(host, StringComparison.OrdinalIgnoreCase) && origin.Port == port;

    /// <summary>It lies in the internet, beyond what routers keep to themselves.</summary>
    public static bool IsPublic(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        return address.AddressFamily == AddressFamily.InterNetwork
            ? !NotPublic.Any(network => network.Contains(address))
            : Unicast.Contains(address) && !NotPlain.Any(network => network.Contains(address));
    }
}
