using Telemetry.Ingest.Decoding;
using Telemetry.Ingest.Decoding.Again;
using Telemetry.Ingest.Devices;
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
        routes.MapGet("/devices/unknown", (StateDatabase database, DeviceDirectory devices) => new UnknownDevicesAnswer(
                [.. database.UnknownDevices().Where(unknown => devices.FindByWireId(unknown.WireId) is null).Select(unknown => new UnknownDeviceAnswer(
                    unknown.WireId, unknown.Format, unknown.Topic, Iso.Time(unknown.FirstSeen), Iso.Time(unknown.LastSeen), unknown.Count, unknown.LastDetail))],
                database.UnknownDevicesDropped()))
            .Needs(Role.Viewer).Takes().WithSummary("Devices that send and are not in the register, the one heard last first.");
        routes.MapPost("/devices/unknown/{wireId}/adopt", AdoptAsync)
            .Needs(Role.Engineer)
            .Takes(new QueryParameter("by", "Who does it. With users it is the user: left out, or the same name. Without: default operator."))
            .WithSummary("Enters a device of the list into the register, or gives the sensor to a device that is there, and decodes what it sent before.")
            .Accepts<DeviceBody>("application/json").Produces<AdoptAnswer>();
    }

    private static async Task<AdoptAnswer> AdoptAsync(string wireId, HttpContext context, StateDatabase database, DeviceDirectory devices, RegisterWriting register, Redecoder redecoder)
    {
        // Routing leaves an escaped slash as it is; Sparkplug's ids have two.
        wireId = wireId.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);
        var body = await ApiJson.ReadAsync<DeviceBody>(context);
        var by = Operator.Of(context, Query.Text(context, "by"));
        if (database.UnknownDevices().All(unknown => !unknown.WireId.Equals(wireId, StringComparison.OrdinalIgnoreCase)))
            throw ApiException.NotFound("unknown_wire_id", $"nothing of the name '{wireId}' waits in /api/v1/devices/unknown; PUT /api/v1/devices/{{id}} enters any device");
        var device = await register.PutAsync(() => DeviceOf(wireId, body, devices), by, context.RequestAborted);
        var filter = new DeadLetterFilter { Reason = RejectReason.UnknownDevice, Senders = [wireId] };
        return new AdoptAnswer(device, await redecoder.RunAsync(filter, by, dry: false, context.RequestAborted));
    }

    private static Device DeviceOf(string wireId, DeviceBody body, DeviceDirectory devices)
    {
        var id = body.Id ?? wireId;
        if (body.Family is null && devices.Find(id) is { } known)
        {
            if (body != new DeviceBody(body.Id) { Sensors = body.Sensors })
                throw ApiException.BadRequest("bad_device", $"device '{id}' is in the register: id and sensors alone give it the sensor; with family the body replaces it whole");
            return WithSensor(known with { Sensors = Joined(known.Sensors, body.Sensors) }, wireId);
        }
        return WithSensor(body.ToDevice(id), wireId);
    }

    private static SortedDictionary<string, string> Joined(IReadOnlyDictionary<string, string> known, Dictionary<string, string>? more)
    {
        var sensors = new SortedDictionary<string, string>(known.ToDictionary(), StringComparer.Ordinal);
        foreach (var (wireId, text) in more ?? [])
            sensors[wireId] = text;
        return sensors;
    }

    private static Device WithSensor(Device device, string wireId) =>
        device.Id.Equals(wireId, StringComparison.OrdinalIgnoreCase) || device.Sensors.Keys.Contains(wireId, StringComparer.OrdinalIgnoreCase)
            ? device
            : device with { Sensors = Joined(device.Sensors, new Dictionary<string, string> { [wireId] = "" }) };
}
