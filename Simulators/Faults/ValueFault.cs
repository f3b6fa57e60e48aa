using Telemetry.Rules.Model;
using Telemetry.Simulators.City;

namespace Telemetry.Simulators.Faults;

/// <summary>A sensor shows something else than what there is.</summary>
/// <param name="Channel">A name, with or without its instance, or the beginning of one with <c>*</c> behind it.</param>
public abstract record ValueFault(string Word, int Number, FaultWho Who, FaultWhen When, string Channel) : Fault(Word, Number, Who, When)
{
    public override FaultOrder Order => FaultOrder.Sensor;

    public override FaultStage Begin(FaultRun run) => new Stage(this, run);

    /// <summary>What the sensor shows instead; null for nothing.</summary>
    protected abstract ChannelValue? Change(ChannelValue value, ValueMoment at);

    private bool Fits(string channel) => ChannelPattern.Fits(Channel, channel);

    /// <param name="First">What the channel showed when the fault's span first struck it.</param>
    /// <param name="IsFirst">It is that moment.</param>
    /// <param name="Seconds">Since the span's begin.</param>
    protected readonly record struct ValueMoment(string Family, ChannelValue First, bool IsFirst, double Seconds);

    private sealed class Stage(ValueFault fault, FaultRun run) : FaultStage(fault, run)
    {
        private readonly Dictionary<(string Device, string Channel), (long From, ChannelValue First)> _struck = [];

        public override IEnumerable<Sending> Take(Sending sending) =>
            SpanOf(sending) is { } span && sending.What is ReadingDue { Reading: var reading } && reading.Values.Any(value => fault.Fits(value.Channel)) && Strikes(reading.Device)
                ? Changed(reading, span, sending)
                : [sending];

        private Sending[] Changed(Reading reading, Span span, Sending sending)
        {
            var values = new List<ChannelValue>(reading.Values.Length);
            foreach (var value in reading.Values)
            {
                var shown = fault.Fits(value.Channel) ? fault.Change(value, At(reading, value, span, sending.Due)) : value;
                if (shown is { } there)
                    values.Add(there);
                if (shown != value)
                    Record(reading, span, sending.Due, Injection.ValueOf(value), shown is { } other ? Injection.ValueOf(other) : null, value.Channel);
            }
            // A reading without values is none.
            return values.Count == 0 ? [] : [sending with { What = new ReadingDue(reading.With([.. values])) }];
        }

        private ValueMoment At(Reading reading, ChannelValue value, Span span, long due)
        {
            var key = (reading.Device, value.Channel);
            var isFirst = !_struck.TryGetValue(key, out var struck) || struck.From != span.From;
            if (isFirst)
                _struck[key] = struck = (span.From, value);
            return new ValueMoment(reading.Family, struck.First, isFirst, (due - Run.Start - span.From) / 1000.0);
        }
    }
}

/// <summary><c>stuck</c>: it goes on showing what it showed first.</summary>
public sealed record StuckFault(string Word, int Number, FaultWho Who, FaultWhen When, string Channel) : ValueFault(Word, Number, Who, When, Channel)
{
    protected override ChannelValue? Change(ChannelValue value, ValueMoment at) => at.First;
}

/// <summary><c>dropout</c> of a channel: it shows nothing.</summary>
public sealed record MissingValueFault(string Word, int Number, FaultWho Who, FaultWhen When, string Channel) : ValueFault(Word, Number, Who, When, Channel)
{
    protected override ChannelValue? Change(ChannelValue value, ValueMoment at) => null;
}

/// <summary><c>sentinel</c>: it shows what its maker means for "no value", a number or a text.</summary>
public sealed record SentinelFault(string Word, int Number, FaultWho Who, FaultWhen When, string Channel, double? Code, string Text) : ValueFault(Word, Number, Who, When, Channel)
{
    protected override ChannelValue? Change(ChannelValue value, ValueMoment at) => Code is { } number
        ? new ChannelValue(value.Channel, ValueKind.Number, number, null, value.Quality)
        : new ChannelValue(value.Channel, ValueKind.State, 0, Text, value.Quality);
}

/// <summary>What a number becomes, in the channel's unit.</summary>
/// <param name="seconds">Since the begin of the fault's span.</param>
public delegate double Shown(double number, double seconds);

/// <summary><c>drift</c>, <c>spike</c>, <c>unit_mix_up</c>: another number.</summary>
/// <param name="Once">Only the first reading of each span.</param>
/// <param name="Shown">By family and channel without instance; what is not there stays as it is.</param>
public sealed record NumberFault(string Word, int Number, FaultWho Who, FaultWhen When, string Channel, bool Once, IReadOnlyDictionary<(string Family, string Channel), Shown> Shown)
    : ValueFault(Word, Number, Who, When, Channel)
{
    protected override ChannelValue? Change(ChannelValue value, ValueMoment at) =>
        value.Kind != ValueKind.Number || (Once && !at.IsFirst) || !Shown.TryGetValue((at.Family, ChannelPattern.WithoutInstance(value.Channel)), out var shown)
            ? value
            : value with { Number = shown(value.Number, at.Seconds) };
}
