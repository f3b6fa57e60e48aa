using Telemetry.Rules.Alarms;
using Telemetry.Rules.Families;

namespace Telemetry.Ingest.OperatorPage.Live;

/// <summary>How bad things stand, by the worst alarm that an operator sees.</summary>
internal static class Worst
{
    /// <summary>Devices without such an alarm are left out.</summary>
    public static Dictionary<string, Severity> ByDevice(IEnumerable<Alarm> open)
    {
        var worst = new Dictionary<string, Severity>(StringComparer.Ordinal);
        foreach (var alarm in open.Where(alarm => alarm is { IsShown: true, Kind: AlarmKind.Alarm }))
        {
            if (!(worst.TryGetValue(alarm.Device, out var known) && known >= alarm.Severity))
                worst[alarm.Device] = alarm.Severity;
        }
        return worst;
    }
}
