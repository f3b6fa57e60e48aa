using Telemetry.Rules.Model;
using Telemetry.Simulators.City;

namespace Telemetry.Simulators.Faults;

/// <summary>
/// <c>herd</c>: devices whose clocks all stand at the same hour report at the same moment and not in between: each one's last reading leaves then, with
/// that moment as its time, and the others are never made.
/// </summary>
/// <param name="Each">Milliseconds from one such moment to the next, counted from midnight in China.</param>
public sealed record HerdFault(string Word, int Number, FaultWho Who, FaultWhen When, long Each) : Fault(Word, Number, Who, When)
{
    private const long Zone = 8 * 3_600_000L;

    public override FaultOrder Order => FaultOrder.Clock;

    public override FaultStage Begin(FaultRun run) => new Stage(this, run);

    private sealed class Stage(HerdFault fault, FaultRun run) : FaultStage(fault, run)
    {
        // In the order in which they were first heard.
        private readonly List<(Sending Sending, Span Span)> _last = [];
        private readonly Dictionary<string, int> _index = new(StringComparer.Ordinal);

        public override long? NextDue => _last.Count == 0 ? null : Next(_last[0].Sending.Due);

        public override IEnumerable<Sending> Take(Sending sending)
        {
            if (SpanOf(sending) is not { } span || sending.What is not ReadingDue { Reading: var reading })
                return [sending];
            if (_index.TryGetValue(reading.Device, out var at))
            {
                var (before, of) = _last[at];
                Record(((ReadingDue)before.What).Reading, of, before.Due, Iso.Time(before.Due), null);
                _last[at] = (sending, span);
                return [];
            }
            _index[reading.Device] = _last.Count;
            _last.Add((sending, span));
            return [];
        }

        public override IEnumerable<Sending> Release()
        {
            var now = NextDue!.Value;
            var herd = _last.ToList();
            _last.Clear();
            _index.Clear();
            foreach (var (sending, span) in herd)
            {
                var reading = ((ReadingDue)sending.What).Reading;
                Record(reading, span, sending.Due, Iso.Time(sending.Due), Iso.Time(now));
                yield return new Sending(now, new ReadingDue(reading.With(sentTime: now, eventTime: now)));
            }
        }

        private long Next(long due) => ((due + Zone) / fault.Each + 1) * fault.Each - Zone;
    }
}
