using Telemetry.Ingest.Dashboards;
using Telemetry.Ingest.OperatorPage.Charts;
using Telemetry.Ingest.OperatorPage.Session;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.OperatorPage.Devices;

/// <summary>The limits in force of a device's channel: as its family's rules say them, with the settings of its model and its own.</summary>
internal static class DeviceLimits
{
    public static IReadOnlyList<ChartLimit> Of(Device device, Family family, Channel channel, PageSettings settings) =>
    [
        .. new ChannelLimits(family, device).Of(channel)
            .GroupBy(limit => (limit.Value, limit.Above))
            .Select(same => same.MaxBy(limit => limit.Severity)!)
            .Select(limit => new ChartLimit(limit.Value, $"{(limit.Above ? settings.Say("above", "高于") : settings.Say("below", "低于"))} {Alarms.AlarmWords.Number(limit.Value)}{Alarms.AlarmWords.Unit(channel.Unit)}", limit.Severity)),
    ];
}
