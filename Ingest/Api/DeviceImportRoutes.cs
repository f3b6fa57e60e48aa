using System.Net.Http.Headers;
using Telemetry.Ingest.Devices;
using Telemetry.Ingest.Security;

namespace Telemetry.Ingest.Api;

/// <summary>The register from a file.</summary>
public static class DeviceImportRoutes
{
    /// <summary>Some million devices of a CSV, a quarter of that as GeoJSON; more go in several files.</summary>
    private const long MaxImport = 128 << 20;

    /// <param name="Devices">In the file.</param>
    /// <param name="Unchanged">Left alone: the register says the same already.</param>
    /// <param name="Converted">Places converted to WGS 84.</param>
    /// <param name="Fields">How many of the changed devices get another value, by field.</param>
    /// <param name="Dry">Nothing was written.</param>
    public sealed record ImportAnswer(int Devices, int Added, int Changed, int Unchanged, int Converted, IReadOnlyDictionary<string, int> Fields, bool Dry);

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/devices/import", ImportAsync)
            .Needs(Role.Engineer).Keeps(ScopeRule.Within)
            .Takes(
                new QueryParameter("by", "Who does it. With users it is the user: left out, or the same name. Without: default operator."),
                new QueryParameter("datum", "What coordinates refer to where a row does not say: wgs84 (default), or gcj02, which is converted."),
                new QueryParameter("dry", "true: says what would be added and changed, and writes nothing."))
            .WithMetadata(new AcceptsFile(MaxImport, DeviceImporter.Csv, DeviceImporter.GeoJson))
            .WithSummary("Creates the devices of a CSV or GeoJSON file, and changes what it says of those that are there: all of them, or none if a row is wrong.")
            .Accepts<string>(DeviceImporter.Csv, DeviceImporter.GeoJson).Produces<ImportAnswer>();

    private static async Task<ImportAnswer> ImportAsync(HttpContext context, RegisterImport register)
    {
        var type = MediaTypeHeaderValue.Parse(context.Request.ContentType!).MediaType!;
        var by = Operator.Of(context, Query.Text(context, "by"));
        var datum = Query.OneOf(context, "datum", "wgs84", "gcj02");
        var dry = Query.Flag(context, "dry");
        using var file = new MemoryStream((int)(context.Request.ContentLength ?? 0));
        await context.Request.Body.CopyToAsync(file, context.RequestAborted);
        var (import, changes) = await register.RunAsync(type, file.GetBuffer().AsMemory(0, (int)file.Length), datum, by, Caller.Of(context).Scope, dry, context.RequestAborted);
        return changes is null
            ? throw Refused(import)
            : new ImportAnswer(import.Devices.Count, changes.Added, changes.Changed, changes.Unchanged, import.Converted, changes.Fields, dry);
    }

    private static ApiException Refused(DeviceImport import)
    {
        var first = import.Errors[0];
        return ApiException.BadRequest("bad_rows", $"nothing was imported: {import.Errors.Count} errors, the first in {(first.Number == 0 ? "the file itself" : $"{import.Unit} {first.Number}")}: {first.Message}")
            .With("rows", import.Errors.Select(each => new Dictionary<string, object?> { [import.Unit] = each.Number, ["id"] = each.Id, ["message"] = each.Message }));
    }
}
