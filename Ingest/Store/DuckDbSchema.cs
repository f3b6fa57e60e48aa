using DuckDB.NET.Data;

namespace Telemetry.Ingest.Store;

/// <summary>What stands in <c>series.duckdb</c>, and how its connections are set.</summary>
internal static class DuckDbSchema
{
    private const int Version = 1;

    // No keys and no index on readings: an index would cost more than the insert itself, and a row group's minima and maxima already let
    // a query by time skip what it does not need.
    private const string Create = """
        BEGIN;
        CREATE TABLE IF NOT EXISTS meta (schema INTEGER NOT NULL, position BIGINT NOT NULL);
        INSERT INTO meta SELECT 1, 0 WHERE NOT EXISTS (FROM meta);
        CREATE TABLE IF NOT EXISTS series (id INTEGER NOT NULL, family VARCHAR NOT NULL, device VARCHAR NOT NULL, channel VARCHAR NOT NULL);
        CREATE TABLE IF NOT EXISTS readings (
            series INTEGER NOT NULL, time BIGINT NOT NULL, received BIGINT NOT NULL, kind UTINYINT NOT NULL,
            number DOUBLE, state VARCHAR, quality UTINYINT NOT NULL, sequence BIGINT);
        COMMIT;
        """;

    // Where points older than the duplicate window wait for their look-up, within the writer's transaction.
    private const string CreateCandidates = "CREATE TEMP TABLE candidates AS SELECT *, 0::BIGINT AS ordinal FROM readings LIMIT 0";

    // Half a gigabyte, and no thread but that of who asks: the service shares its machine with the log and the rules, which matter more; and a second
    // thread costs each insert a tenth more processor time, in which the first one asks again and again whether it is done.
    private const string Settings = "SET memory_limit = '512MB'; SET threads = 1";

    public static DuckDBConnection Connect(string path)
    {
        var connection = new DuckDBConnection($"Data Source={path}");
        try
        {
            connection.Open();
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>The writer's connection: settings, tables, and the series known so far.</summary>
    /// <exception cref="InvalidDataException">The file was written by a newer version.</exception>
    public static DuckDBConnection OpenWriter(string path, SeriesIds series, out long position)
    {
        var connection = Connect(path);
        try
        {
            Execute(connection, Settings);
            Execute(connection, Create);
            Execute(connection, CreateCandidates);
            position = ReadMeta(connection, path);
            using var command = connection.CreateCommand();
            command.CommandText = "SELECT id, family, device, channel FROM series";
            using var rows = command.ExecuteReader();
            while (rows.Read())
                series.Load(rows.GetInt32(0), new SeriesKey(rows.GetString(1), rows.GetString(2), rows.GetString(3)));
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    // Of a file that another process holds, a disk that is full or a version that is newer it says other things.
    private static readonly string[] Damaged = ["not a valid DuckDB database file", "Corrupt database file", "does not match stored checksum", "Could not read enough bytes", "Serialization Error", "Failed to load metadata", "INTERNAL Error", "Could not read all required bytes", "corrupt"];

    /// <summary>The file itself is damaged, and will be at the next attempt.</summary>
    public static bool SaysDamaged(DuckDBException error) => Damaged.Any(said => error.Message.Contains(said, StringComparison.OrdinalIgnoreCase));

    public static void Execute(DuckDBConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private static long ReadMeta(DuckDBConnection connection, string path)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT schema, position FROM meta";
        using var row = command.ExecuteReader();
        row.Read();
        var schema = row.GetInt32(0);
        if (schema > Version)
            throw new InvalidDataException($"{path} has schema {schema}; this version knows schemas up to {Version}. Run the newer version, or move the file away to have the series rebuilt from the log.");
        return row.GetInt64(1);
    }
}
