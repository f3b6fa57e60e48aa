using System.Globalization;
using System.Text.Unicode;
using CsvHelper;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Devices;

/// <param name="Line">Of the file, from 1; the header is line 1.</param>
public sealed record ImportError(int Line, string Message)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"line {Line}: {Message}");
}

/// <summary>All devices of a file, or everything that is wrong with it: a file with one bad row is not applied at all.</summary>
public sealed record DeviceImport(IReadOnlyList<Device> Devices, IReadOnlyList<ImportError> Errors);

/// <summary>
/// Reads a register file: UTF-8 with or without a byte order mark, commas, RFC 4180 quotes. Headers are the names of the device's fields,
/// <c>settings.high_level</c>, <c>links.gauge</c>; an empty cell is a field not given. <c>sensors</c> is a list in one cell: <c>24E1…=milesight-vs330 5; 24E2…</c>.
/// </summary>
public sealed class DeviceCsv(DeviceValidator validator, WireIdClaims claims)
{
    private static readonly string[] Fields =
        ["id", "family", "model", "gateway", "district", "street", "latitude", "longitude", "address", "parent", "heartbeat", "state", "sensors"];

    public DeviceImport Read(ReadOnlyMemory<byte> file)
    {
        if (NotUtf8(file.Span) is { } error)
            return new DeviceImport([], [error]);
        var errors = new List<ImportError>();
        var devices = new List<Device>();
        using var rows = CsvReader.Create(file, Options(errors));
        if (rows.Headers.Count == 0)
            errors.Add(new ImportError(1, $"the file is empty: a header line of {string.Join(", ", Fields)} would be right"));
        else if (CheckHeader(rows.Headers, errors))
            ReadRows(rows, devices, errors);
        return errors.Count == 0 ? new DeviceImport(devices, []) : new DeviceImport([], [.. errors.OrderBy(each => each.Line)]);
    }

    private void ReadRows(CsvReader rows, List<Device> devices, List<ImportError> errors)
    {
        var header = rows.Headers;
        var lines = new Dictionary<string, int>(StringComparer.Ordinal);
        while (rows.Read())
        {
            var line = (int)rows.LineNumber;
            // Its quotes are wrong, which has been reported: what its fields are is a guess.
            if (errors.Count > 0 && errors[^1].Line == line)
                continue;
            if (rows.FieldCount != header.Count)
            {
                errors.Add(new ImportError(line, $"{rows.FieldCount} fields: {header.Count}, as many as the header has, would be right"));
                continue;
            }
            var wrong = new List<DeviceError>();
            var device = DeviceOf(header, rows, wrong);
            wrong.AddRange(validator.Validate(device));
            errors.AddRange(wrong.Select(each => new ImportError(line, each.ToString())));
            if (!lines.TryAdd(device.Id, line))
                errors.Add(new ImportError(line, $"id \"{device.Id}\" stands on line {lines[device.Id]} already: one line per device would be right"));
            devices.Add(device);
        }
        foreach (var (index, error) in claims.Check(devices))
            errors.Add(new ImportError(lines[devices[index].Id], error.ToString()));
    }

    private static Device DeviceOf(IReadOnlyList<string> header, CsvReader row, List<DeviceError> wrong)
    {
        var device = new Device { Id = "", Family = "" };
        var settings = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var links = new SortedDictionary<string, string>(StringComparer.Ordinal);
        for (var i = 0; i < header.Count; i++)
        {
            if (!row.IsEmpty(i))
                device = With(device, header[i], row.GetString(i), settings, links, wrong);
        }
        return device with { Settings = settings, Links = links };
    }

    private static Device With(
        Device device, string field, string value, SortedDictionary<string, string> settings, SortedDictionary<string, string> links, List<DeviceError> wrong)
    {
        switch (field)
        {
            case "id": return device with { Id = value };
            case "family": return device with { Family = value };
            case "model": return device with { Model = value };
            case "gateway": return device with { Gateway = value };
            case "district": return device with { District = value };
            case "street": return device with { Street = value };
            case "latitude": return device with { Latitude = Degrees(field, value, wrong) };
            case "longitude": return device with { Longitude = Degrees(field, value, wrong) };
            case "address": return device with { Address = value };
            case "parent": return device with { Parent = value };
            case "heartbeat": return device with { Heartbeat = value };
            case "state": return device with { State = value };
            case "sensors": return device with { Sensors = Sensor.ReadList(value, wrong) };
            default:
                var dot = field.IndexOf('.', StringComparison.Ordinal);
                (field.StartsWith("settings", StringComparison.Ordinal) ? settings : links)[field[(dot + 1)..]] = value;
                return device;
        }
    }

    private static double? Degrees(string field, string value, List<DeviceError> wrong)
    {
        if (double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var degrees))
            return degrees;
        wrong.Add(new DeviceError(field, value, "decimal degrees such as 31.2304"));
        // In range, so that the same cell is not reported twice.
        return 0;
    }

    private static bool CheckHeader(IReadOnlyList<string> header, List<ImportError> errors)
    {
        var before = errors.Count;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var name in header)
        {
            if (!seen.Add(name))
                errors.Add(new ImportError(1, $"header \"{name}\" stands twice: once would be right"));
            else if (!IsField(name))
                errors.Add(new ImportError(1, $"header \"{name}\" is unknown: {string.Join(", ", Fields)}, settings.NAME, links.ROLE, separated by commas, would be right"));
        }
        foreach (var required in (string[])["id", "family"])
        {
            // After an unknown header it is probably that one, misspelt.
            if (errors.Count == before && !seen.Contains(required))
                errors.Add(new ImportError(1, $"header \"{required}\" is missing"));
        }
        return errors.Count == before;
    }

    private static bool IsField(string name) =>
        Fields.Contains(name)
        || (name.StartsWith("settings.", StringComparison.Ordinal) && name.Length > "settings.".Length)
        || (name.StartsWith("links.", StringComparison.Ordinal) && name.Length > "links.".Length);

    private static CsvReaderOptions Options(List<ImportError> errors) => new()
    {
        Separator = ',',
        TrimWhitespace = true,
        TrackLineNumbers = true,
        PoolStrings = true,
        // Otherwise one forgotten quote swallows the rest of the file, and its rows go unjudged.
        AllowLineBreaksInQuotes = false,
        OnMalformedRecord = bad => errors.Add(new ImportError((int)bad.LineNumber, $"{Problem(bad.Reason)}: a field in quotes that ends on its line, with \"\" for each quote in it, would be right")),
    };

    private static string Problem(CsvMalformedReason reason) => reason switch
    {
        CsvMalformedReason.StrayQuote => "a quote inside a field without quotes",
        CsvMalformedReason.TextAfterClosingQuote => "text after a closing quote",
        _ => "a quote that is not closed",
    };

    private static ImportError? NotUtf8(ReadOnlySpan<byte> file)
    {
        if (Utf8.IsValid(file))
            return null;
        var line = 1;
        while (file.IndexOf((byte)'\n') is >= 0 and var end && Utf8.IsValid(file[..(end + 1)]))
        {
            file = file[(end + 1)..];
            line++;
        }
        return new ImportError(line, "the file is not UTF-8 (GBK or GB18030, as Excel writes by default?): in Excel, \"Save As\" with type \"CSV UTF-8\" would be right");
    }
}
