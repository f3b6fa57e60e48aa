using DuckDB.NET.Data;
using Telemetry.Rules.Families;

namespace Telemetry.Simulators.Replay.Files;

/// <summary>Parquet of the store's export: a value a row, by event time. DuckDB has written it, and DuckDB reads it, row after row in bounded memory.</summary>
internal static class StoreParquet
{
    private static readonly string[] Columns = ["time", "family", "device", "channel", "value", "state", "quality", "seq"];

    public static IEnumerable<RecordedReading> Read(string file, FamilySet families, Action<BadRow> bad) => ValueRows.Group(Rows(file, families, bad));

    private static IEnumerable<ValueRow> Rows(string file, FamilySet families, Action<BadRow> bad)
    {
        using var connection = new DuckDBConnection("Data Source=:memory:");
        connection.Open();
        using var rows = Open(connection, file);
        for (var number = 1L; rows.Read(); number++)
        {
            var row = new StoreValue(Text(0), Text(1), Text(2), Text(3), Text(4), Text(5), Text(6), Text(7)).ToRow(families, out var problem);
            if (problem is not null)
                bad(new BadRow(file, number, problem));
            if (row is not null)
                yield return row;
        }

        string? Text(int column) => rows.IsDBNull(column) ? null : rows.GetString(column);
    }

    private static DuckDBDataReader Open(DuckDBConnection connection, string file)
    {
        // Opened once by ourselves: what is wrong with the file is then said as of any other.
        RecordingFile.Open(file).Dispose();
        var source = $"read_parquet('{file.Replace("'", "''", StringComparison.Ordinal)}')";
        try
        {
            using var command = connection.CreateCommand();
            command.CommandText = $"SELECT column_name FROM (DESCRIBE SELECT * FROM {source})";
            var names = new List<string>();
            using (var found = command.ExecuteReader())
            {
                while (found.Read())
                    names.Add(found.GetString(0));
            }
            if (Columns.Except(names).ToList() is { Count: > 0 } lacking)
                throw new RecordingException($"{file}: has no {string.Join(", ", lacking)}; a Parquet file of export (without --every) would be right");
            command.UseStreamingMode = true;
            command.CommandText = $"SELECT epoch_ms(time)::VARCHAR, {string.Join(", ", Columns[1..].Select(name => $"{name}::VARCHAR"))} FROM {source}";
            return command.ExecuteReader();
        }
        catch (DuckDBException problem)
        {
            throw new RecordingException($"{file}: {problem.Message}");
        }
    }
}
