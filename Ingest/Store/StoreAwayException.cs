namespace Telemetry.Ingest.Store;

/// <summary>A store can't do it for now, and may have said when to ask again.</summary>
public sealed class StoreAwayException : IOException
{
    public StoreAwayException()
    {
    }

    public StoreAwayException(string message)
        : base(message)
    {
    }

    public StoreAwayException(string message, Exception? inner)
        : base(message, inner)
    {
    }

    /// <summary>What the store asked for; null leaves it to the caller.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
