using System.Globalization;
using Telemetry.Ingest.Devices;
using Telemetry.Ingest.Hosting;
using Telemetry.Ingest.Security;
using Telemetry.Ingest.Store;
using Telemetry.Rules.Families;

namespace Telemetry.Ingest.Api;

/// <summary>Readings of many devices as one file.</summary>
public static class ExportRoutes
{
    /// <summary>Header of an answer: the rows in it.</summary>
    public const string Rows = "Telemetry-Rows";

    private const long Day = 86_400_000;

    /// <summary>The file is made on the disk that the log needs more.</summary>
    private const long LeastFree = 2L << 30;

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/export", AnswerAsync)
            .Needs(Role.Viewer).Keeps(ScopeRule.Within)
            .Takes(
                new QueryParameter("from", "Event time, inclusive: RFC 3339 or Unix ms.", Required: true),
                new QueryParameter("to", "Event time, exclusive, at most 24 h after `from` (400 d with every of 1m, 1h or 1d).", Required: true),
                new QueryParameter("format", "parquet, csv or jsonl; default parquet."),
                new QueryParameter("family", "Only this family."),
                new QueryParameter("district", "Only devices that are in this district now."),
                new QueryParameter("device", "Only this device."),
                new QueryParameter("channel", "Only this channel: with its instance, or without for all instances."),
                new QueryParameter("every", "10s, 1m, 1h or 1d: buckets {time, min, mean, max, last, lastState, count} aligned to the epoch (UTC) instead of values."))
            .WithSummary("Readings of the embedded store as a file, by event time. The header Telemetry-Rows says how many.")
            .Produces(StatusCodes.Status200OK, contentType: "application/vnd.apache.parquet", additionalContentTypes: ["text/csv", "application/x-ndjson"]);

    private static async Task AnswerAsync(HttpContext context, IEnumerable<ISeriesStore> stores, DeviceDirectory devices, FamilyCatalog families, ServiceOptions options, TimeProvider time)
    {
        var store = stores.OfType<DuckDbStore>().FirstOrDefault()
            ?? throw new ApiException(StatusCodes.Status501NotImplemented, "no_embedded_store", "export reads the embedded store; --Store:Kinds names none: add duckdb to it, or ask InfluxDB itself");
        var export = Read(context, devices, families);
        var directory = Directory.CreateDirectory(Path.Combine(options.DataPath, "exports")).FullName;
        if (new DriveInfo(directory).AvailableFreeSpace is var free and < LeastFree)
            throw new ApiException(StatusCodes.Status507InsufficientStorage, "disk_low", string.Create(CultureInfo.InvariantCulture, $"{free >> 20} MiB are free where {options.DataPath} is; an export wants {LeastFree >> 20}"));
        // What a service that was killed has left behind.
        foreach (var old in Directory.EnumerateFiles(directory).Where(old => File.GetLastWriteTimeUtc(old) < time.GetUtcNow().UtcDateTime.AddDays(-1)))
            File.Delete(old);
        var file = Path.Combine(directory, context.TraceIdentifier.Replace(':', '-'));
        try
        {
            var rows = await store.ExportAsync(export, file, context.RequestAborted);
            context.Response.ContentType = export.Format switch { ExportFormat.Csv => "text/csv; charset=utf-8", ExportFormat.Jsonl => "application/x-ndjson", _ => "application/vnd.apache.parquet" };
            context.Response.Headers[Rows] = rows.ToString(CultureInfo.InvariantCulture);
            context.Response.Headers.Vary = "Accept-Encoding";
            if (export.Gzipped)
                context.Response.Headers.ContentEncoding = "gzip";
            await context.Response.SendFileAsync(file, context.RequestAborted);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static ReadingExport Read(HttpContext context, DeviceDirectory devices, FamilyCatalog families)
    {
        var (from, to) = (Query.Time(context, "from")!.Value, Query.Time(context, "to")!.Value);
        var every = Query.OneOf(context, "every", "10s", "1m", "1h", "1d") is { } width ? ReadingRoutes.Milliseconds(width) : (long?)null;
        if (from > to)
            throw ApiException.BadRequest("bad_parameter", "from is after to");
        if (to - from > (every >= 60_000 ? 400 * Day : Day))
            throw ApiException.BadRequest("bad_parameter", "from and to are more than 24 h apart (400 d with every of 1m, 1h or 1d): ask day by day, as the command export does");
        var family = Query.Text(context, "family");
        if (family is not null && families.Find(family) is null)
            throw ApiException.BadRequest("unknown_family", $"'{family}' is not a family; known: {string.Join(", ", families.All.Select(known => known.Name))}");
        var channel = Query.Text(context, "channel");
        var asked = Asked(family, Query.Text(context, "device"), devices, families).ToList();
        if (channel is not null && !asked.Exists(known => Has(known, channel)))
            throw UnknownChannel.Of(channel, asked);
        var format = Query.OneOf(context, "format", "parquet", "csv", "jsonl") switch { "csv" => ExportFormat.Csv, "jsonl" => ExportFormat.Jsonl, _ => ExportFormat.Parquet };
        var isGzipped = format != ExportFormat.Parquet && context.Request.Headers.AcceptEncoding.ToString().Contains("gzip", StringComparison.OrdinalIgnoreCase);
        return new ReadingExport(format, from, to, family, DevicesOf(context, devices), channel, every, isGzipped);
    }

    /// <summary>The families whose readings the filters leave.</summary>
    private static IEnumerable<Family> Asked(string? family, string? device, DeviceDirectory devices, FamilyCatalog families)
    {
        var only = family ?? (device is null ? null : devices.Find(device)?.Family);
        return families.All.Where(known => only is null || known.Name == only);
    }

    /// <summary>With its instance or without.</summary>
    private static bool Has(Family family, string channel) => family.Find(channel) is not null || family.Channels.Any(known => known.Name == channel);

    private static IReadOnlyCollection<string>? DevicesOf(HttpContext context, DeviceDirectory devices)
    {
        var (id, district) = (Query.Text(context, "device"), Query.Text(context, "district"));
        if (id is not null)
            DeviceRoutes.Find(id, context, devices);
        var scope = Caller.Of(context).Scope;
        if (district is null && (id is not null || scope.IsCity))
            return id is null ? null : [id];
        return [.. devices.All.Where(device => scope.Sees(device) && (district is null || device.District == district) && (id is null || device.Id == id)).Select(device => device.Id)];
    }
}
