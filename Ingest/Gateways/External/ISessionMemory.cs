namespace Telemetry.Ingest.Gateways.External;

/// <summary>The session that the broker should have for us. Without it nobody could tell a first connection from a session that the broker has lost.</summary>
internal interface ISessionMemory
{
    /// <summary>What the session is subscribed to; null where there is none, or nobody knows.</summary>
    Task<IReadOnlyList<string>?> FiltersAsync(CancellationToken cancellationToken);

    /// <param name="filters">Null: until it is subscribed again it is no session that could be lost.</param>
    /// <exception cref="IOException">Remembered until the process ends, but not longer.</exception>
    Task RememberAsync(IReadOnlyList<string>? filters, CancellationToken cancellationToken);
}
