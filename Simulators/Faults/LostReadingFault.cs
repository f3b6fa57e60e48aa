using Telemetry.Rules.Model;
using Telemetry.Simulators.City;

namespace Telemetry.Simulators.Faults;

/// <summary><c>dropout</c> of whole readings: they never leave.</summary>
public sealed record LostReadingFault(string Word, int Number, FaultWho Who, FaultWhen When) : Fault(Word, Number, Who, When)
{
    public override FaultOrder Order => FaultOrder.Delivery;

    public override FaultStage Begin(FaultRun run) => new Stage(this, run);

    private sealed class Stage(LostReadingFault fault, FaultRun run) : FaultStage(fault, run)
    {
        public override IEnumerable<Sending> Take(Sending sending)
        {
            if (SpanOf(sending) is not { } span || sending.What is not ReadingDue { Reading: var reading } || !Strikes(reading.Device))
                return [sending];
            Record(reading, span, sending.Due, Iso.Time(sending.Due), null);
            return [];
        }
    }
}
