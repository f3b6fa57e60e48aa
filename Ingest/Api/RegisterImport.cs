using Telemetry.Ingest.Decoding.Again;
using Telemetry.Ingest.Devices;
using Telemetry.Ingest.Security;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Api;

/// <summary>The register from a file, whichever way the file came: the API, the page.</summary>
public sealed class RegisterImport(DeviceImporter importer, DeviceDirectory devices, RegisterWriting register, LogWriting log, AdoptedLetters adopted)
{
    /// <param name="type"><see cref="DeviceImporter.Csv"/> or <see cref="DeviceImporter.GeoJson"/>.</param>
    /// <param name="datum">Of the rows that say none themselves: <c>wgs84</c>, <c>gcj02</c>; null for WGS 84.</param>
    /// <param name="scope">What there is for whoever imports.</param>
    /// <param name="dry">Nothing is written.</param>
    /// <returns>What the file holds, and what it changes: null where something in it is wrong, and nothing was written.</returns>
    /// <exception cref="ApiException">403 <c>scope</c>; 503: not in effect in time.</exception>
    public async Task<(DeviceImport Import, DeviceChanges? Changes)> RunAsync(string type, ReadOnlyMemory<byte> file, string? datum, string by, Scope scope, bool dry, CancellationToken cancellationToken)
    {
        var answer = await register.InTurnAsync(
            async () =>
            {
                var import = importer.Read(type, file, datum, id => devices.Find(id) is { } known && scope.Sees(known) ? known : null);
                // First: what is wrong beside other devices names them.
                RegisterScope.Check(import.Rows, scope, devices);
                if (import.Errors.Count > 0)
                    return (import, null);
                var changes = DeviceChanges.Of(import.Devices, devices);
                if (!dry)
                    await log.WriteAsync(changes.Written.Select(device => new DeviceEntry(device, by)), RegisterWriting.LongPatience, cancellationToken);
                return (import, (DeviceChanges?)changes);
            },
            cancellationToken);
        adopted.Look();
        return answer;
    }
}
