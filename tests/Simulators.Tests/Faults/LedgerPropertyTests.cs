using System.Globalization;
using Telemetry.Rules.Model;
using Telemetry.Simulators.City;
using Telemetry.Simulators.Faults;

namespace Telemetry.Simulators.Tests.Faults;

/// <summary>Any faults over a short city: the ledger is the whole difference between what would have been sent and what was. Found seeds are added as rows.</summary>
public sealed class LedgerPropertyTests
{
    private static readonly DateTimeOffset Start = new(2026, 6, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly long Zero = Start.ToUnixTimeMilliseconds();
    private static readonly TimeSpan Lasts = TimeSpan.FromMinutes(10);

    [Theory]
    [InlineData(0, 40)]
    public void The_clean_stream_and_the_ledger_make_the_faulty_stream(int firstSeed, int seeds)
    {
        var lines = 0;
        for (var seed = firstSeed; seed < firstSeed + seeds; seed++)
        {
            var yaml = AnyFaults.Yaml(new Random(seed));
            var ledger = new List<Injection>();
            var sent = Play(yaml, Lasts, ledger.Add);
            var expected = Clean();
            foreach (var line in ledger)
                Apply(line, expected);

            Assert.True(expected.Values.SelectMany(copies => copies).Where(copy => !copy.IsLost).Select(copy => copy.ToString()).Order(StringComparer.Ordinal).SequenceEqual(Readings(sent).Order(StringComparer.Ordinal)), $"seed {seed}:\n{yaml}");
            Assert.True(Links(ledger).SequenceEqual(Links(sent)), $"seed {seed}:\n{yaml}");
            lines += ledger.Count;
        }
        Assert.True(lines > 1000 * seeds, $"the faults of {seeds} files changed {lines} things only");
    }

    [Theory]
    [InlineData(100, 12)]
    public void The_same_file_gives_the_same_stream_however_finely_time_is_cut(int firstSeed, int seeds)
    {
        for (var seed = firstSeed; seed < firstSeed + seeds; seed++)
        {
            var yaml = AnyFaults.Yaml(new Random(seed));
            var (coarse, fine) = (new List<Injection>(), new List<Injection>());
            Assert.True(All(Play(yaml, Lasts, coarse.Add)).SequenceEqual(All(Play(yaml, TimeSpan.FromSeconds(7), fine.Add))), $"seed {seed}:\n{yaml}");
            Assert.True(coarse.SequenceEqual(fine), $"seed {seed}:\n{yaml}");
        }
    }

    private static SimulatedCity City() => new(CityBuilder.Fewest, 1, story: false, Start);

    private static List<Sending> Play(string yaml, TimeSpan step, Action<Injection> record)
    {
        var city = City();
        var (plan, errors) = FaultReader.Read("f.yaml", yaml, Sender.Of(city.Devices));
        Assert.Empty(errors);
        var (layer, sent) = (new FaultLayer(plan!, Zero, record), new List<Sending>());
        for (var now = TimeSpan.Zero; now < Lasts;)
        {
            now = now + step < Lasts ? now + step : Lasts;
            sent.AddRange(layer.Over(city.AdvanceTo(Start + now), (Start + now).ToUnixTimeMilliseconds()));
        }
        sent.AddRange(layer.End());
        Assert.Equal(sent.Select(sending => sending.Due).Order(), sent.Select(sending => sending.Due));
        return sent;
    }

    /// <summary>A reading on its way as the ledger tells of it.</summary>
    private sealed class Copy(long due, Reading reading)
    {
        public long Due { get; set; } = due;

        public bool IsLost { get; set; }

        public long Ts { get; set; } = reading.SentTime!.Value;

        public SortedDictionary<string, object> Values { get; init; } = new(reading.Values.ToDictionary(value => value.Channel, Injection.ValueOf), StringComparer.Ordinal);

        public Copy At(long due) => new(due, reading) { Ts = Ts, Values = new(Values, StringComparer.Ordinal) };

        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Due} {reading.Device}#{reading.Sequence} {Ts} {string.Join(' ', Values.Select(value => string.Create(CultureInfo.InvariantCulture, $"{value.Key}={value.Value}")))}");
    }

    private static Dictionary<(string Device, long Sequence), List<Copy>> Clean() =>
        City().AdvanceTo(Start + Lasts).OfType<ReadingDue>().ToDictionary(due => (due.Reading.Device, due.Reading.Sequence!.Value), due => new List<Copy> { new(due.Reading.EventTime, due.Reading) });

    private static void Apply(Injection line, Dictionary<(string Device, long Sequence), List<Copy>> expected)
    {
        if (line.Device is null)
            return;
        var copies = expected[(line.Device, line.Sequence!.Value)];
        switch (line.Fault)
        {
            case "stuck" or "drift" or "spike" or "sentinel" or "unit_mix_up":
                var shown = Assert.Single(copies);
                Assert.Equal(line.Original, shown.Values[line.Channel!]);
                shown.Values[line.Channel!] = line.Sent!;
                break;
            case "dropout" when line.Channel is { } channel:
                Assert.True(Assert.Single(copies).Values.Remove(channel));
                copies[0].IsLost |= copies[0].Values.Count == 0;
                break;
            case "clock_skew" or "local_time" or "clock_reset" or "seconds":
                var stamped = Assert.Single(copies);
                Assert.Equal((line.Original, line.At), (stamped.Ts, stamped.Due));
                stamped.Ts = (long)line.Sent!;
                break;
            case "duplicate" or "redelivery":
                copies.Add(Left(line, copies).At(Moment(line.Sent!)));
                break;
            default:
                var moved = Left(line, copies);
                if (line.Sent is null)
                    moved.IsLost = true;
                else
                    moved.Due = Moment(line.Sent);
                if (line is { Fault: "herd", Sent: not null })
                    moved.Ts = moved.Due;
                break;
        }
    }

    /// <summary>The copy that left when the line says. A redelivery sends again also what another fault has moved or taken since: all copies say the same.</summary>
    private static Copy Left(Injection line, List<Copy> copies) =>
        copies.FirstOrDefault(copy => copy.Due == Moment(line.Original!) && !copy.IsLost)
        ?? (line.Fault == "redelivery" ? copies[0] : throw new InvalidOperationException($"nothing left then: {FaultLedger.Line(line)}"));

    private static long Moment(object text) => DateTimeOffset.Parse((string)text, CultureInfo.InvariantCulture).ToUnixTimeMilliseconds();

    private static IEnumerable<string> Readings(IEnumerable<Sending> sent) =>
        sent.Where(sending => sending.What is ReadingDue).Select(sending => new Copy(sending.Due, ((ReadingDue)sending.What).Reading).ToString());

    private static IEnumerable<string> All(IEnumerable<Sending> sent) =>
        sent.Select(sending => sending.What is ReadingDue { Reading: var reading } ? $"{sending.Due} {FaultStream.Payload(reading)}" : $"{sending.Due} {sending.What}");

    /// <summary>Between which moments each gateway is down: several faults at once are one outage.</summary>
    private static IEnumerable<string> Links(List<Injection> ledger)
    {
        foreach (var gateway in ledger.Where(line => line.Device is null).GroupBy(line => line.Gateway).OrderBy(of => of.Key, StringComparer.Ordinal))
        {
            var (from, to) = (0L, 0L);
            foreach (var line in gateway.OrderBy(line => line.From).Append(null))
            {
                if (line is not null && line.From < to)
                {
                    to = Math.Max(to, line.To!.Value);
                    continue;
                }
                if (to > 0)
                    yield return $"{gateway.Key} {from} {to}";
                (from, to) = (line?.From ?? 0, line?.To ?? 0);
            }
        }
    }

    private static IEnumerable<string> Links(List<Sending> sent)
    {
        foreach (var gateway in sent.Where(sending => sending.What is GatewayChange).GroupBy(sending => ((GatewayChange)sending.What).Gateway).OrderBy(of => of.Key, StringComparer.Ordinal))
        {
            foreach (var pair in gateway.Chunk(2))
            {
                Assert.Equal([false, true], pair.Select(sending => ((GatewayChange)sending.What).Up));
                yield return $"{gateway.Key} {pair[0].Due} {pair[1].Due}";
            }
        }
    }
}
