using System.Text;
using Telemetry.Ingest.Decoding;
using Telemetry.Rules.Model;
using Telemetry.Simulators.City;

namespace Telemetry.Dashboards.Tests.Recording;

/// <summary>The city's gateways without their connections: what a broken one has to keep comes as a backfill when it is back.</summary>
internal sealed class Gateways(MessageDecoder decoder)
{
    private readonly SortedDictionary<string, List<Reading>> _down = new(StringComparer.Ordinal);

    /// <param name="now">Unix ms; when the messages arrive.</param>
    public void Take(CityEvent happening, long now, List<LogEntry> into)
    {
        switch (happening)
        {
            case ReadingDue { Reading: var reading } when _down.TryGetValue(reading.Gateway, out var kept):
                kept.Add(reading);
                break;
            case ReadingDue { Reading: var reading }:
                Decode([reading], now, into);
                break;
            case GatewayChange { Up: false, Gateway: var gateway }:
                _down.Add(gateway, []);
                into.Add(new GatewayEntry(gateway, false, "status"));
                break;
            case GatewayChange { Gateway: var gateway }:
                into.Add(new GatewayEntry(gateway, true, "status"));
                _down.Remove(gateway, out var waited);
                foreach (var backfill in waited!.GroupBy(reading => reading.Device))
                    Decode([.. backfill], now, into);
                break;
        }
    }

    private void Decode(IReadOnlyList<Reading> readings, long now, List<LogEntry> into) =>
        decoder.Decode(Encoding.UTF8.GetBytes(NativePayload.Topic(readings[0])), NativePayload.Write(readings), now, into);
}
