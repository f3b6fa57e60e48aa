using Telemetry.Rules.Model;

namespace Telemetry.Ingest.State;

/// <summary>The journal of a data directory, and what is noted of how it came about. A service may be writing there.</summary>
internal sealed class RecordedJournal : IDisposable
{
    private readonly StateReader _reader;

    private RecordedJournal(StateReader reader)
    {
        _reader = reader;
        // First of all: whatever is read later holds up to here.
        Position = reader.Query("SELECT position FROM meta", row => row.GetInt64(0)).Single();
        // A database of an earlier version notes less.
        By = Has("journal_by")
            ? reader.Query("SELECT position, engine, duplicate_window FROM journal_by ORDER BY position", row => (row.GetInt64(0), new JournalBy(row.GetString(1), row.GetInt64(2))))
            : [];
        Families = Has("families")
            ? reader.Query(
                "SELECT family, hash, position, time FROM families ORDER BY position",
                row => new FamilyEntry(row.GetString(0), "", row.GetString(1)) { Position = row.GetInt64(2), Time = row.GetInt64(3) })
            : [];
    }

    /// <summary>The last entry of the log that is judged.</summary>
    public long Position { get; }

    /// <summary>From which position on it was written by whom, ascending.</summary>
    public IReadOnlyList<(long Position, JournalBy By)> By { get; }

    /// <summary>What took effect, without its text, ascending.</summary>
    public IReadOnlyList<FamilyEntry> Families { get; }

    /// <summary>From the first entry on, in order.</summary>
    public IEnumerable<JournalRow> Rows => _reader.Journal(0);

    /// <exception cref="IOException">It is not there, or can't be read.</exception>
    public static RecordedJournal Open(string path) => new(new StateReader(path));

    public void Dispose() => _reader.Dispose();

    private bool Has(string table) => _reader.Query("SELECT 1 FROM sqlite_master WHERE name = $name", _ => true, ("$name", table)).Count > 0;
}
