using System.Text.Json;
using Telemetry.Rules.Model;
using Telemetry.Simulators.City;
using Telemetry.Simulators.Faults;

namespace Telemetry.Simulators.Replay;

/// <summary>A recording with faults over it: as readings for the faults, and as messages again behind them.</summary>
internal static class FaultyReplay
{
    /// <summary>Whom a fault file may name.</summary>
    /// <param name="gateway">Through which all is sent; null for the recorded ones.</param>
    public static IReadOnlyList<Sender> Senders(Recording recording, string? gateway) =>
        [.. recording.Read(_ => { }).Select(reading => new Sender(reading.Device, reading.Family, gateway ?? reading.Gateway ?? ReplayTopic.Gateway)).Distinct()];

    public static IEnumerable<Sending> Over(IEnumerable<RecordedReading> recording, FaultLayer faults, string? gateway)
    {
        foreach (var reading in recording)
        {
            foreach (var sending in faults.Take(new Sending(reading.Time, new ReadingDue(ReadingOf(reading, gateway)))))
                yield return sending;
        }
        foreach (var sending in faults.End())
            yield return sending;
    }

    /// <param name="shift">Added to the times that are sent, ms.</param>
    public static (string Topic, byte[] Payload) Message(CityEvent what, long shift) => what switch
    {
        GatewayChange change => (NativePayload.StatusTopic(change.Gateway), change.Up ? "online"u8.ToArray() : "offline"u8.ToArray()),
        ReadingDue { Reading: { SentTime: { } sent } reading } => (NativePayload.Topic(reading), NativePayload.Write([reading.With(sentTime: TimeShift.Of(sent, shift))])),
        ReadingDue { Reading: var reading } => (NativePayload.Topic(reading), NativePayload.Write([reading])),
        _ => throw new ArgumentException($"{what.GetType().Name} is nothing that is sent", nameof(what)),
    };

    internal static Reading ReadingOf(RecordedReading recorded, string? gateway)
    {
        using var values = JsonDocument.Parse(recorded.Values);
        using var quality = JsonDocument.Parse(recorded.Quality ?? "{}");
        return new Reading
        {
            Gateway = gateway ?? recorded.Gateway ?? ReplayTopic.Gateway,
            Family = recorded.Family,
            Device = recorded.Device,
            SentTime = recorded.SentTime,
            Sequence = recorded.Sequence,
            EventTime = recorded.Time,
            Values = [.. values.RootElement.EnumerateObject().Select(value => ValueOf(value, quality.RootElement))],
        };
    }

    private static ChannelValue ValueOf(JsonProperty value, JsonElement qualities)
    {
        var said = qualities.TryGetProperty(value.Name, out var word) ? word.GetString() : null;
        var quality = Enum.TryParse<Quality>(said, ignoreCase: true, out var known) ? known : Quality.Good;
        return value.Value.ValueKind switch
        {
            JsonValueKind.True or JsonValueKind.False => new(value.Name, ValueKind.Boolean, value.Value.GetBoolean() ? 1 : 0, null, quality),
            JsonValueKind.Number when double.IsFinite(value.Value.GetDouble()) => new(value.Name, ValueKind.Number, value.Value.GetDouble(), null, quality),
            // What is no value of any channel is refused by the service under either spelling.
            JsonValueKind.String => new(value.Name, ValueKind.State, 0, value.Value.GetString(), quality),
            _ => new(value.Name, ValueKind.State, 0, value.Value.GetRawText(), quality),
        };
    }
}
