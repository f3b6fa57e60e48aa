using Telemetry.Ingest.Decoding.Again;
using Telemetry.Ingest.Devices;
using Telemetry.Ingest.Security;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Api;

/// <summary>The register: what the rules have processed of it, and changes to it through the log.</summary>
public static class DeviceRoutes
{
    public sealed record Page(IReadOnlyList<Device> Items, string? Next);

    public static void Map(IEndpointRouteBuilder routes)
    {
        var by = new QueryParameter("by", "Who does it. With users it is the user: left out, or the same name. Without: default operator.");
        routes.MapGet("/devices", List)
            .Needs(Role.Viewer).Keeps(ScopeRule.Within)
            .Takes(
                new QueryParameter("family", "Only this family."),
                new QueryParameter("district", "Only this district."),
                new QueryParameter("gateway", "Only behind this gateway."),
                new QueryParameter("state", "provisional, commissioning, test, drill or live."),
                new QueryParameter("limit", "At most so many, 1 to 100000; the answer is then {items, next}."),
                new QueryParameter("after", "`next` of the answer before."))
            .WithSummary("Devices, ascending by id.")
            .Produces<Device[]>();
        routes.MapGet("/devices/{id}", (string id, HttpContext context, DeviceDirectory devices) => Find(id, context, devices))
            .Needs(Role.Viewer).Keeps(ScopeRule.Within).Takes().WithSummary("One device.");
        routes.MapPut("/devices/{id}", PutAsync)
            .Needs(Role.Engineer).Keeps(ScopeRule.Within).Takes(by).WithSummary("Creates or replaces a device, whole.")
            .Accepts<DeviceBody>("application/json").Produces<Device>();
    }

    /// <summary>A device that the caller sees.</summary>
    /// <exception cref="ApiException">404.</exception>
    internal static Device Find(string id, HttpContext context, DeviceDirectory devices) =>
        devices.Find(id) is { } device && Caller.Of(context).Scope.Sees(device) ? device : throw Unknown(id);

    internal static ApiException Unknown(string id) => ApiException.NotFound("unknown_device", $"there is no device '{id}'");

    private static object List(HttpContext context, DeviceDirectory devices)
    {
        var family = Query.Text(context, "family");
        var district = Query.Text(context, "district");
        var gateway = Query.Text(context, "gateway");
        var state = Query.OneOf(context, "state", "provisional", "commissioning", "test", "drill", "live");
        var after = Query.Text(context, "after");
        var scope = Caller.Of(context).Scope;
        var found = devices.All
            .Where(device => scope.Sees(device) && (family is null || device.Family == family)
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

    private static async Task<Device> PutAsync(string id, HttpContext context, RegisterWriting register, AdoptedLetters adopted)
    {
        var body = await ApiJson.ReadAsync<DeviceBody>(context);
        var by = Operator.Of(context, Query.Text(context, "by"));
        if (body.Id is not null && body.Id != id)
            throw ApiException.BadRequest("bad_device", $"id \"{body.Id}\": must be \"{id}\" as in the path, or left out");
        var device = await register.PutAsync(() => body.ToDevice(id), by, Caller.Of(context).Scope, context.RequestAborted);
        adopted.Look();
        return device;
    }
}
