using Telemetry.Ingest.Log;
using Telemetry.Ingest.State;

namespace Telemetry.Ingest.Cluster;

/// <summary>Lets an empty stream go on where a log ends: the entries that it holds stay in its files, of which each node gets a copy.</summary>
internal static class LogMove
{
    /// <summary>Done again, it finds what was done and changes nothing.</summary>
    /// <param name="data">The data directory of a service that is stopped.</param>
    /// <exception cref="InvalidDataException">There is nothing to move, or the stream holds something else.</exception>
    /// <exception cref="IOException">The log is held or damaged; no stream, or none that will do.</exception>
    public static async Task<(StreamBeginning Beginning, bool WasThere)> RunAsync(ClusterOptions options, LogOptions log, string data, ILogger logger, CancellationToken cancellationToken)
    {
        var directory = Path.Combine(data, "log");
        if (!Directory.Exists(directory))
            throw new InvalidDataException($"{directory} is not there; Data:Path must name the service's data directory, the one that holds log/");
        RefuseRunning(data, directory);
        // As the service finds it at its start: a torn tail, which was never acknowledged, is cut. Held to the end, so that no service that is started meanwhile goes on in it.
        await using var held = DurableLog.Open(directory, log, new FileSystem(), new LogClock(TimeProvider.System), logger);
        var beginning = EndOf(held, data, directory);
        await using var stream = new NatsStream(options, log.Keep, TimeProvider.System);
        var state = await stream.OpenAsync(cancellationToken);
        var isThere = state.Beginning == beginning;
        if (!isThere && state.Last > 0)
        {
            throw new InvalidDataException(
                $"the stream {options.Stream} is not empty ({state.Last} messages{(state.Beginning is { } other ? $"; the log {other.Log} was moved into it at position {other.Position}" : "")}): a cluster runs on it, or ran. Give another Cluster:Stream, or delete that one with the client of the nats-servers");
        }
        if (!isThere)
            await stream.PublishAsync(beginning.Id, beginning.ToBytes(), isFirst: true, cancellationToken);
        // From here on this directory starts as a node's alone, so that the log does not go on in two ways.
        StreamPlace.Behind(state.Created, beginning).Save(Path.Combine(directory, StreamPlace.FileName));
        return (beginning, isThere);
    }

    private static void RefuseRunning(string data, string directory)
    {
        try
        {
            new FileSystem().Lock(Path.Combine(directory, LogNames.Lock)).Dispose();
        }
        catch (IOException error)
        {
            throw new IOException($"a service is running in {data}; stop it first: from then on its gateways keep what they have until a node answers them", error);
        }
    }

    private static StreamBeginning EndOf(DurableLog log, string data, string directory)
    {
        var position = log.Committed;
        if (position == 0)
            throw new InvalidDataException($"{directory} holds no entry: there is nothing to move; start the nodes with an empty Data:Path");
        if (Followed(data) is var followed && position < followed)
            throw new InvalidDataException($"{directory} ends at position {position}, but state.db beside it follows the log up to {followed}: its end is lost. Restore a backup (docs/operating.md, Damage)");
        using var reader = log.OpenReader("", position);
        return new StreamBeginning(position, reader.TimeOf(position)!.Value, LogId.Of(directory), log.HashAt(position)!);
    }

    /// <summary>How far register and journal have come; 0 without them.</summary>
    private static long Followed(string data)
    {
        var path = Path.Combine(data, "state.db");
        if (!File.Exists(path))
            return 0;
        using var state = StateDatabase.Open(path);
        return state.Position;
    }
}
