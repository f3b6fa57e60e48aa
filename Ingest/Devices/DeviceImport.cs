using System.Text.Unicode;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Devices;

/// <param name="Number">Of a CSV file the line, from 1 (the header); of a GeoJSON file the feature, from 1; 0 for the file itself.</param>
/// <param name="Id">The device's, where it is known.</param>
public sealed record ImportError(int Number, string? Id, string Message);

/// <param name="Device">What the row says, as of a new device.</param>
/// <param name="Said">Fields that the row says something of, be it that there is none; <c>settings</c>, <c>links</c> for all of them.</param>
/// <param name="Datum">Of its coordinates; null where the row says nothing.</param>
/// <param name="Wrong">What could not be read.</param>
public sealed record ImportRow(int Number, Device Device, IReadOnlySet<string> Said, string? Datum, IReadOnlyList<DeviceError> Wrong)
{
    /// <summary>The device as it will stand: what the row is silent about stays as the register has it.</summary>
    public Device Over(Device known)
    {
        // The two belong together; one that is left out is missing, and not the register's.
        var isPlace = Said.Contains("latitude") || Said.Contains("longitude");
        // Whoever enters what came by itself adopts it.
        var isState = Said.Contains("state") || known.State == "provisional";
        return Device with
        {
            Model = Said.Contains("model") ? Device.Model : known.Model,
            Gateway = Said.Contains("gateway") ? Device.Gateway : known.Gateway,
            District = Said.Contains("district") ? Device.District : known.District,
            Street = Said.Contains("street") ? Device.Street : known.Street,
            Latitude = isPlace ? Device.Latitude : known.Latitude,
            Longitude = isPlace ? Device.Longitude : known.Longitude,
            Address = Said.Contains("address") ? Device.Address : known.Address,
            Parent = Said.Contains("parent") ? Device.Parent : known.Parent,
            Heartbeat = Said.Contains("heartbeat") ? Device.Heartbeat : known.Heartbeat,
            State = isState ? Device.State : known.State,
            StateUntil = isState || Said.Contains("stateUntil") ? Device.StateUntil : known.StateUntil,
            StateReason = isState || Said.Contains("stateReason") ? Device.StateReason : known.StateReason,
            Exercise = isState ? null : known.Exercise,
            Settings = Over("settings", Device.Settings, known.Settings),
            Links = Over("links", Device.Links, known.Links),
            Sensors = Said.Contains("sensors") ? Device.Sensors : known.Sensors,
        };
    }

    private IReadOnlyDictionary<string, string> Over(string group, IReadOnlyDictionary<string, string> row, IReadOnlyDictionary<string, string> known)
    {
        if (Said.Contains(group))
            return row;
        var kept = known.Where(one => !Said.Contains($"{group}.{one.Key}")).ToList();
        return row.Count == 0 && kept.Count == known.Count
            ? known
            : new SortedDictionary<string, string>(row.Concat(kept).ToDictionary(StringComparer.Ordinal), StringComparer.Ordinal);
    }
}

/// <param name="Unit">What <see cref="ImportRow.Number"/> counts: <c>line</c> or <c>feature</c>.</param>
public sealed record ImportFile(string Unit, IReadOnlyList<ImportRow> Rows, IReadOnlyList<ImportError> Errors);

/// <summary>All devices of a file, in WGS 84, or everything that is wrong with it: a file with one bad row is not applied at all.</summary>
/// <param name="Converted">Devices whose place was converted to WGS 84.</param>
public sealed record DeviceImport(IReadOnlyList<Device> Devices, int Converted, string Unit, IReadOnlyList<ImportError> Errors)
{
    /// <summary>What stands in the file, be it right or wrong.</summary>
    public IReadOnlyList<Device> Rows { get; init; } = [];
}

/// <summary>Judges what a file of any format holds.</summary>
public sealed class DeviceImporter(DeviceValidator validator, RegisterConflicts conflicts, TimeProvider time)
{
    public const string Csv = "text/csv", GeoJson = "application/geo+json";

    /// <param name="type">One of the two.</param>
    /// <param name="datum">Of the rows that say none themselves; null for WGS 84.</param>
    /// <param name="find">The device of an id as the register has it; null for none that whoever imports may see.</param>
    public DeviceImport Read(string type, ReadOnlyMemory<byte> file, string? datum, Func<string, Device?> find)
    {
        if (NotUtf8(file.Span) is { } error)
            return new DeviceImport([], 0, "line", [error]);
        if (file.Span.StartsWith("\uFEFF"u8))
            file = file[3..];
        return Judge(type == Csv ? DeviceCsv.Read(file) : DeviceGeoJson.Read(file.Span), datum, find);
    }

    private DeviceImport Judge(ImportFile file, string? datum, Func<string, Device?> find)
    {
        var errors = file.Errors.ToList();
        var devices = new List<Device>(file.Rows.Count);
        var numbers = new Dictionary<string, int>(file.Rows.Count, StringComparer.Ordinal);
        var converted = 0;
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        foreach (var row in file.Rows)
        {
            // Of another family it is refused; what it had there says nothing here.
            var known = find(row.Device.Id) is { } found && found.Family == row.Device.Family ? found : null;
            // Before the register's place comes in: that one is in WGS 84 already.
            var placed = Datum.ToWgs84(row.Device, row.Datum ?? datum, out var shifted);
            var said = row with { Device = placed ?? row.Device };
            var device = known is null ? said.Device : said.Over(known);
            var wrong = row.Wrong.Concat(validator.Validate(device)).ToList();
            if (placed is null)
                wrong.Add(new DeviceError("datum", row.Datum ?? datum, Datum.Expected));
            converted += shifted ? 1 : 0;
            // Both belong to one decision: one message.
            if (string.Join("; ", DeviceValidator.ValidateMode(device, now)) is { Length: > 0 } mode)
                errors.Add(new ImportError(row.Number, row.Device.Id, mode));
            errors.AddRange(wrong.Select(each => new ImportError(row.Number, row.Device.Id, each.ToString())));
            if (!numbers.TryAdd(row.Device.Id, row.Number) && row.Device.Id.Length > 0)
                errors.Add(new ImportError(row.Number, row.Device.Id, $"id \"{row.Device.Id}\" stands on {file.Unit} {numbers[row.Device.Id]} already: once would be right"));
            devices.Add(device);
        }
        foreach (var (index, error) in conflicts.Check(devices))
            errors.Add(new ImportError(file.Rows[index].Number, devices[index].Id, error.ToString()));
        return errors.Count == 0
            ? new DeviceImport(devices, converted, file.Unit, []) { Rows = devices }
            : new DeviceImport([], 0, file.Unit, [.. errors.OrderBy(each => each.Number)]) { Rows = devices };
    }

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
        return new ImportError(line, null, "the file is not UTF-8 (GBK or GB18030, as Excel writes by default?): in Excel, \"Save As\" with type \"CSV UTF-8\" would be right");
    }
}
