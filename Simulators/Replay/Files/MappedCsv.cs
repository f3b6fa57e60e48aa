using System.Globalization;
using System.Text.Json;

namespace Telemetry.Simulators.Replay.Files;

/// <summary>An engineer's own CSV. It is read whole and put in the order of its times: such files often come device by device.</summary>
internal static class MappedCsv
{
    public static IEnumerable<RecordedReading> Read(string file, CsvMapping mapping, Action<BadRow> bad) => ValueRows.Group(Rows(file, mapping, bad).OrderBy(row => row.Time));

    private static List<ValueRow> Rows(string file, CsvMapping mapping, Action<BadRow> bad)
    {
        using var rows = new CsvRows(file, mapping.Separator, mapping.Skip, bad);
        var columns = Columns(rows, mapping);
        var values = new List<ValueRow>();
        while (rows.Read())
        {
            var time = mapping.Time.Parse(rows[columns[mapping.Time.Column]], out var problem);
            if (time is null)
            {
                rows.Fail(problem!);
                continue;
            }
            var (family, device) = (NameOf(mapping.Family, rows, columns), NameOf(mapping.Device, rows, columns));
            foreach (var (name, cell) in Cells(rows, mapping, columns))
            {
                if (cell.Length == 0 || mapping.Missing.Contains(cell) || !mapping.Columns.TryGetValue(name, out var column))
                    continue;
                var value = Json(column, cell, mapping.DecimalMark);
                var (ofFamily, ofDevice) = (column.Family ?? family, column.Device ?? device);
                if (value is null)
                    rows.Fail($"column {name}: '{cell}' is {(column.Is is { } words ? $"not among {string.Join(", ", words.Keys)}" : NoNumber(cell, mapping.DecimalMark))}");
                else if (!ReplayTopic.IsLevel(ofFamily) || !ReplayTopic.IsLevel(ofDevice))
                    rows.Fail($"family '{ofFamily}', device '{ofDevice}': names without / + # would be right");
                else
                    values.Add(new ValueRow(time.Value, mapping.Gateway, ofFamily, ofDevice, column.Channel, value));
            }
        }
        if (mapping.Long is not null && values.Count == 0)
            throw new RecordingException($"{file}: no row's {mapping.Long.Name} is one of {string.Join(", ", mapping.Columns.Keys)}");
        return values;
    }

    /// <summary>By name; every name that the header lacks is said at once.</summary>
    private static Dictionary<string, int> Columns(CsvRows rows, CsvMapping mapping)
    {
        var wanted = new List<string?> { mapping.Time.Column, mapping.Family.Column, mapping.Device.Column };
        wanted.AddRange(mapping.Long is { } form ? [form.Name, form.Value] : mapping.Columns.Keys);
        var names = wanted.OfType<string>().Distinct().ToList();
        var lacking = names.Where(name => !rows.Headers.Contains(name)).ToList();
        return lacking.Count == 0
            ? names.ToDictionary(name => name, name => rows.Headers.ToList().IndexOf(name), StringComparer.Ordinal)
            : throw new RecordingException($"{rows.File}: the header has no {string.Join(", ", lacking)}; it has {string.Join(", ", rows.Headers)}");
    }

    private static IEnumerable<(string Name, string Cell)> Cells(CsvRows rows, CsvMapping mapping, Dictionary<string, int> columns) =>
        mapping.Long is { } form
            ? [(rows[columns[form.Name]], rows[columns[form.Value]])]
            : mapping.Columns.Keys.Select(name => (name, rows[columns[name]]));

    private static string NameOf(Named named, CsvRows rows, Dictionary<string, int> columns)
    {
        if (named.Column is null)
            return named.Constant!;
        var cell = rows[columns[named.Column]];
        return named.Is.GetValueOrDefault(cell, cell);
    }

    private static string NoNumber(string cell, char decimalMark) =>
        decimalMark == '.' && cell.Count(each => each == ',') == 1 && double.TryParse(cell.Replace(',', '.'), NumberStyles.Float, CultureInfo.InvariantCulture, out _)
            ? "no number; where the comma is a decimal one, write in the mapping: decimal: \",\""
            : "no number; mapping: is or missing could say what it means";

    private static string? Json(ChannelColumn column, string cell, char decimalMark)
    {
        if (column.Is is { } words)
            return words.GetValueOrDefault(cell);
        var text = decimalMark == '.' ? cell : cell.Replace(decimalMark, '.');
        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number)
            ? JsonSerializer.Serialize(Tidy((number * column.Times) + column.Plus))
            : null;
    }

    // 102.9 cm are 1.029 m, and not 1.0290000000000001: no sensor has thirteen digits.
    private static double Tidy(double number) => double.Parse(number.ToString("G12", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
}
