using Telemetry.Rules.Model;
using Telemetry.Simulators.City;

namespace Telemetry.Simulators.Faults;

/// <summary><c>duplicate</c>: a reading is sent again.</summary>
/// <param name="Copies">How often again.</param>
/// <param name="After">Milliseconds from one to the next.</param>
public sealed record DuplicateFault(string Word, int Number, FaultWho Who, FaultWhen When, int Copies, long After) : Fault(Word, Number, Who, When)
{
    public override FaultOrder Order => FaultOrder.Delivery;

    public override FaultStage Begin(FaultRun run) => new Stage(this, run);

    private sealed class Stage(DuplicateFault fault, FaultRun run) : FaultStage(fault, run)
    {
        private readonly HeldSendings _held = new();

        public override long? NextDue => _held.NextDue;

        public override IEnumerable<Sending> Take(Sending sending)
        {
            if (SpanOf(sending) is not { } span || sending.What is not ReadingDue { Reading: var reading } || !Strikes(reading.Device))
                return [sending];
            var copies = Enumerable.Range(1, fault.Copies).Select(n => sending with { Due = sending.Due + (n * fault.After) }).ToList();
            foreach (var copy in copies)
                Record(reading, span, sending.Due, Iso.Time(sending.Due), Iso.Time(copy.Due));
            if (fault.After == 0)
                return [sending, .. copies];
            copies.ForEach(_held.Hold);
            return [sending];
        }

        public override IEnumerable<Sending> Release() => _held.Release();
    }
}
