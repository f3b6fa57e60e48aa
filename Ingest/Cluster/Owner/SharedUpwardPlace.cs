using System.Globalization;
using Telemetry.Ingest.Gateways.Upward;

namespace Telemetry.Ingest.Cluster.Owner;

/// <summary>Up to where the city has acknowledged what one owner after the other forwarded, in PostgreSQL: positions are the same on every node.</summary>
/// <param name="log">Name of the log, see <see cref="Log.LogId"/>: the same on every node, and another one for another stream.</param>
/// <param name="committed">Of this node's copy, which may be behind that of the owner before.</param>
internal sealed class SharedUpwardPlace(KeptTable kept, string log, Func<long> committed) : IUpwardPlace
{
    private const string Name = "upward";

    private long? _written;

    public async Task<long?> ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            return (await kept.ReadAsync(Name, cancellationToken))?.Split(' ') is [var name, var position] && name == log ? Math.Min(long.Parse(position, CultureInfo.InvariantCulture), committed()) : null;
        }
        catch (IOException) when (_written is not null)
        {
            // Nobody else has forwarded anything while PostgreSQL was away.
            return _written;
        }
    }

    public async Task WriteAsync(long position, CancellationToken cancellationToken)
    {
        _written = position;
        try
        {
            await kept.WriteAsync(Name, string.Create(CultureInfo.InvariantCulture, $"{log} {position}"), cancellationToken);
        }
        catch (IOException)
        {
            // It lags behind until the next one.
        }
    }
}
