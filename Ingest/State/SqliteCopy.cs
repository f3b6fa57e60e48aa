using Microsoft.Data.Sqlite;
using Telemetry.Ingest.Backup;

namespace Telemetry.Ingest.State;

/// <summary>A consistent copy of a SQLite database that somebody may be writing, by SQLite's own backup.</summary>
internal static class SqliteCopy
{
    private static ReadOnlySpan<byte> Magic => "SQLite format 3\0"u8;

    public static bool IsDatabase(string path)
    {
        Span<byte> begin = stackalloc byte[16];
        using var file = File.OpenHandle(path, share: FileShare.ReadWrite | FileShare.Delete);
        return RandomAccess.Read(file, begin, 0) == begin.Length && begin.SequenceEqual(Magic);
    }

    /// <exception cref="IOException">It can't be read, or is damaged.</exception>
    public static void Run(string from, string to)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(to)!);
        try
        {
            using (var source = Open(from, SqliteOpenMode.ReadOnly))
            using (var target = Open(to, SqliteOpenMode.ReadWriteCreate))
            {
                source.BackupDatabase(target);
                // One file, whatever the source's journal is.
                using var command = target.CreateCommand();
                command.CommandText = "PRAGMA journal_mode = DELETE";
                command.ExecuteNonQuery();
                command.CommandText = "PRAGMA quick_check(1)";
                if (command.ExecuteScalar() is not "ok" and var what)
                    throw new IOException($"{from} is damaged ({what}): the service rebuilds it at its next start (docs/operating.md, Damage)");
            }
            using var file = new FileStream(to, FileMode.Open, FileAccess.ReadWrite);
            file.Flush(flushToDisk: true);
            HashedCopy.KeepMode(from, to);
        }
        catch (SqliteException error)
        {
            throw new IOException($"{from} can't be copied: {error.Message}", error);
        }
    }

    /// <summary>What a notify.db has told stands in a log of another name from now on.</summary>
    public static void RenameLog(string outbox, string log)
    {
        using var connection = Open(outbox, SqliteOpenMode.ReadWrite);
        using var command = connection.CreateCommand();
        command.CommandText = "UPDATE place SET log = $log";
        command.Parameters.AddWithValue("$log", log);
        command.ExecuteNonQuery();
    }

    private static SqliteConnection Open(string path, SqliteOpenMode mode)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Mode = mode, Pooling = false }.ToString());
        connection.Open();
        return connection;
    }
}
