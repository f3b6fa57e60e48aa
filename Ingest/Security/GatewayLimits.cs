namespace Telemetry.Ingest.Security;

/// <summary>What one gateway may cost the others, where its line in the gateways' file says nothing else; and what strangers may. Nothing is dropped at a limit: it is taken later, or the client comes back.</summary>
public sealed record GatewayLimits
{
    /// <summary>Least and most of a gateway's readings a second.</summary>
    public static (int Least, int Most) Rates { get; } = (1, 1_000_000);

    /// <summary>Least and most of a message's bytes: above it the service itself refuses.</summary>
    public static (int Least, int Most) Messages { get; } = (64, 1 << 20);

    public static (int Least, int Most) Connections { get; } = (1, 100_000);

    /// <summary>
    /// Readings a second of one gateway, over time; ten seconds' worth may come at once. Default 2,000: a city of 50,000 devices sends 40, so this is the
    /// speed of a backfill.
    /// </summary>
    public int Rate { get; init; } = 2000;

    /// <summary>Connections of one gateway. Default 8; each further one is refused.</summary>
    public int PerGateway { get; init; } = 8;

    /// <summary>Connections of clients in all. Default 20,000; each costs some 21 KB (`connections`, docs/operating.md).</summary>
    public int Total { get; init; } = 20_000;

    /// <summary>
    /// Connections from one address that have not logged in. Default 1,000: behind one address may be a district's gateways, and after a restart of
    /// the service all of them wait for their passwords to be computed.
    /// </summary>
    public int StrangersPerAddress { get; init; } = 1000;

    /// <summary>From the connection to CONNECT. 10 s.</summary>
    public TimeSpan TimeToConnect { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Longest time between two signs of life, in seconds, whatever the client asks for. One hour.</summary>
    public ushort KeepAlive { get; init; } = 3600;
}
