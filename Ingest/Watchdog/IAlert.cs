namespace Telemetry.Ingest.Watchdog;

/// <summary>A path of the watchdog's own by which somebody is woken.</summary>
internal interface IAlert
{
    string Name { get; }

    /// <param name="verdict">Alert or Over.</param>
    /// <returns>Null where it went out; else why not.</returns>
    Task<string?> SayAsync(WatchVerdict verdict, string reason, CancellationToken cancellationToken);
}
