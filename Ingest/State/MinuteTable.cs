using Microsoft.Data.Sqlite;

namespace Telemetry.Ingest.State;

/// <summary>What the figures of one minute of log time are as lines of a series, until a database has them.</summary>
/// <param name="Position">Of the entry that ended the minute.</param>
/// <param name="Time">The minute's end, Unix ms.</param>
/// <param name="Lines">Line protocol, each line with its line feed.</param>
/// <param name="Count">Of lines.</param>
public sealed record SeriesMinute(long Position, long Time, byte[] Lines, int Count);

/// <param name="Lines">In the table.</param>
/// <param name="Dropped">Lines that had to make room since the start of the process.</param>
internal readonly record struct MinutesKept(long Lines, long Dropped);

/// <summary>The table of minutes that wait to be sent, bounded by their lines: the oldest go first. For one thread.</summary>
internal sealed class MinuteTable : IDisposable
{
    /// <summary>Four days of a city with 20 districts and 8 families, 150 MB.</summary>
    public const int MaxLines = 1_000_000;

    private readonly SqliteCommand _insert;
    private readonly SqliteCommand _sent;
    private readonly SqliteCommand _oldest;
    private readonly int _maxLines;
    private long _removed;

    public MinuteTable(SqliteConnection connection, int maxLines = MaxLines)
    {
        _maxLines = maxLines;
        _insert = StateWriter.Prepare(connection, "INSERT INTO series_minutes VALUES ($time, $count, $lines) ON CONFLICT DO NOTHING", "$time", "$count", "$lines");
        _sent = StateWriter.Prepare(connection, "DELETE FROM series_minutes WHERE time <= $time RETURNING count", "$time");
        _oldest = StateWriter.Prepare(connection, "DELETE FROM series_minutes WHERE time = (SELECT min(time) FROM series_minutes) RETURNING count");
        Kept = new MinutesKept(StateSchema.Scalar(connection, "SELECT coalesce(sum(count), 0) FROM series_minutes"), 0);
    }

    /// <summary>As last committed.</summary>
    public MinutesKept Kept { get; set; }

    /// <param name="after">Minutes that ended up to this position are there already, or were.</param>
    /// <param name="sent">Those up to this time are stored elsewhere, Unix ms.</param>
    /// <returns>What is kept once the transaction is committed.</returns>
    public MinutesKept Change(IReadOnlyList<SeriesMinute> minutes, long after, long sent, SqliteTransaction transaction)
    {
        var kept = Kept;
        foreach (var minute in minutes.Where(minute => minute.Position > after))
            kept = kept with { Lines = kept.Lines + (StateWriter.Run(_insert, transaction, minute.Time, minute.Count, minute.Lines) * minute.Count) };
        if (sent > _removed)
            kept = kept with { Lines = kept.Lines - Remove(_sent, transaction, sent) };
        _removed = sent;
        while (kept.Lines > _maxLines)
        {
            var oldest = Remove(_oldest, transaction);
            kept = new MinutesKept(kept.Lines - oldest, kept.Dropped + oldest);
        }
        return kept;
    }

    public void Dispose()
    {
        foreach (var command in (SqliteCommand[])[_insert, _sent, _oldest])
            command.Dispose();
    }

    private static long Remove(SqliteCommand command, SqliteTransaction transaction, params ReadOnlySpan<object?> values)
    {
        command.Transaction = transaction;
        for (var i = 0; i < values.Length; i++)
            command.Parameters[i].Value = values[i];
        using var rows = command.ExecuteReader();
        var lines = 0L;
        while (rows.Read())
            lines += rows.GetInt64(0);
        return lines;
    }
}
