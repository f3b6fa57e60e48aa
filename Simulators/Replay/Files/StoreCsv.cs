using Telemetry.Rules.Families;

namespace Telemetry.Simulators.Replay.Files;

/// <summary>CSV of the store's export: a value a row, by event time.</summary>
internal static class StoreCsv
{
    private static readonly string[] Columns = ["time", "family", "device", "channel", "value", "state", "quality", "seq"];

    public static IEnumerable<RecordedReading> Read(string file, FamilySet families, Action<BadRow> bad) => ValueRows.Group(Rows(file, families, bad));

    private static IEnumerable<ValueRow> Rows(string file, FamilySet families, Action<BadRow> bad)
    {
        using var rows = new CsvRows(file, ',', 0, bad);
        var at = Columns.Select(name => rows.Headers.ToList().IndexOf(name)).ToArray();
        if (at.Contains(-1))
            throw new RecordingException($"{file}: the header has no {string.Join(", ", Columns.Where((_, i) => at[i] < 0))}; a CSV of export (without --every) would be right, or --map for columns of your own");
        while (rows.Read())
        {
            var row = new StoreValue(rows[at[0]], rows[at[1]], rows[at[2]], rows[at[3]], rows[at[4]], rows[at[5]], rows[at[6]], rows[at[7]]).ToRow(families, out var problem);
            if (problem is not null)
                rows.Fail(problem);
            if (row is not null)
                yield return row;
        }
    }
}
