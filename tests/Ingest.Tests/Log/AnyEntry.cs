using System.Text.Json;
using CsCheck;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Tests.Log;

/// <summary>Random entries of every kind, with every optional field there and not there.</summary>
internal static class AnyEntry
{
    private static readonly JsonSerializerOptions Exact = new() { NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.AllowNamedFloatingPointLiterals };

    private static readonly Gen<string> Text = CsCheck.Gen.OneOf(CsCheck.Gen.String.AlphaNumeric, CsCheck.Gen.Const("井盖 №7"), CsCheck.Gen.Const(""), CsCheck.Gen.Const(new string('é', 200)));
    private static readonly Gen<string?> Maybe = CsCheck.Gen.OneOf(Text.Select(t => (string?)t), CsCheck.Gen.Const((string?)null));
    private static readonly Gen<long?> MaybeLong = CsCheck.Gen.OneOf(CsCheck.Gen.Long.Select(l => (long?)l), CsCheck.Gen.Const((long?)null));
    private static readonly Gen<double?> MaybeDouble = CsCheck.Gen.OneOf(CsCheck.Gen.Double.Select(d => (double?)d), CsCheck.Gen.Const((double?)null));
    private static readonly Gen<IReadOnlyDictionary<string, string>> Pairs =
        CsCheck.Gen.Select(Text, Text).Array[0, 3].Select(p => (IReadOnlyDictionary<string, string>)new SortedDictionary<string, string>(p.DistinctBy(x => x.Item1).ToDictionary(x => x.Item1, x => x.Item2), StringComparer.Ordinal));

    private static readonly Gen<ChannelValue> Value = CsCheck.Gen.Select(Text, CsCheck.Gen.Enum<ValueKind>(), CsCheck.Gen.OneOf(CsCheck.Gen.Double, CsCheck.Gen.Const(0.0), CsCheck.Gen.Const(1.0), CsCheck.Gen.Const(-0.0), CsCheck.Gen.Const(double.NaN)), Maybe, CsCheck.Gen.Enum<Quality>(), Maybe,
        (channel, kind, number, state, quality, why) => new ChannelValue(channel, kind, number, state, quality, why));

    private static readonly Gen<LogEntry> Reading = CsCheck.Gen.Select(CsCheck.Gen.Select(Text, Text, Text), MaybeLong, MaybeLong, CsCheck.Gen.Long, CsCheck.Gen.Int[0, 63], Value.Array[0, 4],
        (names, sent, sequence, eventTime, marks, values) => (LogEntry)new ReadingEntry(new Reading
        {
            Gateway = names.Item1,
            Family = names.Item2,
            Device = names.Item3,
            SentTime = sent,
            Sequence = sequence,
            EventTime = sent is { } s && eventTime % 2 == 0 ? s : eventTime,
            Marks = (TimeMarks)marks,
            Values = values,
        }));

    private static readonly Gen<LogEntry> Device = CsCheck.Gen.Select(CsCheck.Gen.Select(Text, Text, Text, Text), CsCheck.Gen.Select(Maybe, Maybe, Maybe, Maybe), CsCheck.Gen.Select(MaybeDouble, MaybeDouble), CsCheck.Gen.Select(Maybe, Maybe, Maybe), Pairs, Pairs,
        (names, where, at, rest, settings, links) => (LogEntry)new DeviceEntry(new Device
        {
            Id = names.Item1,
            Family = names.Item2,
            State = names.Item3,
            Model = where.Item1,
            Gateway = where.Item2,
            District = where.Item3,
            Street = where.Item4,
            Latitude = at.Item1,
            Longitude = at.Item2,
            Address = rest.Item1,
            Parent = rest.Item2,
            Heartbeat = rest.Item3,
            StateUntil = where.Item1,
            Exercise = where.Item2,
            StateReason = rest.Item2,
            Settings = settings,
            Links = links,
            Sensors = settings.Count == 1 ? links : settings,
        }, names.Item4));

    public static readonly Gen<LogEntry> Gen = CsCheck.Gen.OneOf(
        Reading,
        Device,
        CsCheck.Gen.Const(0).Select(_ => (LogEntry)new TickEntry()),
        CsCheck.Gen.Long.Select(by => (LogEntry)new ClockStepEntry(by)),
        CsCheck.Gen.Select(Text, CsCheck.Gen.Bool, (v, adoption) => (LogEntry)new ServiceStartedEntry(v, adoption)),
        CsCheck.Gen.Select(Text, CsCheck.Gen.Bool, Text, (g, up, cause) => (LogEntry)new GatewayEntry(g, up, cause)),
        CsCheck.Gen.Select(Text, Text, Text, Maybe, Maybe, (f, text, hash, by, approvedBy) => (LogEntry)new FamilyEntry(f, text, hash, by, approvedBy)),
        CsCheck.Gen.Select(CsCheck.Gen.Select(Text, Text, Text), CsCheck.Gen.Select(Maybe, Maybe), MaybeLong, CsCheck.Gen.Select(Maybe, Maybe, Maybe, Maybe, Maybe), CsCheck.Gen.Bool, CsCheck.Gen.Bool, (n, said, until, more, isChecked, oneShot) => (LogEntry)new ActionEntry
        {
            Action = n.Item1,
            Alarm = n.Item2,
            By = n.Item3,
            Comment = said.Item1,
            Reason = said.Item2,
            Until = until,
            Second = more.Item1,
            Permit = more.Item2,
            Watch = more.Item3,
            Place = more.Item4,
            To = more.Item5,
            CheckedOnSite = isChecked,
            OneShot = oneShot,
        }),
        CsCheck.Gen.Select(CsCheck.Gen.Long, Text, CsCheck.Gen.Int, Maybe, Maybe, (letter, by, readings, reason, detail) => (LogEntry)new RedecodedEntry(letter, by, readings, reason, detail)),
        CsCheck.Gen.Select(Text, CsCheck.Gen.Bool, Text, (rule, active, detail) => (LogEntry)new SystemEntry(rule, active, detail)),
        CsCheck.Gen.Select(CsCheck.Gen.Select(Text, Maybe, Maybe, Text, Maybe), CsCheck.Gen.Enum<CalendarKind>(), CsCheck.Gen.Enum<CalendarScope>(), CsCheck.Gen.Long, CsCheck.Gen.Long, CsCheck.Gen.Bool, (n, kind, scope, from, to, cancelled) =>
            (LogEntry)new CalendarEntry(new CalendarItem(n.Item1, kind, n.Item2, scope, n.Item3, from, to, n.Item4, n.Item5), cancelled)),
        CsCheck.Gen.Select(CsCheck.Gen.Enum<PositionAction>(), Text, Text, CsCheck.Gen.Select(Maybe, Maybe, Maybe), CsCheck.Gen.Long, Text.Array[0, 3], (action, name, by, said, handover, seen) =>
            (LogEntry)new PositionEntry(action, name, by) { Person = said.Item1, Text = said.Item2, Hash = said.Item3, Handover = handover, Seen = seen }),
        CsCheck.Gen.Select(Text, Text, Text, Maybe, (by, action, name, detail) => (LogEntry)new AccountEntry(by, action, name, detail)),
        CsCheck.Gen.Select(Text, Text, Text, CsCheck.Gen.Byte.Array[0, 300], CsCheck.Gen.Long, (t, r, d, p, received) => (LogEntry)new DeadLetterEntry { Topic = t, Reason = r, Detail = d, Payload = p, Received = received }));

    public static void AssertSame(IReadOnlyList<LogEntry> expected, IReadOnlyList<LogEntry> actual)
    {
        Assert.Equal(expected.Count, actual.Count);
        for (var i = 0; i < expected.Count; i++)
        {
            expected[i].Position = actual[i].Position;
            expected[i].Time = actual[i].Time;
            if (expected[i] is ReadingEntry { Reading.ReceivedTimeStandsIn: true } reading)
                reading.Reading.EventTime = actual[i].Time;
            Assert.Equal(Show(expected[i]), Show(actual[i]));
        }
    }

    public static string Line(LogEntry entry) => FormattableString.Invariant($"{entry.Position} {entry.Time} {Show(entry)}");

    private static string Show(LogEntry entry) => entry.GetType().Name + JsonSerializer.Serialize(entry, entry.GetType(), Exact);
}
