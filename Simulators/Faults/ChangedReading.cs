using Telemetry.Rules.Model;

namespace Telemetry.Simulators.Faults;

internal static class ChangedReading
{
    public static Reading With(this Reading reading, ChannelValue[]? values = null, long? sentTime = null, long? eventTime = null) => new()
    {
        Gateway = reading.Gateway,
        Family = reading.Family,
        Device = reading.Device,
        SentTime = sentTime ?? reading.SentTime,
        Sequence = reading.Sequence,
        EventTime = eventTime ?? reading.EventTime,
        Marks = reading.Marks,
        Values = values ?? reading.Values,
    };
}
