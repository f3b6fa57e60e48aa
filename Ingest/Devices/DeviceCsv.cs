using CsvHelper;

namespace Telemetry.Ingest.Devices;

/// <summary>
/// Reads a register file: UTF-8 with or without a byte order mark, commas, RFC 4180 quotes. Headers are the names of the device's fields,
/// <c>settings.high_level</c>, <c>links.gauge</c>; an empty cell is a field that the device has not. <c>sensors</c> is a list in one cell: <c>24E1…=milesight-vs330 5; 24E2…</c>.
/// </summary>
public static class DeviceCsv
{
    public static ImportFile Read(ReadOnlyMemory<byte> file)
    {
        var errors = new List<ImportError>();
        var devices = new List<ImportRow>();
        using var rows = CsvReader.Create(file, Options(errors));
        if (rows.Headers.Count == 0)
            errors.Add(new ImportError(1, null, $"the file is empty: a header line of {string.Join(", ", DeviceFields.Names)} would be right"));
        else if (CheckHeader(rows.Headers, errors))
            ReadRows(rows, devices, errors);
        return new ImportFile("line", devices, errors);
    }

    private static void ReadRows(CsvReader rows, List<ImportRow> devices, List<ImportError> errors)
    {
        var header = rows.Headers;
        var said = header.ToHashSet(StringComparer.Ordinal);
        while (rows.Read())
        {
            var line = (int)rows.LineNumber;
            // Its quotes are wrong, which has been reported: what its fields are is a guess.
            if (errors.Count > 0 && errors[^1].Number == line)
                continue;
            if (rows.FieldCount != header.Count)
            {
                errors.Add(new ImportError(line, null, $"{rows.FieldCount} fields: {header.Count}, as many as the header has, would be right"));
                continue;
            }
            var fields = new DeviceFields { Said = said };
            for (var i = 0; i < header.Count; i++)
            {
                if (!rows.IsEmpty(i))
                    fields.Set(header[i], rows.GetString(i));
            }
            devices.Add(fields.ToRow(line));
        }
    }

    private static bool CheckHeader(IReadOnlyList<string> header, List<ImportError> errors)
    {
        var before = errors.Count;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var name in header)
        {
            if (!seen.Add(name))
                errors.Add(new ImportError(1, null, $"header \"{name}\" stands twice: once would be right"));
            else if (!DeviceFields.IsField(name))
                errors.Add(new ImportError(1, null, $"header \"{name}\" is unknown: {DeviceFields.Expected}, separated by commas, would be right"));
        }
        foreach (var required in (string[])["id", "family"])
        {
            // After an unknown header it is probably that one, misspelt.
            if (errors.Count == before && !seen.Contains(required))
                errors.Add(new ImportError(1, null, $"header \"{required}\" is missing"));
        }
        return errors.Count == before;
    }

    private static CsvReaderOptions Options(List<ImportError> errors) => new()
    {
        Separator = ',',
        TrimWhitespace = true,
        TrackLineNumbers = true,
        PoolStrings = true,
        // Otherwise one forgotten quote swallows the rest of the file, and its rows go unjudged.
        AllowLineBreaksInQuotes = false,
        OnMalformedRecord = bad => errors.Add(new ImportError((int)bad.LineNumber, null, $"{Problem(bad.Reason)}: a field in quotes that ends on its line, with \"\" for each quote in it, would be right")),
    };

    private static string Problem(CsvMalformedReason reason) => reason switch
    {
        CsvMalformedReason.StrayQuote => "a quote inside a field without quotes",
        CsvMalformedReason.TextAfterClosingQuote => "text after a closing quote",
        _ => "a quote that is not closed",
    };
}
