namespace Telemetry.Ingest.Gateways.External;

/// <summary>
/// The session that the broker should have for us, in a small file: broker, client id, then the filters.
/// </summary>
internal sealed class SessionMemory : ISessionMemory
{
    private readonly string _path;
    private readonly string[] _identity;
    private IReadOnlyList<string>? _filters;

    public SessionMemory(string path, ExternalOptions options)
    {
        _path = path;
        _identity = [options.Address, options.ClientId];
        if (File.Exists(path) && File.ReadAllLines(path) is var lines && lines.Length > 2 && lines.AsSpan(0, 2).SequenceEqual(_identity))
            _filters = lines[2..];
    }

    public Task<IReadOnlyList<string>?> FiltersAsync(CancellationToken cancellationToken) => Task.FromResult(_filters);

    public Task RememberAsync(IReadOnlyList<string>? filters, CancellationToken cancellationToken)
    {
        _filters = filters;
        if (filters is null)
        {
            File.Delete(_path);
            return Task.CompletedTask;
        }
        var unfinished = _path + ".new";
        File.WriteAllLines(unfinished, [.. _identity, .. filters]);
        File.Move(unfinished, _path, overwrite: true);
        return Task.CompletedTask;
    }
}
