namespace Telemetry.Ingest.Gateways.External;

/// <summary>
/// The session that the broker should have for us, in a small file: broker, client id, then the filters. Without it nobody could tell a
/// first connection from a session that the broker has lost.
/// </summary>
internal sealed class SessionMemory
{
    private readonly string _path;
    private readonly string[] _identity;

    public SessionMemory(string path, ExternalOptions options)
    {
        _path = path;
        _identity = [options.Address, options.ClientId];
        if (File.Exists(path) && File.ReadAllLines(path) is var lines && lines.Length > 2 && lines.AsSpan(0, 2).SequenceEqual(_identity))
            Filters = lines[2..];
    }

    /// <summary>What the session is subscribed to; null where there is none, or nobody knows.</summary>
    public IReadOnlyList<string>? Filters { get; private set; }

    /// <param name="filters">Null: until it is subscribed again it is no session that could be lost.</param>
    /// <exception cref="IOException">Remembered until the process ends, but not longer.</exception>
    public void Remember(IReadOnlyList<string>? filters)
    {
        Filters = filters;
        if (filters is null)
        {
            File.Delete(_path);
            return;
        }
        var unfinished = _path + ".new";
        File.WriteAllLines(unfinished, [.. _identity, .. filters]);
        File.Move(unfinished, _path, overwrite: true);
    }
}
