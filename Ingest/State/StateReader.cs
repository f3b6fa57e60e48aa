using System.Text.Json;
using Microsoft.Data.Sqlite;

namespace Telemetry.Ingest.State;

/// <summary>Asks <c>state.db</c>, whoever writes it: each question on a read-only connection of its own, from any thread.</summary>
internal sealed class StateReader(string path) : IDisposable
{
    /// <summary>SQL function of a dead letter's sender, see <see cref="DeadLetterFilter.Sees"/>.</summary>
    public const string SeesSender = "sees_sender";

    private const int JournalPage = 1000;

    private readonly string _connection = new SqliteConnectionStringBuilder { DataSource = path, Mode = SqliteOpenMode.ReadOnly }.ToString();

    /// <exception cref="IOException">It is not there, or can't be read.</exception>
    public List<T> Query<T>(string sql, Func<SqliteDataReader, T> read, params ReadOnlySpan<(string Name, object Value)> parameters) => Query(sql, null, read, parameters);

    /// <param name="sees">Stands behind <see cref="SeesSender"/>.</param>
    /// <exception cref="IOException">It is not there, or can't be read.</exception>
    public List<T> Query<T>(string sql, Func<string?, bool>? sees, Func<SqliteDataReader, T> read, params ReadOnlySpan<(string Name, object Value)> parameters)
    {
        try
        {
            using var connection = new SqliteConnection(_connection);
            connection.Open();
            if (sees is not null)
                connection.CreateFunction(SeesSender, sees);
            return connection.Rows(sql, read, parameters);
        }
        catch (SqliteException error)
        {
            throw new IOException($"{path} can't be read: {error.Message}", error);
        }
    }

    /// <summary>Journal lines (with their alarm's JSON as of then) of a span of positions, both inclusive, in order.</summary>
    public IEnumerable<JournalRow> Journal(long from, long until = long.MaxValue)
    {
        // In pages: a reader that stays open over a long download would keep the write-ahead log from being reset.
        var (position, ordinal) = (from, -1);
        while (true)
        {
            var page = Query(
                "SELECT position, ordinal, line, alarm FROM journal WHERE (position, ordinal) > ($position, $ordinal) AND position <= $until ORDER BY position, ordinal LIMIT $limit",
                RowOf,
                ("$position", position),
                ("$ordinal", ordinal),
                ("$until", until),
                ("$limit", JournalPage));
            foreach (var row in page)
                yield return row;
            if (page.Count < JournalPage)
                yield break;
            (position, ordinal) = (page[^1].Position, page[^1].Ordinal);
        }
    }

    public static JournalRow RowOf(SqliteDataReader row) =>
        new(row.GetInt64(0), row.GetInt32(1), row.GetString(2), JsonSerializer.Deserialize(row.GetString(3), StateJson.Default.Alarm)!);

    public void Dispose()
    {
        using var pooled = new SqliteConnection(_connection);
        SqliteConnection.ClearPool(pooled);
    }
}
