using Telemetry.Ingest.Devices;
using Telemetry.Ingest.Security;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Api;

/// <summary>Changes to the register, one at a time: what a device is judged against must not change before it is written.</summary>
public sealed class RegisterWriting(DeviceDirectory devices, DeviceValidator validator, RegisterConflicts conflicts, LogWriting log, TimeProvider time) : IDisposable
{
    /// <summary>For what changes thousands of devices.</summary>
    public static readonly TimeSpan LongPatience = TimeSpan.FromMinutes(2);

    private readonly SemaphoreSlim _turn = new(1);

    /// <summary>Creates or replaces one device; as it stands in the register then.</summary>
    /// <param name="scope">What there is for whoever does it.</param>
    /// <param name="make">Asked when it is its turn: what it takes from the register is then what it replaces.</param>
    /// <exception cref="ApiException">400 <c>bad_device</c> with <c>errors</c>; 403 <c>scope</c>; 404: it is there for others alone.</exception>
    public Task<Device> PutAsync(Func<Device> make, string by, Scope scope, CancellationToken cancellationToken) => InTurnAsync(
        async () =>
        {
            var device = make();
            if (devices.Find(device.Id) is { } before && !scope.Sees(before))
                throw DeviceRoutes.Unknown(device.Id);
            RegisterScope.Check([device], scope, devices);
            var wrong = validator.Validate(device)
                .Concat(DeviceValidator.ValidateMode(device, time.GetUtcNow().ToUnixTimeMilliseconds()))
                .Concat(conflicts.Check([device]).Select(each => each.Error))
                .ToList();
            if (wrong.Count > 0)
                throw ApiException.BadRequest("bad_device", string.Join("; ", wrong)).With("errors", wrong.Select(each => new { each.Field, each.Value, each.Expected }));
            await log.WriteAsync([new DeviceEntry(device, by)], LogWriting.Patience, cancellationToken);
            return devices.Find(device.Id) ?? throw DeviceRoutes.Unknown(device.Id);
        },
        cancellationToken);

    /// <summary>Changes devices that are there, in one commit: all of them, or none.</summary>
    /// <param name="change">Of one device as it stands when it is its turn. It changes no id, no family, no place and no sensor.</param>
    /// <returns>How many.</returns>
    /// <exception cref="ApiException">400 <c>bad_device</c>: the first that is wrong.</exception>
    public Task<int> ChangeAsync(IReadOnlyCollection<string> ids, Func<Device, Device> change, string by, Scope scope, CancellationToken cancellationToken) => InTurnAsync(
        async () =>
        {
            var changed = ids.Order(StringComparer.Ordinal).Select(devices.Find).OfType<Device>().Where(scope.Sees).Select(change).ToList();
            var now = time.GetUtcNow().ToUnixTimeMilliseconds();
            foreach (var device in changed)
            {
                if (validator.Validate(device).Concat(DeviceValidator.ValidateMode(device, now)).FirstOrDefault() is { } wrong)
                    throw ApiException.BadRequest("bad_device", $"nothing was changed; {device.Id}: {wrong}");
            }
            await log.WriteAsync(changed.Select(device => new DeviceEntry(device, by)), LongPatience, cancellationToken);
            return changed.Count;
        },
        cancellationToken);

    public async Task<T> InTurnAsync<T>(Func<Task<T>> change, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            return await change();
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();
}
