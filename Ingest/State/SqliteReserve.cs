using Microsoft.Data.Sqlite;

namespace Telemetry.Ingest.State;

/// <summary>
/// Room that a database keeps on the disk for itself: a write-ahead log longer than it is ever let grow, and at first as much in free pages. What little a full disk still brings, an alarm and the messages about it,
/// goes in there, so that who has to hear of the full disk is told.
/// </summary>
internal static class SqliteReserve
{
    /// <summary>Bytes. SQLite begins its log anew after 4 MiB where the file itself could take them; the rest is for what comes while it could not.</summary>
    private const int Size = 5 << 20;

    /// <summary>At each opening, since the log goes with the last connection. A disk that is full already gives none.</summary>
    public static void Hold(SqliteConnection connection)
    {
        try
        {
            StateSchema.Execute(connection, $"CREATE TABLE reserve (room BLOB); INSERT INTO reserve VALUES (zeroblob({Size})); DROP TABLE reserve;");
        }
        catch (SqliteException)
        {
            StateSchema.Execute(connection, "DROP TABLE IF EXISTS reserve");
        }
    }
}
