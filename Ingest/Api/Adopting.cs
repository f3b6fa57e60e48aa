using Telemetry.Ingest.Decoding;
using Telemetry.Ingest.Decoding.Again;
using Telemetry.Ingest.Devices;
using Telemetry.Ingest.Security;
using Telemetry.Ingest.State;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Api;

/// <summary>Enters what sends and is not in the register, whichever way the wish came: the API, the page.</summary>
public sealed class Adopting(StateDatabase database, DeviceDirectory devices, RegisterWriting register, Redecoder redecoder)
{
    /// <summary>The one heard last first.</summary>
    public IEnumerable<UnknownDevice> Waiting() => database.UnknownDevices().Where(unknown => devices.FindByWireId(unknown.WireId) is null);

    /// <returns>The device as it stands in the register, and what came of what it sent before.</returns>
    /// <exception cref="ApiException">400: the body; 404: nothing of that name waits; 503: not in effect in time.</exception>
    public async Task<(Device Device, RedecodeResult Redecoded)> AdoptAsync(string wireId, DeviceBody body, string by, CancellationToken cancellationToken)
    {
        if (database.UnknownDevices().All(unknown => !unknown.WireId.Equals(wireId, StringComparison.OrdinalIgnoreCase)))
            throw ApiException.NotFound("unknown_wire_id", $"nothing of the name '{wireId}' waits in /api/v1/devices/unknown; PUT /api/v1/devices/{{id}} enters any device");
        var device = await register.PutAsync(() => DeviceOf(wireId, body), by, Scope.City, cancellationToken);
        var filter = new DeadLetterFilter { Reason = RejectReason.UnknownDevice, Senders = [wireId] };
        return (device, await redecoder.RunAsync(filter, by, dry: false, cancellationToken));
    }

    private Device DeviceOf(string wireId, DeviceBody body)
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
