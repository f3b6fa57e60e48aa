using Telemetry.Rules.Model;
using Telemetry.Simulators.City;

namespace Telemetry.Simulators.Faults;

/// <summary><c>reorder</c>: each reading takes its own time on the way, and the later overtakes the earlier.</summary>
/// <param name="Within">Milliseconds that one takes at most.</param>
public sealed record ReorderFault(string Word, int Number, FaultWho Who, FaultWhen When, long Within) : Fault(Word, Number, Who, When)
{
    public override FaultOrder Order => FaultOrder.Delivery;

    public override FaultStage Begin(FaultRun run) => new Stage(this, run);

    private sealed class Stage(ReorderFault fault, FaultRun run) : FaultStage(fault, run)
    {
        private readonly HeldSendings _held = new();

        public override long? NextDue => _held.NextDue;

        public override IEnumerable<Sending> Take(Sending sending)
        {
            if (SpanOf(sending) is not { } span || sending.What is not ReadingDue { Reading: var reading } || !Strikes(reading.Device))
                return [sending];
            var late = sending with { Due = sending.Due + LuckOf(reading.Device).NextInt64(fault.Within + 1) };
            if (late.Due == sending.Due)
                return [sending];
            Record(reading, span, sending.Due, Iso.Time(sending.Due), Iso.Time(late.Due));
            _held.Hold(late);
            return [];
        }

        public override IEnumerable<Sending> Release() => _held.Release();
    }
}
