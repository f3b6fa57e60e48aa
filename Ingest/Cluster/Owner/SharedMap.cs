using System.Collections.Concurrent;
using System.Text.Json;

namespace Telemetry.Ingest.Cluster.Owner;

/// <summary>What waits for somebody, and for how long: known at all nodes where they share it in PostgreSQL, and otherwise in this process's memory, which a restart empties. Any thread.</summary>
/// <typeparam name="T">Stands as JSON in PostgreSQL.</typeparam>
internal sealed class SharedMap<T> : IDisposable
    where T : class
{
    // Of another version's, what lacks something that this one needs is not known here.
    private static readonly JsonSerializerOptions Strict = new() { RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true };

    private readonly ConcurrentDictionary<string, T> _all = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _turn = new(1);
    private readonly SharedList? _shared;
    private readonly Func<T, long> _ends;
    private readonly Func<long> _now;
    private readonly Action<T, T?> _learn;

    /// <param name="shared">Null where this is the only node.</param>
    /// <param name="ends">Unix ms from which on it waits no more.</param>
    /// <param name="now">Unix ms.</param>
    /// <param name="learn">Called, at each node, with what is new or has changed and with what it was, before it counts here. Where it throws <see cref="IOException"/> it is called again.</param>
    public SharedMap(SharedList? shared, Func<T, long> ends, Func<long> now, Action<T, T?>? learn = null)
    {
        (_shared, _ends, _now, _learn) = (shared, ends, now, learn ?? ((_, _) => { }));
        shared?.Copy(() => [], Take);
    }

    /// <summary>Those that wait.</summary>
    public IEnumerable<T> All => _all.Values.Where(Waits);

    public T? Find(string key) => _all.TryGetValue(key, out var value) && Waits(value) ? value : null;

    /// <summary>Also what another node has only just been given.</summary>
    public async Task<T?> FindAnywhereAsync(string key)
    {
        if (Find(key) is null && _shared is not null)
            await _shared.RefreshAsync();
        return Find(key);
    }

    /// <inheritdoc cref="SharedList.FollowAsync"/>
    public Task FollowAsync(CancellationToken cancellationToken) => _shared?.FollowAsync(cancellationToken) ?? Task.CompletedTask;

    /// <summary>The turn to change one, which nobody has meanwhile, at no node. All is known here then.</summary>
    /// <exception cref="IOException">PostgreSQL does not answer, or another node's turn takes long.</exception>
    public async Task<Turn> TurnAsync(CancellationToken cancellationToken)
    {
        SharedTurn? shared = null;
        if (_shared is not null)
            shared = await _shared.TurnAsync(cancellationToken);
        else
            await _turn.WaitAsync(cancellationToken);
        return new Turn(this, shared);
    }

    public void Dispose() => _turn.Dispose();

    private bool Waits(T value) => _now() < _ends(value);

    private void Take(IReadOnlyList<SharedRow> rows, bool isWhole)
    {
        foreach (var row in rows)
            Keep(row.Key, row.Value is { } json ? Read(json) : null);
        if (!isWhole)
            return;
        foreach (var gone in _all.Keys.Except(rows.Select(row => row.Key), StringComparer.Ordinal))
            _all.TryRemove(gone, out _);
    }

    private void Keep(string key, T? value)
    {
        foreach (var (other, ended) in _all)
        {
            if (!Waits(ended))
                _all.TryRemove(other, out _);
        }
        if (value is null || !Waits(value))
        {
            _all.TryRemove(key, out _);
            return;
        }
        _learn(value, _all.GetValueOrDefault(key));
        _all[key] = value;
    }

    private static T? Read(string json)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(json, Strict);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Without a change it ends without one.</summary>
    public sealed class Turn : IAsyncDisposable
    {
        private readonly SharedMap<T> _map;
        private readonly SharedTurn? _shared;

        internal Turn(SharedMap<T> map, SharedTurn? shared) => (_map, _shared) = (map, shared);

        /// <summary>The one change: it stands, here and for all nodes, when this completes.</summary>
        /// <param name="value">Null takes it out.</param>
        /// <exception cref="IOException">PostgreSQL does not answer: it may stand or not.</exception>
        public Task PutAsync(string key, T? value) => PutAsync([(key, value)]);

        /// <summary>As the other, of several at once: all of them stand, or none.</summary>
        /// <inheritdoc cref="PutAsync(string, T?)"/>
        public Task PutAsync(IReadOnlyList<(string Key, T? Value)> changes)
        {
            if (_shared is not null)
                return _shared.WriteAsync([.. changes.Select(change => Row(change.Key, change.Value))]);
            foreach (var (key, value) in changes)
                _map.Keep(key, value);
            return Task.CompletedTask;
        }

        public async ValueTask DisposeAsync()
        {
            if (_shared is not null)
                await _shared.DisposeAsync();
            else
                _map._turn.Release();
        }

        // That it was taken out, whoever was away learns as long as it would have waited.
        private SharedRow Row(string key, T? value) =>
            new(key, value is null ? null : JsonSerializer.Serialize(value), Ends: (value ?? _map.Find(key)) is { } known ? _map._ends(known) : _map._now());
    }
}
