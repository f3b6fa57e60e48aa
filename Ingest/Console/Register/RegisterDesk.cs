using Telemetry.Ingest.Api;
using Telemetry.Ingest.Decoding.Again;
using Telemetry.Ingest.Devices;
using Telemetry.Ingest.OperatorPage.Session;
using Telemetry.Ingest.Security;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.OperatorPage.Register;

/// <summary>Changes the register for whoever sits before this page.</summary>
public sealed class RegisterDesk(RegisterWriting writing, RegisterImport import, Adopting adopting, AdoptedLetters adopted, Exercises exercises, PageUser user, PageSettings settings, TimeProvider time)
{
    /// <exception cref="ApiException">401, 403; 400: what is wrong with the device; 503: not in effect in time.</exception>
    public async Task<Device> PutAsync(string id, DeviceBody body)
    {
        var (by, scope) = await WhoAsync();
        var device = await writing.PutAsync(() => body.ToDevice(id), by, scope, CancellationToken.None);
        adopted.Look();
        return device;
    }

    /// <summary>Puts devices into a mode, all or none.</summary>
    /// <param name="minutes">From now, for test and drill; 480 at most.</param>
    /// <returns>How many.</returns>
    /// <exception cref="ApiException">As above.</exception>
    public async Task<int> SetModeAsync(IReadOnlyCollection<string> ids, string mode, string? reason, int minutes)
    {
        var (by, scope) = await WhoAsync();
        var ends = mode is "test" or "drill";
        // A second less, so that what is asked for 8 h is not a moment longer when it is judged.
        var until = ends ? Iso.Time(time.GetUtcNow().ToUnixTimeMilliseconds() + (minutes * 60_000L) - 1000) : null;
        return await writing.ChangeAsync(ids, device => device with { State = mode, StateReason = ends ? reason : null, StateUntil = until, Exercise = null }, by, scope, CancellationToken.None);
    }

    /// <summary>See <see cref="Exercises.StartAsync"/>.</summary>
    public async Task<(Exercise Exercise, int LeftOut)> StartAsync(string name, string mode, string reason, int minutes, IReadOnlyCollection<string> ids)
    {
        var (by, scope) = await WhoAsync();
        return await exercises.StartAsync(name, mode, reason, time.GetUtcNow().ToUnixTimeMilliseconds() + (minutes * 60_000L) - 1000, new ExerciseArea(null, null, null, [.. ids]), by, scope, CancellationToken.None);
    }

    /// <summary>See <see cref="Exercises.EndAsync"/>.</summary>
    public async Task<int> EndAsync(string exercise)
    {
        var (by, scope) = await WhoAsync();
        return await exercises.EndAsync(exercise, by, scope, CancellationToken.None);
    }

    /// <summary>See <see cref="RegisterImport.RunAsync"/>.</summary>
    public async Task<(DeviceImport Import, DeviceChanges? Changes)> ImportAsync(string type, ReadOnlyMemory<byte> file, string datum, bool dry)
    {
        var (by, scope) = await WhoAsync();
        return await import.RunAsync(type, file, datum, by, scope, dry, CancellationToken.None);
    }

    /// <summary>See <see cref="Adopting.AdoptAsync"/>.</summary>
    public async Task<(Device Device, RedecodeResult Redecoded)> AdoptAsync(string wireId, DeviceBody body)
    {
        var (by, scope) = await WhoAsync();
        return scope.IsCity ? await adopting.AdoptAsync(wireId, body, by, CancellationToken.None) : throw AccessGuard.OutOfScope($"whose '{wireId}' is, nobody knows; you see {scope}");
    }

    private async Task<(string By, Scope Scope)> WhoAsync()
    {
        var caller = await user.NeedAsync(Role.Engineer);
        return (Operator.Of(caller, settings.Choices.Name), caller.Scope);
    }
}
