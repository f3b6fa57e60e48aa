using System.Text.Json;
using Telemetry.Ingest.Devices;
using Telemetry.Ingest.Security;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Api;

/// <summary>The register: what the rules have processed of it, and changes to it through the log.</summary>
public static class DeviceRoutes
{
    /// <summary>Some 150,000 devices; more go in several files.</summary>
    private const long MaxImport = 16 << 20;

    private static readonly TimeSpan ImportPatience = TimeSpan.FromMinutes(2);

    /// <param name="Id">May be left out, else must be the one of the path.</param>
    /// <param name="StateUntil">When test or drill ends by itself: RFC 3339, 8 h from now at most.</param>
    /// <param name="StateReason">Why; with test and drill.</param>
    /// <param name="Settings">Texts such as <c>2.4 m</c>, or numbers.</param>
    /// <param name="Sensors">Wire id (devEui, IMEI, MN) to empty, a model, or a model and the instance that it reports: <c>milesight-vs330 5</c>.</param>
    public sealed record DeviceBody(
        string? Id, string? Family, string? Model, string? Gateway, string? District, string? Street, double? Latitude, double? Longitude,
        string? Address, string? Parent, string? Heartbeat, string? State, string? StateUntil, string? StateReason, Dictionary<string, JsonElement>? Settings, Dictionary<string, string>? Links,
        Dictionary<string, string>? Sensors);

    public sealed record Page(IReadOnlyList<Device> Items, string? Next);

    public sealed record ImportAnswer(int Devices);

    public static void Map(IEndpointRouteBuilder routes)
    {
        var by = new QueryParameter("by", "Who does it. With users it is the user: left out, or the same name. Without: default operator.");
        routes.MapGet("/devices", List)
            .Needs(Role.Viewer)
            .Takes(
                new QueryParameter("family", "Only this family."),
                new QueryParameter("district", "Only this district."),
                new QueryParameter("gateway", "Only behind this gateway."),
                new QueryParameter("state", "provisional, commissioning, test, drill or live."),
                new QueryParameter("limit", "At most so many, 1 to 100000; the answer is then {items, next}."),
                new QueryParameter("after", "`next` of the answer before."))
            .WithSummary("Devices, ascending by id.")
            .Produces<Device[]>();
        routes.MapGet("/devices/{id}", (string id, DeviceDirectory devices) => devices.Find(id) ?? throw Unknown(id))
            .Needs(Role.Viewer).Takes().WithSummary("One device.");
        routes.MapPut("/devices/{id}", PutAsync)
            .Needs(Role.Engineer).Takes(by).WithSummary("Creates or replaces a device, whole.")
            .Accepts<DeviceBody>("application/json").Produces<Device>();
        routes.MapPost("/devices/import", ImportAsync)
            .Needs(Role.Engineer).Takes(by).WithMetadata(new AcceptsFile(MaxImport, "text/csv")).WithSummary("Creates or replaces the devices of a CSV file: all of them, or none if a row is wrong.")
            .Accepts<string>("text/csv").Produces<ImportAnswer>();
    }

    private static ApiException Unknown(string id) => ApiException.NotFound("unknown_device", $"there is no device '{id}'");

    private static object List(HttpContext context, DeviceDirectory devices)
    {
        var family = Query.Text(context, "family");
        var district = Query.Text(context, "district");
        var gateway = Query.Text(context, "gateway");
        var state = Query.OneOf(context, "state", "provisional", "commissioning", "test", "drill", "live");
        var after = Query.Text(context, "after");
        var found = devices.All
            .Where(device => (family is null || device.Family == family)
                && (district is null || device.District == district)
                && (gateway is null || device.Gateway == gateway)
                && (state is null || device.State == state)
                && (after is null || string.CompareOrdinal(device.Id, after) > 0))
            .OrderBy(device => device.Id, StringComparer.Ordinal);
        if (Query.Limit(context) is not { } limit)
            return found;
        var page = found.Take(limit + 1).ToArray();
        return page.Length > limit ? new Page(page[..limit], page[limit - 1].Id) : new Page(page, null);
    }

    private static async Task<Device> PutAsync(
        string id, HttpContext context, DeviceDirectory devices, DeviceValidator validator, WireIdClaims claims, LogWriting log, TimeProvider time)
    {
        var body = await ApiJson.ReadAsync<DeviceBody>(context);
        var by = By(context);
        if (body.Id is not null && body.Id != id)
            throw ApiException.BadRequest("bad_device", $"id \"{body.Id}\": must be \"{id}\" as in the path, or left out");
        var device = ToDevice(id, body);
        var wrong = validator.Validate(device)
            .Concat(DeviceValidator.ValidateMode(device, time.GetUtcNow().ToUnixTimeMilliseconds()))
            .Concat(claims.Check([device]).Select(each => each.Error))
            .ToList();
        if (wrong.Count > 0)
            throw ApiException.BadRequest("bad_device", string.Join("; ", wrong)).With("errors", wrong.Select(each => new { each.Field, each.Value, each.Expected }));
        await log.WriteAsync([new DeviceEntry(device, by)], LogWriting.Patience, context.RequestAborted);
        return devices.Find(id) ?? throw Unknown(id);
    }

    private static async Task<ImportAnswer> ImportAsync(HttpContext context, DeviceCsv csv, LogWriting log)
    {
        if (!context.Request.ContentType!.StartsWith("text/csv", StringComparison.OrdinalIgnoreCase))
            throw new ApiException(StatusCodes.Status501NotImplemented, "not_yet", "GeoJSON comes with a later version; send text/csv");
        using var file = new MemoryStream();
        await context.Request.Body.CopyToAsync(file, context.RequestAborted);
        var import = csv.Read(file.GetBuffer().AsMemory(0, (int)file.Length));
        if (import.Errors.Count > 0)
        {
            throw ApiException.BadRequest("bad_rows", $"nothing was imported: {import.Errors.Count} errors, the first in {import.Errors[0]}")
                .With("rows", import.Errors.Select(each => new { each.Line, each.Message }));
        }
        var by = By(context);
        await log.WriteAsync(import.Devices.Select(device => new DeviceEntry(device, by)), ImportPatience, context.RequestAborted);
        return new ImportAnswer(import.Devices.Count);
    }

    private static string By(HttpContext context) =>
        Operator.Of(context, Query.Text(context, "by"));

    private static Device ToDevice(string id, DeviceBody body) => new()
    {
        Id = id,
        Family = body.Family ?? throw ApiException.BadRequest("bad_device", "family is missing: the name of a family, see /api/v1/families"),
        Model = body.Model,
        Gateway = body.Gateway,
        District = body.District,
        Street = body.Street,
        Latitude = body.Latitude,
        Longitude = body.Longitude,
        Address = body.Address,
        Parent = body.Parent,
        Heartbeat = body.Heartbeat,
        State = body.State ?? "live",
        StateUntil = body.StateUntil,
        StateReason = body.StateReason,
        Settings = new SortedDictionary<string, string>((body.Settings ?? []).ToDictionary(pair => pair.Key, pair => SettingText(pair.Key, pair.Value)), StringComparer.Ordinal),
        Links = new SortedDictionary<string, string>(body.Links ?? [], StringComparer.Ordinal),
        Sensors = new SortedDictionary<string, string>(body.Sensors ?? [], StringComparer.Ordinal),
    };

    private static string SettingText(string name, JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.Number => value.GetRawText(),
        _ => throw ApiException.BadRequest("bad_device", $"settings.{name}: must be a text such as \"2.4 m\", or a number"),
    };
}
