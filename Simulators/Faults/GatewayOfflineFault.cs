using Telemetry.Rules.Model;
using Telemetry.Simulators.City;

namespace Telemetry.Simulators.Faults;

public enum Backfill : byte
{
    OldestFirst,
    NewestFirst,

    /// <summary>The gateway had no memory, or lost it.</summary>
    Lost,
}

/// <summary><c>gateway_offline</c>: a link breaks without a goodbye; what waited meanwhile is sent when it is back.</summary>
/// <param name="Gateways">In order of their names.</param>
/// <param name="Over">Milliseconds over which the backfill is spread, evenly.</param>
public sealed record GatewayOfflineFault(string Word, int Number, FaultWho Who, FaultWhen When, IReadOnlyList<string> Gateways, Backfill Backfill, long Over) : Fault(Word, Number, Who, When)
{
    public override FaultOrder Order => FaultOrder.Gateway;

    public override FaultStage Begin(FaultRun run) => new Stage(this, run);

    private sealed class Stage(GatewayOfflineFault fault, FaultRun run) : FaultStage(fault, run)
    {
        private readonly SortedDictionary<string, List<Sending>> _waiting = new(fault.Gateways.ToDictionary(gateway => gateway, _ => new List<Sending>()), StringComparer.Ordinal);
        private readonly HeldSendings _backfill = new();
        // Broken by what happens in the city, beside this fault.
        private readonly HashSet<string> _downAnyway = new(StringComparer.Ordinal);
        private Span? _next = fault.When.NextAt(0);
        private bool _isDown;
        private bool _isEnding;

        public override long? NextDue => (Turn, _backfill.NextDue) switch
        {
            ({ } turn, { } late) => Math.Min(turn, late),
            var (turn, late) => turn ?? late,
        };

        /// <summary>When the links break or come back.</summary>
        private long? Turn => Run.Start + (_isDown ? _next?.To : _next?.From);

        public override void End()
        {
            _isEnding = true;
            if (!_isDown)
                _next = null;
        }

        public override IEnumerable<Sending> Take(Sending sending)
        {
            switch (sending.What)
            {
                case ReadingDue { Reading: var reading } when _isDown && _waiting.TryGetValue(reading.Gateway, out var waiting):
                    waiting.Add(sending);
                    return [];
                case GatewayChange change when _waiting.ContainsKey(change.Gateway):
                    if (change.Up)
                        _downAnyway.Remove(change.Gateway);
                    else
                        _downAnyway.Add(change.Gateway);
                    return _isDown ? [] : [sending];
                default:
                    return [sending];
            }
        }

        public override IEnumerable<Sending> Release()
        {
            var now = NextDue!.Value;
            if (Turn != now)
                return _backfill.Release();
            return _isDown ? Return(now) : Break(now);
        }

        private List<Sending> Break(long now)
        {
            _isDown = true;
            foreach (var gateway in fault.Gateways)
                Record(new Injection(fault.Word, fault.Number, gateway, null, null, null, now, Run.Start + _next!.Value.To, now, "up", "down"));
            return [.. fault.Gateways.Where(gateway => !_downAnyway.Contains(gateway)).Select(gateway => new Sending(now, new GatewayChange(gateway, false)))];
        }

        private List<Sending> Return(long now)
        {
            _isDown = false;
            var span = _next!.Value;
            _next = _isEnding ? null : fault.When.NextAt(span.From + 1);
            foreach (var (_, waiting) in _waiting)
            {
                if (fault.Backfill == Backfill.NewestFirst)
                    waiting.Reverse();
                for (var i = 0; i < waiting.Count; i++)
                {
                    var late = waiting[i] with { Due = now + (fault.Over * i / waiting.Count) };
                    var isLost = fault.Backfill == Backfill.Lost;
                    Record(((ReadingDue)late.What).Reading, span, waiting[i].Due, Iso.Time(waiting[i].Due), isLost ? null : Iso.Time(late.Due));
                    if (!isLost)
                        _backfill.Hold(late);
                }
                waiting.Clear();
            }
            return [.. fault.Gateways.Where(gateway => !_downAnyway.Contains(gateway)).Select(gateway => new Sending(now, new GatewayChange(gateway, true)))];
        }
    }
}
