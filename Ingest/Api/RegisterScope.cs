using Telemetry.Ingest.Devices;
using Telemetry.Ingest.Security;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Api;

/// <summary>
/// What somebody who does not see the whole city may enter into the register: devices of the own districts and families, which reach for nobody else's. A link or a common parent would
/// tell of other devices, and judge them.
/// </summary>
internal static class RegisterScope
{
    private const int MostNamed = 10;

    /// <exception cref="ApiException">403 <c>scope</c>, with every device that is wrong.</exception>
    public static void Check(IReadOnlyList<Device> changed, Scope scope, DeviceDirectory devices)
    {
        if (scope.IsCity)
            return;
        var own = changed.Where(scope.Sees).Select(device => device.Id).ToHashSet(StringComparer.Ordinal);
        var foreignPlaces = devices.All.Where(device => !scope.Sees(device)).SelectMany(device => new[] { device.Id, device.Parent }).OfType<string>().ToHashSet(StringComparer.Ordinal);
        var wrong = changed.Select(device => (device.Id, Why: Wrong(device))).Where(each => each.Why is not null).ToList();
        if (wrong.Count > 0)
            throw AccessGuard.OutOfScope($"nothing was changed; you see {scope}: {string.Join("; ", wrong.Take(MostNamed).Select(each => $"{each.Id}: {each.Why}"))}{(wrong.Count > MostNamed ? $" and {wrong.Count - MostNamed} more" : "")}");

        string? Wrong(Device device)
        {
            if (!scope.Sees(device))
                return $"district {device.District ?? "(none)"}, family {device.Family}";
            var known = devices.Find(device.Id);
            if (known is not null && !scope.Sees(known))
                return "this id is taken";
            var link = device.Links.FirstOrDefault(link => known?.Links.GetValueOrDefault(link.Key) != link.Value && !own.Contains(link.Value) && !(devices.Find(link.Value) is { } linked && scope.Sees(linked)));
            if (link.Key is not null)
                return $"links.{link.Key} = {link.Value}: no device that you see";
            if (device.Parent is { } parent && parent != known?.Parent && foreignPlaces.Contains(parent))
                return $"parent = {parent}: not of your devices alone";
            return device.Sensors.Keys.FirstOrDefault(wireId => devices.FindByWireId(wireId) is { } held && !scope.Sees(held.Device)) is { } taken ? $"sensors.{taken}: taken" : null;
        }
    }
}
