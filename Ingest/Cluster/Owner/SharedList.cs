using System.Collections.Concurrent;
using Npgsql;

namespace Telemetry.Ingest.Cluster.Owner;

/// <summary>
/// A list in PostgreSQL of which each node has a copy, and goes on with it while PostgreSQL is away. The table is looked at, not listened to: whoever was away has to read anyway, and does so
/// whole. Any thread.
/// </summary>
public sealed partial class SharedList(NpgsqlDataSource postgres, string stream, string name, TimeProvider time, ILogger<SharedList> logger) : IDisposable
{
    /// <summary>How soon a change at one node is looked for at the others.</summary>
    public static readonly TimeSpan Every = TimeSpan.FromMilliseconds(500);

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1), PruneEvery = TimeSpan.FromHours(1);

    private const string Write = """
        WITH counted AS (UPDATE shared_list SET change = change + 1 WHERE stream = $1 AND list = $2 RETURNING change),
        written AS (
            INSERT INTO shared_row (stream, list, key, value, noted, ends, change)
            SELECT $1, $2, fresh.key, fresh.value, fresh.noted, fresh.ends, counted.change
            FROM counted, unnest($3::text[], $4::text[], $5::bigint[], $6::bigint[]) AS fresh (key, value, noted, ends)
            ON CONFLICT (stream, list, key) DO UPDATE SET value = excluded.value, noted = greatest(shared_row.noted, excluded.noted), ends = excluded.ends, change = excluded.change)
        SELECT change FROM counted
        """;

    // A turn may take as long as the log takes: nobody waits for it to note a use.
    private const string NoteUses = """
        WITH free AS (SELECT change FROM shared_list WHERE stream = $1 AND list = $2 FOR UPDATE SKIP LOCKED),
        counted AS (UPDATE shared_list SET change = free.change + 1 FROM free WHERE stream = $1 AND list = $2 RETURNING shared_list.change),
        noted AS (
            UPDATE shared_row SET noted = used.noted, change = counted.change
            FROM counted, unnest($3::text[], $4::bigint[]) AS used (key, noted)
            WHERE stream = $1 AND list = $2 AND shared_row.key = used.key AND value IS NOT NULL AND shared_row.noted < used.noted)
        SELECT change FROM counted
        """;

    private readonly SemaphoreSlim _gate = new(1);
    private readonly ConcurrentDictionary<string, SharedRow> _unwritten = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, long> _uses = new(StringComparer.Ordinal);
    private Func<IReadOnlyList<SharedRow>> _own = () => [];
    private Action<IReadOnlyList<SharedRow>, bool> _take = (_, _) => { };
    private long _read;
    private long _began;
    private long? _pruned;
    private volatile bool _isAway = true;
    private bool _isSaid;

    /// <summary>The copy can't be compared with the table for now.</summary>
    public bool IsAway => _isAway;

    /// <summary>Said once, by whoever has the copy.</summary>
    /// <param name="own">What the list begins with where there is none yet.</param>
    /// <param name="take">Takes what has changed, or, where told so, all there is. One at a time. What it can't store or understand (<see cref="IOException"/>, <see cref="InvalidDataException"/>) it is given again.</param>
    public void Copy(Func<IReadOnlyList<SharedRow>> own, Action<IReadOnlyList<SharedRow>, bool> take) => (_own, _take) = (own, take);

    /// <summary>Follows the table until cancelled.</summary>
    public async Task FollowAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Every, time);
        try
        {
            do
            {
                await _gate.WaitAsync(cancellationToken);
                try
                {
                    await ReadAsync();
                }
                finally
                {
                    _gate.Release();
                }
            }
            while (await timer.WaitForNextTickAsync(cancellationToken));
        }
        catch (OperationCanceledException)
        {
            // The service stops.
        }
    }

    /// <summary>Completes when the copy is as the table was when this was called; earlier where PostgreSQL is away or takes more than a second. Many that ask at once are one question.</summary>
    /// <param name="isFirst">Asked although nothing is known of PostgreSQL yet.</param>
    public async Task RefreshAsync(bool isFirst = false)
    {
        var asked = time.GetTimestamp();
        if ((_isAway && !isFirst) || !await _gate.WaitAsync(Patience))
            return;
        try
        {
            if (_began <= asked && (!_isAway || isFirst))
                await ReadAsync();
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>To be written with the next look at the table, or once PostgreSQL is back; until then what the table has under this key counts for nothing here.</summary>
    public void Put(SharedRow row) => _unwritten[row.Key] = row;

    /// <summary>To be noted with one of the next looks.</summary>
    public void Note(string key, long use) => _uses[key] = use;

    /// <summary>The turn to change something. The copy is then as the table, and stays so until the turn ends.</summary>
    /// <exception cref="IOException">PostgreSQL does not answer, or another node's turn takes long.</exception>
    public async Task<SharedTurn> TurnAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        NpgsqlConnection? connection = null;
        try
        {
            if (_isAway)
                throw new IOException("PostgreSQL does not answer");
            connection = await postgres.OpenConnectionAsync(cancellationToken);
            var transaction = await connection.BeginTransactionAsync(cancellationToken);
            // A node that is cut off in its turn must not keep it; the log's patience is 10 s.
            await using (var setting = new NpgsqlCommand("SET LOCAL idle_in_transaction_session_timeout = '20s'; SET LOCAL lock_timeout = '2500ms'", connection, transaction))
                await setting.ExecuteNonQueryAsync(cancellationToken);
            await using (var locking = Command("SELECT change FROM shared_list WHERE stream = $1 AND list = $2 FOR UPDATE", connection, transaction))
            {
                if (await locking.ExecuteScalarAsync(cancellationToken) is null)
                    throw Gone();
            }
            await TakeAsync(connection);
            return new SharedTurn(this, connection, transaction);
        }
        catch (Exception error)
        {
            if (connection is not null)
                await connection.DisposeAsync();
            if (error is PostgresException { SqlState: PostgresErrorCodes.LockNotAvailable })
                error = new IOException("another node is changing something", error);
            else if (IsFailure(error))
                Lost(error);
            _gate.Release();
            throw Told(error);
        }
    }

    public void Dispose() => _gate.Dispose();

    internal void EndTurn() => _gate.Release();

    internal async Task WriteInTurnAsync(IReadOnlyList<SharedRow> rows, NpgsqlConnection connection, NpgsqlTransaction transaction)
    {
        try
        {
            if (!await WriteAsync(rows, connection, transaction))
                throw Gone();
            await transaction.CommitAsync();
            _take(rows, false);
        }
        catch (Exception error) when (IsFailure(error))
        {
            // It may stand there: what stands is read whole.
            Lost(error);
            throw Told(error);
        }
    }

    /// <summary>Behind the gate.</summary>
    private async Task ReadAsync()
    {
        _began = time.GetTimestamp();
        try
        {
            if (_isAway)
                await OwnerSchema.ApplyAsync(postgres, CancellationToken.None);
            await using var connection = await postgres.OpenConnectionAsync();
            await SettleAsync(connection);
            await TakeAsync(connection);
            await PruneAsync(connection);
            if (_isAway && _isSaid)
                LogFollows(name);
            (_isAway, _isSaid) = (false, false);
        }
        catch (Exception error) when (IsFailure(error))
        {
            Lost(error);
        }
    }

    /// <summary>What this node has to say.</summary>
    private async Task SettleAsync(NpgsqlConnection connection)
    {
        var rows = _unwritten.ToArray();
        if (rows.Length > 0 && await WriteAsync([.. rows.Select(row => row.Value)], connection, null))
        {
            foreach (var row in rows)
                _unwritten.TryRemove(row);
        }
        var uses = _uses.ToArray();
        if (uses.Length == 0)
            return;
        await using var noting = Command(NoteUses, connection, null, uses.Select(use => use.Key).ToArray(), uses.Select(use => use.Value).ToArray());
        if (await noting.ExecuteScalarAsync() is null)
            return;
        foreach (var use in uses)
            _uses.TryRemove(use);
    }

    private async Task TakeAsync(NpgsqlConnection connection)
    {
        var (change, rows) = await SinceAsync(connection, _read);
        if (change is null)
        {
            await BeginAsync(connection);
            (change, rows) = await SinceAsync(connection, _read = 0);
        }
        else if (change < _read)
        {
            // Another table than the one that was read before, such as an older one.
            (change, rows) = await SinceAsync(connection, _read = 0);
        }
        var isWhole = _read == 0;
        var taken = rows.Where(row => !_unwritten.ContainsKey(row.Key));
        if (isWhole || rows.Count > 0)
            _take(isWhole ? [.. taken.Concat(_unwritten.Values).Where(row => row.Value is not null)] : [.. taken], isWhole);
        _read = change ?? 0;
    }

    /// <summary>What was written after this count, and the count now; null where there is no such list.</summary>
    private async Task<(long? Change, List<SharedRow> Rows)> SinceAsync(NpgsqlConnection connection, long since)
    {
        await using var asking = Command(
            """
            SELECT shared_list.change, key, value, noted FROM shared_list
            LEFT JOIN shared_row ON shared_row.stream = shared_list.stream AND shared_row.list = shared_list.list AND shared_row.change > $3
            WHERE shared_list.stream = $1 AND shared_list.list = $2 ORDER BY shared_row.change
            """,
            connection, null, since);
        await using var reader = await asking.ExecuteReaderAsync();
        long? change = null;
        var rows = new List<SharedRow>();
        while (await reader.ReadAsync())
        {
            change = reader.GetInt64(0);
            if (!await reader.IsDBNullAsync(1))
                rows.Add(new SharedRow(reader.GetString(1), await reader.IsDBNullAsync(2) ? null : reader.GetString(2), reader.GetInt64(3)));
        }
        return (change, rows);
    }

    /// <summary>Whoever comes first fills it; the others find it.</summary>
    private async Task BeginAsync(NpgsqlConnection connection)
    {
        var own = _own();
        await using var transaction = await connection.BeginTransactionAsync();
        await using (var making = Command("INSERT INTO shared_list (stream, list, change) VALUES ($1, $2, 0) ON CONFLICT DO NOTHING", connection, transaction))
        {
            if (await making.ExecuteNonQueryAsync() == 0)
                return;
        }
        await WriteAsync(own, connection, transaction);
        await transaction.CommitAsync();
        LogBegun(name, own.Count);
    }

    /// <returns>False where there is no such list.</returns>
    private async Task<bool> WriteAsync(IReadOnlyList<SharedRow> rows, NpgsqlConnection connection, NpgsqlTransaction? transaction)
    {
        await using var writing = Command(
            Write, connection, transaction,
            rows.Select(row => row.Key).ToArray(), rows.Select(row => row.Value).ToArray(), rows.Select(row => row.Noted).ToArray(), rows.Select(row => row.Ends).ToArray());
        return await writing.ExecuteScalarAsync() is not null;
    }

    private async Task PruneAsync(NpgsqlConnection connection)
    {
        if (_pruned is { } last && time.GetElapsedTime(last) < PruneEvery)
            return;
        await using var pruning = Command("DELETE FROM shared_row WHERE stream = $1 AND list = $2 AND ends < $3", connection, null, time.GetUtcNow().ToUnixTimeMilliseconds());
        await pruning.ExecuteNonQueryAsync();
        _pruned = time.GetTimestamp();
    }

    private NpgsqlCommand Command(string sql, NpgsqlConnection connection, NpgsqlTransaction? transaction, params object[] parameters)
    {
        var command = new NpgsqlCommand(sql, connection, transaction) { Parameters = { new() { Value = stream }, new() { Value = name } } };
        foreach (var value in parameters)
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        return command;
    }

    private void Lost(Exception error)
    {
        (_isAway, _read) = (true, 0);
        if (!_isSaid)
            LogLost(name, error.GetBaseException().Message);
        _isSaid = true;
    }

    private static bool IsFailure(Exception error) => error is NpgsqlException or TimeoutException or IOException or InvalidDataException or ObjectDisposedException;

    private static Exception Told(Exception error) => error is NpgsqlException or TimeoutException or ObjectDisposedException ? new IOException($"PostgreSQL: {error.Message}", error) : error;

    private static IOException Gone() => new("PostgreSQL: the list is not there any more");

    [LoggerMessage(LogLevel.Warning, "{List}, which all nodes share in PostgreSQL: this node goes on with its copy, and what somebody changes waits or is refused ({Problem})")]
    private partial void LogLost(string list, string problem);

    [LoggerMessage(LogLevel.Information, "{List}, which all nodes share in PostgreSQL: this node follows again")]
    private partial void LogFollows(string list);

    [LoggerMessage(LogLevel.Information, "{List}, which all nodes share in PostgreSQL: there were none, and this node's {Count} have been entered")]
    private partial void LogBegun(string list, int count);
}
