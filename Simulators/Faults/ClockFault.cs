using Telemetry.Simulators.City;

namespace Telemetry.Simulators.Faults;

/// <summary>What a device's clock says instead of the time, Unix ms.</summary>
/// <param name="sent">As it would have been sent.</param>
/// <param name="since">Milliseconds since the begin of the fault's span.</param>
public delegate long ClockSays(long sent, long since);

/// <summary><c>clock_skew</c>, <c>local_time</c>, <c>clock_reset</c>, <c>seconds</c>: <c>ts</c> is another. Readings without <c>ts</c> stay as they are.</summary>
public sealed record ClockFault(string Word, int Number, FaultWho Who, FaultWhen When, ClockSays Says) : Fault(Word, Number, Who, When)
{
    public override FaultOrder Order => FaultOrder.Clock;

    public override FaultStage Begin(FaultRun run) => new Stage(this, run);

    private sealed class Stage(ClockFault fault, FaultRun run) : FaultStage(fault, run)
    {
        public override IEnumerable<Sending> Take(Sending sending)
        {
            if (SpanOf(sending) is not { } span || sending.What is not ReadingDue { Reading: { SentTime: { } sent } reading } || !Strikes(reading.Device))
                return [sending];
            var says = fault.Says(sent, sending.Due - Run.Start - span.From);
            if (says != sent)
                Record(reading, span, sending.Due, sent, says);
            return [sending with { What = new ReadingDue(reading.With(sentTime: says)) }];
        }
    }
}
