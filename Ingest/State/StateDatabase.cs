using System.Text.Json;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using Telemetry.Rules.Alarms;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.State;

/// <summary>What one stretch of the log changed in the projections.</summary>
/// <param name="Position">Last entry of the stretch.</param>
/// <param name="Time">Its log time, Unix ms, by which what is kept for a time goes; 0 where it is not known, and nothing goes by age.</param>
public sealed record ProjectionBatch(
    long Position,
    IReadOnlyList<AlarmTransition> Transitions,
    IReadOnlyList<Device> Devices,
    IReadOnlyList<DeadLetterEntry> DeadLetters,
    IReadOnlyList<FamilyEntry>? Families = null,
    IReadOnlyList<RedecodedEntry>? Redecoded = null,
    long Time = 0)
{
    /// <summary>Series that wait to be sent.</summary>
    public IReadOnlyList<SeriesMinute>? Minutes { get; init; }

    /// <summary>Handovers that were opened or signed, in order.</summary>
    public IReadOnlyList<StoredHandover> Handovers { get; init; } = [];

    /// <summary>Minutes up to this one need not wait any longer, Unix ms.</summary>
    public long MinutesSent { get; init; }
}

/// <param name="Family"><c>area</c> for a rule about a place.</param>
/// <param name="False">Said to be false alarms.</param>
/// <param name="Last">raisedAt of the last one, Unix ms.</param>
public sealed record RuleCount(string Family, string Rule, long Count, long False, long Last);

/// <summary>
/// SQLite projections of the log: register, journal, alarm occurrences, versions of family files, dead letters, unknown devices, handovers, and the position up to which they hold, changed in one
/// transaction (synchronous=FULL, WAL). A batch at or before <see cref="Position"/> is skipped entry by entry, so replay doubles nothing.
/// One thread applies; any thread asks, each question on a connection of its own.
/// </summary>
public sealed partial class StateDatabase : IDisposable
{
    private readonly string _path;
    private readonly StateReader _reader;
    private readonly StateWriter _writer;
    private readonly Lock _applying = new();
    private long _completeUntil;

    private StateDatabase(string path, StateWriter writer) => (_path, _reader, _writer) = (path, new StateReader(path), writer);

    public string Path => _path;

    /// <summary>Position of the last entry whose changes are stored for good.</summary>
    public long Position
    {
        get
        {
            lock (_applying)
                return _writer.Position;
        }
    }

    /// <summary>The same with its log time, Unix ms; 0 before the first batch of this process.</summary>
    public (long Position, long Time) Applied
    {
        get
        {
            lock (_applying)
                return (_writer.Position, _writer.Time);
        }
    }

    /// <summary>Log time up to which the journal is complete, Unix ms; 0 before the first stretch of this process. Goes on where nothing changes, too.</summary>
    public long CompleteUntil => Interlocked.Read(ref _completeUntil);

    /// <param name="by">Who writes the journal from here on; null where nobody says so, and nobody may take it for what the same rules would write again.</param>
    /// <param name="logger">Told of a file that is damaged, put aside and made anew: it stands at position 0 then.</param>
    /// <exception cref="InvalidDataException">The file was written by a newer version.</exception>
    /// <exception cref="IOException">It can't be opened or created.</exception>
    public static StateDatabase Open(string path, DeadLetterOptions? deadLetters = null, JournalBy? by = null, ILogger? logger = null)
    {
        if (DamagedFile.WhatIn(path) is { } damage)
            DamagedFile.PutAside(path, damage, "register, alarms, journal and dead letters are made anew from what the log keeps", logger ?? NullLogger.Instance, "-wal", "-shm");
        // Not pooled: the writer's connection must be gone when the database is.
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
        try
        {
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path))!);
            connection.Open();
            StateSchema.Prepare(connection, path);
            return new StateDatabase(path, new StateWriter(connection, deadLetters ?? new DeadLetterOptions(), by));
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
    public StateDatabase WithReserve()
    {
        lock (_applying)
            _writer.Reserve();
        return this;
    }

    /// <summary>Throws <see cref="IOException"/> when the disk is full or fails; nothing of the batch stands then.</summary>
    public void Apply(ProjectionBatch batch)
    {
        lock (_applying)
        {
            if (batch.Position <= _writer.Position)
                return;
            try
            {
                _writer.Apply(batch);
            }
            catch (SqliteException error)
            {
                throw new IOException($"{_path} can't be written: {error.Message}", error);
            }
        }
    }

    /// <summary>Nothing that would stand in the journal is missing up to this log time.</summary>
    internal void Complete(long until) => Interlocked.Exchange(ref _completeUntil, until);

    public IReadOnlyList<Device> Devices() =>
        Query("SELECT json FROM devices ORDER BY id", row => JsonSerializer.Deserialize(row.GetString(0), StateJson.Default.Device)!);

    /// <summary>Occurrences that have not ended (state not normal), for the start; newest raisedAt first.</summary>
    public IReadOnlyList<Alarm> OpenAlarms() =>
        Query("SELECT json FROM alarms WHERE state <> 'normal' ORDER BY raised_at DESC, id", AlarmOf);

    public Alarm? FindAlarm(string id) =>
        Query("SELECT json FROM alarms WHERE id = $id", AlarmOf, ("$id", id)).FirstOrDefault();

    /// <summary>Occurrences matching the filter, newest raisedAt first, equal times by id.</summary>
    /// <exception cref="FormatException">The filter's state or after is none.</exception>
    public IReadOnlyList<Alarm> Alarms(AlarmFilter filter)
    {
        var (sql, parameters) = AlarmQuery.Of(filter);
        return Query(sql, AlarmOf, parameters);
    }

    /// <summary>How often each rule's condition occurred, as alarm or ticket, and how often that was said to be false.</summary>
    /// <param name="from">Unix ms: raised since then, by event time.</param>
    public IReadOnlyList<RuleCount> RuleCounts(long from) =>
        Query(
            """
            SELECT family, json_extract(json, '$.rule'), count(*), count(json_extract(json, '$.falseAlarm')), max(raised_at) FROM alarms
            WHERE raised_at >= $from AND kind <> 'event' AND json_extract(json, '$.retractedAt') IS NULL GROUP BY 1, 2 ORDER BY 1, 2
            """,
            row => new RuleCount(row.GetString(0), row.GetString(1), row.GetInt64(2), row.GetInt64(3), row.GetInt64(4)),
            ("$from", from));

    /// <summary>Every version of a family file that has been in force, newest first, with who put it there.</summary>
    public IReadOnlyList<FamilyEntry> FamilyVersions(string family) =>
        Query(
            "SELECT position, time, hash, text, changed_by, approved_by FROM families WHERE family = $family ORDER BY position DESC",
            row => new FamilyEntry(family, row.GetString(3), row.GetString(2), row.IsDBNull(4) ? null : row.GetString(4), row.IsDBNull(5) ? null : row.GetString(5))
            {
                Position = row.GetInt64(0),
                Time = row.GetInt64(1),
            },
            ("$family", family));

    /// <summary>Names of families that have ever been in force, in order.</summary>
    public IReadOnlyList<string> FamilyNames() => Query("SELECT DISTINCT family FROM families ORDER BY family", row => row.GetString(0));

    /// <summary>Journal lines (with their alarm's JSON as of then) of a span of positions, both inclusive, in order.</summary>
    public IEnumerable<JournalRow> Journal(long from, long until = long.MaxValue) => _reader.Journal(from, until);

    /// <summary>One alarm's journal lines, in order.</summary>
    public IReadOnlyList<string> JournalOf(string alarm) =>
        Query("SELECT line FROM journal WHERE json_extract(alarm, '$.id') = $id ORDER BY position, ordinal", row => row.GetString(0), ("$id", alarm));

    /// <summary>An alarm's last transition up to a position; null if it has none there.</summary>
    public AlarmTransition? LastTransitionOf(string alarm, long until) =>
        Query(
            "SELECT position, ordinal, line, alarm FROM journal WHERE json_extract(alarm, '$.id') = $id AND position <= $until ORDER BY position DESC, ordinal DESC LIMIT 1",
            StateReader.RowOf, ("$id", alarm), ("$until", until)).FirstOrDefault()?.Transition();

    /// <summary>The journal of a device's newest occurrences, in order.</summary>
    /// <param name="before">Unix ms: only those raised before it by event time.</param>
    /// <param name="most">Occurrences.</param>
    public IReadOnlyList<JournalRow> JournalOfDevice(string device, long before, int most) =>
        Query(
            """
            SELECT journal.position, ordinal, line, alarm FROM (SELECT id FROM alarms WHERE device = $device AND raised_at < $before ORDER BY raised_at DESC, id LIMIT $most) AS newest
            CROSS JOIN journal ON json_extract(alarm, '$.id') = newest.id ORDER BY position, ordinal
            """,
            StateReader.RowOf,
            ("$device", device),
            ("$before", before),
            ("$most", most));

    /// <summary>Those kept: the newest 100,000 at most, and no more than the options allow.</summary>
    public long DeadLetterCount()
    {
        lock (_applying)
            return _writer.DeadLetters;
    }

    public void Dispose()
    {
        lock (_applying)
            _writer.Dispose();
        _reader.Dispose();
    }

    /// <summary>Bounds the file to so many pages of 4 KiB, so that a test can fill its disk.</summary>
    internal void Limit(int pages)
    {
        lock (_applying)
            _writer.Limit(pages);
    }

    private static Alarm AlarmOf(SqliteDataReader row) => JsonSerializer.Deserialize(row.GetString(0), StateJson.Default.Alarm)!;

    private List<T> Query<T>(string sql, Func<SqliteDataReader, T> read, params ReadOnlySpan<(string Name, object Value)> parameters) => _reader.Query(sql, read, parameters);
}
