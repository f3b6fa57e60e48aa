using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Log;

/// <summary>Reads entries in order, each once. For one thread at a time.</summary>
public sealed class LogReader : IDisposable
{
    public string Name => throw new NotImplementedException();

    /// <summary>Position of the next entry.</summary>
    public long Next => throw new NotImplementedException();

    /// <summary>Adds up to <paramref name="max"/> committed entries to <paramref name="into"/>; returns how many. Never waits.</summary>
    public int Read(List<LogEntry> into, int max) => throw new NotImplementedException();

    /// <summary>Completes when there is at least one committed entry to read.</summary>
    public ValueTask WaitAsync(CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Everything up to and including this position is done with for good; retention and budget may count on it. Persisted lazily.</summary>
    public void Done(long position) => throw new NotImplementedException();

    public void Dispose() => throw new NotImplementedException();
}
