using Telemetry.Rules.Model;
using Telemetry.Simulators.City;

namespace Telemetry.Simulators.Scenarios;

/// <summary>The city's gateways without their connections: what a broken one has to keep comes when it is back, device by device.</summary>
internal sealed class VirtualGateways
{
    private readonly SortedDictionary<string, List<Reading>> _down = new(StringComparer.Ordinal);

    public IEnumerable<LogEntry> Take(CityEvent happening)
    {
        switch (happening)
        {
            case ReadingDue { Reading: var reading } when _down.TryGetValue(reading.Gateway, out var kept):
                kept.Add(reading);
                return [];
            case ReadingDue { Reading: var reading }:
                return [new ReadingEntry(reading)];
            case GatewayChange { Up: false, Gateway: var gateway }:
                _down.TryAdd(gateway, []);
                return [new GatewayEntry(gateway, false, "status")];
            case GatewayChange { Gateway: var gateway }:
                _down.Remove(gateway, out var waited);
                return [new GatewayEntry(gateway, true, "status"), .. (waited ?? []).GroupBy(reading => reading.Device).SelectMany(of => of).Select(reading => new ReadingEntry(reading))];
            default:
                throw new ArgumentException($"{happening.GetType().Name} is nothing that a gateway knows", nameof(happening));
        }
    }
}
