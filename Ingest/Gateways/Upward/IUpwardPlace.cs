namespace Telemetry.Ingest.Gateways.Upward;

/// <summary>Up to where the city has acknowledged. It may lag behind: what is sent again, the city knows again.</summary>
internal interface IUpwardPlace
{
    /// <summary>A position of the log; null where nothing was forwarded from this log yet.</summary>
    /// <exception cref="InvalidDataException">Something else stands there.</exception>
    /// <exception cref="IOException">It can't be known now.</exception>
    Task<long?> ReadAsync(CancellationToken cancellationToken);

    /// <exception cref="IOException">A file that can't be written.</exception>
    Task WriteAsync(long position, CancellationToken cancellationToken);
}
