using Telemetry.Rules.Alarms;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;
using Telemetry.Rules.Tests.Pipeline;

namespace Telemetry.Rules.Tests.Families;

/// <summary>
/// One rung of one rule as a table row: what is just not enough, what is just enough and for how long, what lies inside the deadband, and what is
/// over and for how long. <see cref="Run"/> plays it, a tick each second.
/// </summary>
/// <param name="Is">A severity for an alarm; <c>ticket</c> or <c>event</c>.</param>
/// <param name="On">On-delay, seconds.</param>
/// <param name="Clears">Empty for an event.</param>
/// <param name="Off">Off-delay, seconds.</param>
internal sealed record Rung(string Rule, string Is, string Quiet, string Raises, int On, string Clears = "", int Off = 0)
{
    /// <summary>Inside the deadband.</summary>
    public string? Keeps { get; init; }

    /// <summary>Above the plausible range; it must raise.</summary>
    public string? Over { get; init; }

    /// <summary>What else every reading says.</summary>
    public string? Also { get; init; }

    /// <summary><c>high_level=2.4 rated_flow=3600</c>.</summary>
    public string? Settings { get; init; }

    public string? Model { get; init; }

    /// <summary>The kind of a work order that is open at the device all along.</summary>
    public string? WorkOrder { get; init; }

    /// <summary>Seconds between readings.</summary>
    public int Every { get; init; } = 10;

    public bool Latched { get; init; }

    /// <summary>The rung beneath, which <see cref="Quiet"/> raises; null for the lowest.</summary>
    public string? Before { get; init; }

    /// <summary>Seconds until the rung beneath stands.</summary>
    public int Settle { get; init; }

    public override string ToString() => string.Join(' ', new[] { Rule, Is, Raises, Settings, Model, WorkOrder }.Where(part => part is not null));

    public static TheoryData<string> Names(IEnumerable<Rung> rungs) => [.. rungs.Select(rung => rung.ToString())];

    /// <summary>At the limit, at the deadband, one tick before and at each delay, while the value is bad, while nothing comes, and over range.</summary>
    public static void Run(string family, IEnumerable<Rung> rungs, string name)
    {
        var rung = rungs.Single(rung => rung.ToString() == name);
        using (var play = new Play(rung, family))
            play.UpAndDown();
        using (var play = new Play(rung, family))
            play.OneReadingAlone();
        using (var play = new Play(rung, family))
            play.OverRange();
    }

    private sealed class Play : IDisposable
    {
        private readonly Rung _rung;
        private readonly string _name;
        private readonly Timeline _timeline;
        private readonly Family _family;
        private readonly bool _each;
        private int _now;

        public Play(Rung rung, string family)
        {
            (_rung, _name) = (rung, family);
            _family = FamilySet.Shipped().Find(family)!;
            _each = _family.Rules.Single(rule => rule.Name == rung.Rule).Each is not null;
            _timeline = new Timeline(_family.Text);
            var settings = (rung.Settings ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(setting => setting.Split('='));
            _timeline.At(0).Register(new Device { Id = "d", Family = family, Gateway = "gw", Model = rung.Model, Settings = settings.ToDictionary(setting => setting[0], setting => setting[1]) });
            if (rung.WorkOrder is { } kind)
                _timeline.Add(new CalendarEntry(new CalendarItem("plan", CalendarKind.WorkOrder, kind, CalendarScope.Device, "d", Timeline.Zero, Timeline.Zero + 86_400_000, "Li", null)));
        }

        public void Dispose() => _timeline.Dispose();

        public void UpAndDown()
        {
            For(_rung.Quiet, _rung.Before is null ? _rung.On + _rung.Every : _rung.Settle);
            Expect(_rung.Before, "by what is not enough");
            Turn(_rung.Raises, _rung.On, _rung.Before, _rung.Is, _rung.Is == "event" ? AlarmState.Normal : AlarmState.ActiveUnacknowledged);
            if (_rung.Clears.Length == 0)
                return;
            var longer = _rung.Off + (3 * _rung.Every) + 60;
            var told = Told.Count;
            if (_rung.Keeps is { } keeps)
                For(keeps, longer);
            For(Bad(_rung.Clears), longer);
            Assert.Equal(told, Told.Count);
            var over = _rung.Before is not null ? AlarmState.ActiveUnacknowledged : _rung.Latched ? AlarmState.LatchedUnacknowledged : AlarmState.ClearedUnacknowledged;
            Turn(_rung.Clears, _rung.Off, _rung.Is, _rung.Before, over);
            For(_rung.Clears, longer);
            Assert.Equal(told + 1, Told.Count);
        }

        /// <summary>One reading and then silence raises as far as its hold reaches, and silence clears nothing.</summary>
        public void OneReadingAlone()
        {
            if (_rung.Before is not null)
                return;
            For(_rung.Quiet, _rung.Every);
            var holds = Channels(_rung.Raises).Select(channel => _family.Find(channel)!.Channel.Hold ?? long.MaxValue).Min();
            Send(_rung.Raises);
            Silence(_rung.On);
            Expect(holds >= _rung.On * 1000L ? _rung.Is : null, "by one reading alone");
            Silence(_rung.Off + (int)Math.Min(holds / 1000, 3600) + 60);
            Expect(holds >= _rung.On * 1000L ? _rung.Is : null, "after silence");
        }

        public void OverRange()
        {
            if (_rung.Over is not { } over)
                return;
            For(over, _rung.On + 1);
            Expect(_rung.Is, "by a value over range");
        }

        private List<AlarmTransition> Told => [.. _timeline.Transitions.Where(transition => transition.Alarm.Rule == _rung.Rule && transition.Cause is not ("re_sounded" or "response_overdue"))];

        private void Turn(string values, int delay, string? from, string? to, AlarmState state)
        {
            var begin = _now;
            For(values, delay);
            Expect(from, "one tick before its delay");
            if (delay == 0 || delay % _rung.Every == 0)
                Send(values);
            Tick();
            Expect(to, "at its delay");
            Assert.Equal(begin + delay, (Told[^1].At - Timeline.Zero) / 1000.0);
            Assert.Equal(state, Told[^1].To);
            Assert.Equal(_each ? "1" : null, Told[^1].Alarm.Instance);
        }

        /// <summary>Readings at their period and a tick each second, for so many seconds.</summary>
        private void For(string values, int seconds)
        {
            for (var end = _now + seconds; _now < end;)
            {
                if ((seconds - (end - _now)) % _rung.Every == 0)
                    Send(values);
                Tick();
            }
        }

        private void Silence(int seconds)
        {
            for (var end = _now + seconds; _now <= end;)
                Tick();
        }

        private void Tick() => _timeline.At(_now++).Tick();

        private void Send(string values)
        {
            var also = _rung.Also is { } more ? " " + more : "";
            // Another instance stays quiet beside it.
            var beside = _each && values.Contains(".1=", StringComparison.Ordinal) ? " " + string.Join(' ', (_rung.Quiet + also).Split(' ').Where(value => value.Contains(".1=", StringComparison.Ordinal)).Select(value => value.Replace(".1=", ".2=", StringComparison.Ordinal))) : "";
            _timeline.At(_now).Reading("d", values + also + beside, family: _name);
        }

        private void Expect(string? standing, string when)
        {
            var last = Told.LastOrDefault();
            var stands = last is null || last.To is not (AlarmState.ActiveUnacknowledged or AlarmState.Normal) ? null
                : last.Alarm.Kind == AlarmKind.Alarm ? last.Alarm.Severity.ToString() : last.Alarm.Kind.ToString().ToLowerInvariant();
            Assert.True(stands == standing, $"{_rung} is {stands ?? "quiet"} and not {standing ?? "quiet"} {when}");
        }

        private IEnumerable<string> Channels(string values) => (_rung.Also is { } also ? $"{values} {also}" : values).Split(' ').Select(value => value[..value.IndexOf('=', StringComparison.Ordinal)]);

        private static string Bad(string values) => string.Join(' ', values.Split(' ').Select(value => value + "!bad"));
    }
}
