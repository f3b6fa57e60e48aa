using System.Text.Json;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using Telemetry.Ingest.Notify.Delivery;
using Telemetry.Ingest.Notify.Escalation;

namespace Telemetry.Ingest.State;

/// <summary>A message for the outbox.</summary>
/// <param name="Name">Of the recipient, as history shows it.</param>
/// <param name="Receivers">Who gets it by which channels, in order: <see cref="OutboxDatabase.Recipient"/>, and copies by the name of their channel.</param>
internal sealed record OutboxMessage(Message Message, string Name, IReadOnlyList<(string Receiver, IReadOnlyList<string> Ways)> Receivers);

/// <summary>One line of an alarm's history of being told. Times are Unix ms.</summary>
/// <param name="Channel">Null while it waits for its first attempt.</param>
/// <param name="Result">See <see cref="Outcome.Result"/>; <c>waiting</c> before the first attempt.</param>
/// <param name="Tries">Which attempt it was, from 1.</param>
internal sealed record NotificationAttempt(string Key, string To, string? Channel, long? At, string Result, string? Detail, int Tries);

/// <summary>Somebody was told of an alarm.</summary>
/// <param name="Attempt">Grows from one to the next.</param>
/// <param name="At">Unix ms.</param>
public sealed record SentMessage(long Attempt, string Alarm, string To, string Channel, long At);

/// <param name="OldestAt">When the oldest was made, Unix ms; null where nothing is open.</param>
internal sealed record OpenDeliveries(long Count, long? OldestAt);

/// <summary>
/// SQLite of what is told: messages, how far each is, every attempt, the state of the telling and the place in the journal up to which it holds
/// (docs/decisions/0015). One connection, any thread, one at a time.
/// </summary>
internal sealed partial class OutboxDatabase : IDisposable
{
    /// <summary>The receiver that is the message's own recipient.</summary>
    public const string Recipient = "";

    /// <summary>Result of what was late and is accepted, covered or has ended by now: nobody is called for it.</summary>
    public const string Withdrawn = "withdrawn";

    private const string DeliveryColumns = "deliveries.id, messages.json, ways, state, way, tries, attempts, round, since, begun, next_at, code, link, deliveries.receiver";

    private const string DeliveryTables = "deliveries JOIN messages ON messages.id = deliveries.message JOIN answers ON answers.message = messages.id";

    private readonly string _path;
    private readonly SqliteConnection _connection;
    private readonly Lock _gate = new();

    private OutboxDatabase(string path, SqliteConnection connection) => (_path, _connection) = (path, connection);

    /// <param name="logger">Told of a file that is damaged, put aside and begun anew.</param>
    /// <exception cref="InvalidDataException">The file was written by a newer version.</exception>
    /// <exception cref="IOException">It can't be opened or created.</exception>
    public static OutboxDatabase Open(string path, ILogger? logger = null)
    {
        if (DamagedFile.WhatIn(path) is { } damage)
            DamagedFile.PutAside(path, damage, "who was told what is forgotten: what stands and nobody has accepted is told once more", logger ?? NullLogger.Instance, "-wal", "-shm");
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            connection.Open();
            // The names of links stand in it, and whoever knows one acts by it.
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            OutboxSchema.Prepare(connection, path);
            var outbox = new OutboxDatabase(path, connection);
            outbox.AddMissingAnswers();
            return outbox;
        }
        catch (SqliteException error)
        {
            connection.Dispose();
            throw new IOException($"{path} can't be opened: {error.Message}", error);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Keeps room for what a full disk still brings.</summary>
    public OutboxDatabase WithReserve()
    {
        lock (_gate)
            SqliteReserve.Hold(_connection);
        return this;
    }

    /// <summary>The place in the journal of this log up to which messages and state hold; null where there is none yet.</summary>
    public long? PositionIn(string log) => Query("SELECT position FROM place WHERE log = $log", row => row.GetInt64(0), ("$log", log)) is [var position] ? position : null;

    public IReadOnlyList<StateRow> Escalation() => Query("SELECT key, json FROM escalation ORDER BY key", row => new StateRow(row.GetString(0), row.GetString(1)));

    /// <summary>Messages, changed state and place, all or nothing. A message that is there already is left as it is.</summary>
    /// <param name="anew">The state before goes.</param>
    /// <exception cref="IOException">Nothing of it stands.</exception>
    public void Commit(string log, long position, IReadOnlyList<OutboxMessage> messages, IReadOnlyList<StateRow> changes, bool anew = false) => Write(transaction =>
    {
        if (anew)
            Run(transaction, "DELETE FROM escalation");
        foreach (var (key, json) in changes)
        {
            if (json is null)
                Run(transaction, "DELETE FROM escalation WHERE key = $key", ("$key", key));
            else
                Run(transaction, "INSERT OR REPLACE INTO escalation VALUES ($key, $json)", ("$key", key), ("$json", json));
        }
        foreach (var message in messages)
            Add(transaction, message);
        Run(transaction, "DELETE FROM place");
        Run(transaction, "INSERT INTO place VALUES ($log, $position)", ("$log", log), ("$position", position));
    });

    /// <summary>Deliveries whose turn on this channel it is, the most pressing first.</summary>
    public IReadOnlyList<Delivery> Due(string channel, long now, int limit) =>
        Query(
            $"SELECT {DeliveryColumns} FROM {DeliveryTables} WHERE state = 'Open' AND channel = $channel AND next_at <= $now ORDER BY kind, next_at, deliveries.id LIMIT $limit",
            DeliveryOf, ("$channel", channel), ("$now", now), ("$limit", limit));

    /// <summary>Deliveries that wait for an attempt, in the order of the messages.</summary>
    /// <param name="after">Behind the delivery with this id.</param>
    public IReadOnlyList<Delivery> Waiting(int limit, long after = 0) =>
        Query($"SELECT {DeliveryColumns} FROM {DeliveryTables} WHERE state = 'Open' AND deliveries.id > $after ORDER BY deliveries.id LIMIT $limit", DeliveryOf, ("$limit", limit), ("$after", after));

    /// <summary>What an attempt came to, and how it goes on.</summary>
    /// <param name="result">Null where nothing was attempted.</param>
    /// <param name="at">When the attempt began.</param>
    public void Record(Delivery before, Delivery after, long at, string? result, string? detail) => Write(transaction => Record(transaction, before, after, at, result, detail));

    private void Record(SqliteTransaction transaction, Delivery before, Delivery after, long at, string? result, string? detail)
    {
        Run(
            transaction,
            """
            UPDATE deliveries SET ways = $ways, channel = $channel, state = $state, way = $way, tries = $tries, attempts = $attempts, round = $round, since = $since, begun = $begun, next_at = $next_at
            WHERE id = $id
            """,
            ("$ways", JsonSerializer.Serialize(after.Ways)), ("$channel", after.Channel), ("$state", after.State.ToString()), ("$way", after.Way), ("$tries", after.Tries),
            ("$attempts", after.Attempts), ("$round", after.Round), ("$since", after.Since), ("$begun", after.Begun), ("$next_at", after.NextAt), ("$id", after.Id));
        if (result is not null)
            AddAttempt(transaction, before, at, result, detail, after.Attempts);
        if (after.State == DeliveryState.Failed && result != Withdrawn)
            AddAttempt(transaction, before, at, "given_up", null, after.Attempts);
    }

    /// <summary>Another node has sent them.</summary>
    public void ToldElsewhere(IReadOnlyList<Delivery> deliveries, long at) => Write(transaction =>
    {
        foreach (var delivery in deliveries)
            Record(transaction, delivery, SentElsewhere(delivery), at, Outcome.Sent.Result, ByAnotherNode);
    });

    /// <summary>The delivery once another node has sent it.</summary>
    public static Delivery SentElsewhere(Delivery delivery) => delivery with { State = DeliveryState.Sent, Attempts = delivery.Attempts + 1 };

    /// <summary>Every attempt to tell of an alarm, and what waits for one, in the order of the messages.</summary>
    public IReadOnlyList<NotificationAttempt> OfAlarm(string alarm) =>
        Query(
            """
            SELECT key, CASE deliveries.receiver WHEN '' THEN name ELSE deliveries.receiver END, attempts.channel, attempts.at, coalesce(attempts.result, 'waiting'), detail, coalesce(attempts.tries, 0)
            FROM message_alarms JOIN messages ON messages.id = message_alarms.message JOIN deliveries ON deliveries.message = messages.id
                LEFT JOIN attempts ON attempts.message = messages.id AND attempts.receiver = deliveries.receiver
            WHERE alarm = $alarm ORDER BY messages.id, deliveries.id, attempts.id
            """,
            row => new NotificationAttempt(row.GetString(0), row.GetString(1), TextAt(row, 2), row.IsDBNull(3) ? null : row.GetInt64(3), row.GetString(4), TextAt(row, 5), row.GetInt32(6)),
            ("$alarm", alarm));

    /// <summary>Who was told of which alarm since this attempt, in the order of the attempts; copies to groups and programs are left out.</summary>
    /// <param name="limit">At most so many, the newest.</param>
    public IReadOnlyList<SentMessage> SentAfter(long attempt, int limit) =>
        Query(
            """
            SELECT * FROM (
                SELECT attempts.id, message_alarms.alarm, name, attempts.channel, attempts.at
                FROM attempts JOIN messages ON messages.id = attempts.message JOIN message_alarms ON message_alarms.message = messages.id
                WHERE attempts.id > $attempt AND attempts.result = 'sent' AND attempts.receiver = '' ORDER BY attempts.id DESC LIMIT $limit)
            ORDER BY id
            """,
            row => new SentMessage(row.GetInt64(0), row.GetString(1), row.GetString(2), row.GetString(3), row.GetInt64(4)), ("$attempt", attempt), ("$limit", limit));

    public OpenDeliveries Open() =>
        Query("SELECT count(*), min(at) FROM deliveries JOIN messages ON messages.id = message WHERE state = 'Open'", row => new OpenDeliveries(row.GetInt64(0), row.IsDBNull(1) ? null : row.GetInt64(1)))[0];

    /// <summary>Since when and why, as of the end of the process before.</summary>
    public IReadOnlyList<(string Channel, long Since, string? Reason)> DeadChannels() =>
        Query("SELECT channel, since, reason FROM dead_channels ORDER BY channel", row => (row.GetString(0), row.GetInt64(1), TextAt(row, 2)));

    /// <param name="since">Null once it works.</param>
    public void SetDead(string channel, long? since, string? reason) => Write(transaction =>
    {
        Run(transaction, "DELETE FROM dead_channels WHERE channel = $channel", ("$channel", channel));
        if (since is not null)
            Run(transaction, "INSERT INTO dead_channels VALUES ($channel, $since, $reason)", ("$channel", channel), ("$since", since), ("$reason", reason));
    });

    /// <summary>Open deliveries whose channel is no longer configured go on to one that is; those without any are given up.</summary>
    public void Keep(IReadOnlyCollection<string> channels, long now)
    {
        foreach (var delivery in Query($"SELECT {DeliveryColumns} FROM {DeliveryTables} WHERE state = 'Open'", DeliveryOf))
        {
            var left = delivery.Ways.Where(channels.Contains).ToList();
            if (left.Count == delivery.Ways.Count)
                continue;
            var after = left.Count == 0 ? delivery with { State = DeliveryState.Failed } : delivery with { Ways = left, Way = 0, Tries = 0, NextAt = now };
            Record(delivery, after, now, left.Count == 0 ? "no_channel" : null, null);
        }
    }

    /// <summary>Removes what is done and older.</summary>
    /// <param name="before">Unix ms.</param>
    public void Prune(long before) => Write(transaction =>
    {
        Run(transaction, "DELETE FROM messages WHERE at < $before AND id NOT IN (SELECT message FROM deliveries WHERE state = 'Open')", ("$before", before));
        foreach (var table in (string[])["deliveries", "attempts", "message_alarms", "answers"])
            Run(transaction, $"DELETE FROM {table} WHERE message NOT IN (SELECT id FROM messages)");
        Run(transaction, "DELETE FROM replies WHERE at < $before", ("$before", before));
        Run(transaction, "DELETE FROM proofs WHERE at < $before", ("$before", before));
    });

    public void Dispose()
    {
        lock (_gate)
            _connection.Dispose();
    }

    /// <summary>Bounds the file to so many pages of 4 KiB, so that a test can fill its disk.</summary>
    internal void Limit(int pages)
    {
        lock (_gate)
            StateSchema.Execute(_connection, FormattableString.Invariant($"PRAGMA max_page_count = {pages}"));
    }

    private void Add(SqliteTransaction transaction, OutboxMessage added)
    {
        var message = added.Message;
        var isNew = Run(
            transaction, "INSERT OR IGNORE INTO messages (key, json, name, at) VALUES ($key, $json, $name, $at)",
            ("$key", message.Key), ("$json", JsonSerializer.Serialize(message)), ("$name", added.Name), ("$at", message.Due)) > 0;
        if (!isNew)
            return;
        AddAnswer(transaction, message);
        foreach (var alarm in message.Places.Select(place => place.Alarm.Id).Distinct())
            Run(transaction, "INSERT INTO message_alarms SELECT $alarm, id FROM messages WHERE key = $key", ("$alarm", alarm), ("$key", message.Key));
        foreach (var (receiver, ways) in added.Receivers)
        {
            Run(
                transaction,
                """
                INSERT INTO deliveries (message, receiver, ways, channel, state, kind, way, tries, attempts, round, next_at)
                SELECT id, $receiver, $ways, $channel, $state, $kind, 0, 0, 0, 0, 0 FROM messages WHERE key = $key
                """,
                ("$receiver", receiver), ("$ways", JsonSerializer.Serialize(ways)), ("$channel", ways.Count > 0 ? ways[0] : ""), ("$state", (ways.Count > 0 ? DeliveryState.Open : DeliveryState.Failed).ToString()),
                ("$kind", (int)message.Kind), ("$key", message.Key));
            if (ways.Count == 0)
                Run(transaction, "INSERT INTO attempts (message, receiver, channel, at, result, tries) SELECT id, $receiver, '', $at, 'no_channel', 0 FROM messages WHERE key = $key", ("$receiver", receiver), ("$at", message.Due), ("$key", message.Key));
        }
    }

    private void AddAttempt(SqliteTransaction transaction, Delivery before, long at, string result, string? detail, int tries) =>
        Run(
            transaction, "INSERT INTO attempts (message, receiver, channel, at, result, detail, tries) SELECT message, receiver, $channel, $at, $result, $detail, $tries FROM deliveries WHERE id = $id",
            ("$channel", before.Channel), ("$at", at), ("$result", result), ("$detail", detail), ("$tries", tries), ("$id", before.Id));

    private static Delivery DeliveryOf(SqliteDataReader row) =>
        new(row.GetInt64(0), JsonSerializer.Deserialize<Message>(row.GetString(1))!, JsonSerializer.Deserialize<List<string>>(row.GetString(2))!)
        {
            State = Enum.Parse<DeliveryState>(row.GetString(3)),
            Way = row.GetInt32(4),
            Tries = row.GetInt32(5),
            Attempts = row.GetInt32(6),
            Round = row.GetInt32(7),
            Since = row.IsDBNull(8) ? null : row.GetInt64(8),
            Begun = row.IsDBNull(9) ? null : row.GetInt64(9),
            NextAt = row.GetInt64(10),
            Code = row.GetString(11),
            Link = row.GetString(12),
            Receiver = row.GetString(13),
        };

    private static string? TextAt(SqliteDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    private void Write(Action<SqliteTransaction> change)
    {
        lock (_gate)
        {
            try
            {
                using var transaction = _connection.BeginTransaction();
                change(transaction);
                transaction.Commit();
            }
            catch (SqliteException error)
            {
                throw new IOException($"{_path} can't be written: {error.Message}", error);
            }
        }
    }

    private int Run(SqliteTransaction transaction, string sql, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        using var command = _connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = sql;
        foreach (var (name, value) in parameters)
            command.Parameters.AddWithValue(name, value ?? DBNull.Value);
        return command.ExecuteNonQuery();
    }

    private List<T> Query<T>(string sql, Func<SqliteDataReader, T> read, params ReadOnlySpan<(string Name, object Value)> parameters)
    {
        lock (_gate)
        {
            try
            {
                return _connection.Rows(sql, read, parameters);
            }
            catch (SqliteException error)
            {
                throw new IOException($"{_path} can't be read: {error.Message}", error);
            }
        }
    }
}
