using Telemetry.Rules.Model;
using Telemetry.Simulators.City;

namespace Telemetry.Simulators.Faults;

/// <summary><c>redelivery</c>: at each beginning of its span, gateways send again what they sent last, in its order.</summary>
/// <param name="Gateways">In order of their names.</param>
/// <param name="Last">How many readings of each.</param>
public sealed record RedeliveryFault(string Word, int Number, FaultWho Who, FaultWhen When, IReadOnlyList<string> Gateways, int Last) : Fault(Word, Number, Who, When)
{
    public override FaultOrder Order => FaultOrder.Delivery;

    public override FaultStage Begin(FaultRun run) => new Stage(this, run);

    private sealed class Stage(RedeliveryFault fault, FaultRun run) : FaultStage(fault, run)
    {
        private readonly Dictionary<string, Queue<Sending>> _sent = fault.Gateways.ToDictionary(gateway => gateway, _ => new Queue<Sending>(), StringComparer.Ordinal);
        private Span? _next = fault.When.NextAt(0);

        public override long? NextDue => Run.Start + _next?.From;

        public override void End() => _next = null;

        public override IEnumerable<Sending> Take(Sending sending)
        {
            if (sending.What is ReadingDue { Reading: var reading } && _sent.TryGetValue(reading.Gateway, out var sent))
            {
                sent.Enqueue(sending);
                if (sent.Count > fault.Last)
                    sent.Dequeue();
            }
            return [sending];
        }

        public override IEnumerable<Sending> Release()
        {
            var span = _next!.Value;
            _next = fault.When.NextAt(span.From + 1);
            var now = Run.Start + span.From;
            foreach (var sending in fault.Gateways.SelectMany(gateway => _sent[gateway]))
            {
                Record(((ReadingDue)sending.What).Reading, span, sending.Due, Iso.Time(sending.Due), Iso.Time(now));
                yield return sending with { Due = now };
            }
        }
    }
}
