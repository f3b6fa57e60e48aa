using Telemetry.Simulators.Scenarios;

namespace Telemetry.Simulators.Faults;

/// <summary>Names of channels in fault files: <c>pump_run</c> stands for all its instances.</summary>
internal static class ChannelPattern
{
    public static bool Fits(string pattern, string channel) => Pattern.Fits(pattern, channel) || pattern == WithoutInstance(channel);

    public static string WithoutInstance(string channel) => channel.IndexOf('.', StringComparison.Ordinal) is var dot and > 0 ? channel[..dot] : channel;
}
