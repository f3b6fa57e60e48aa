using Telemetry.Ingest.Decoding.Again;
using Telemetry.Ingest.Security;
using Telemetry.Ingest.State;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Api;

/// <summary>What sends and is not in the register: a list to adopt from.</summary>
public static class UnknownDeviceRoutes
{
    /// <param name="Dropped">How many had to make room for others, at more than 10,000.</param>
    public sealed record UnknownDevicesAnswer(IReadOnlyList<UnknownDeviceAnswer> Items, long Dropped);

    /// <param name="WireId">The name that it has on the wire: devEui, IMEI, MN.</param>
    /// <param name="Topic">Of its last message.</param>
    /// <param name="Count">Its dead letters; /deadletters?device= shows those that are kept.</param>
    public sealed record UnknownDeviceAnswer(string WireId, string Format, string Topic, string FirstSeen, string LastSeen, long Count, string LastDetail);

    /// <param name="Device">As it stands in the register.</param>
    /// <param name="Redecoded">What came of what it sent before.</param>
    public sealed record AdoptAnswer(Device Device, RedecodeResult Redecoded);

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/devices/unknown", (Adopting adopting, StateDatabase database) => new UnknownDevicesAnswer(
                [.. adopting.Waiting().Select(unknown => new UnknownDeviceAnswer(
                    unknown.WireId, unknown.Format, unknown.Topic, Iso.Time(unknown.FirstSeen), Iso.Time(unknown.LastSeen), unknown.Count, unknown.LastDetail))],
                database.UnknownDevicesDropped()))
            .Needs(Role.Viewer).Keeps(ScopeRule.OfTheCity).Takes().WithSummary("Devices that send and are not in the register, the one heard last first.");
        routes.MapPost("/devices/unknown/{wireId}/adopt", AdoptAsync)
            .Needs(Role.Engineer).Keeps(ScopeRule.OfTheCity)
            .Takes(new QueryParameter("by", "Who does it. With users it is the user: left out, or the same name. Without: default operator."))
            .WithSummary("Enters a device of the list into the register, or gives the sensor to a device that is there, and decodes what it sent before.")
            .Accepts<DeviceBody>("application/json").Produces<AdoptAnswer>();
    }

    private static async Task<AdoptAnswer> AdoptAsync(string wireId, HttpContext context, Adopting adopting)
    {
        // Routing leaves an escaped slash as it is; Sparkplug's ids have two.
        wireId = wireId.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);
        var body = await ApiJson.ReadAsync<DeviceBody>(context);
        var (device, redecoded) = await adopting.AdoptAsync(wireId, body, Operator.Of(context, Query.Text(context, "by")), context.RequestAborted);
        return new AdoptAnswer(device, redecoded);
    }
}
