using System.Globalization;
using System.Reactive.Subjects;
using System.Text;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;

namespace Telemetry.Benchmarks.Growth;

/// <summary>Devices of a family made for this: one channel and so many rules, each of which looks at every value.</summary>
internal static class GrowthFamily
{
    private const long Start = 1_790_000_000_000;
    private const long Apart = 60_000;

    /// <param name="inAlarm">Share of the readings beyond the rules' limits: their devices send one beyond and one below in turn, so that each of their readings raises or clears every rule.</param>
    /// <param name="rounds">Readings of each device, one a minute.</param>
    /// <returns>Nanoseconds of processor time a reading, and transitions a reading.</returns>
    public static (double Nanoseconds, double Transitions) Measure(int rules, double inAlarm, int devices = 10_000, int rounds = 25)
    {
        using var entries = new Subject<LogEntry>();
        var transitions = 0L;
        using var running = GrowthCity.New().Run(entries).Subscribe(_ => transitions++);
        var text = Text(rules);
        var read = FamilyReader.Read("growth.yaml", text);
        if (read.Family is not { } family)
            throw new InvalidOperationException(string.Join('\n', read.Errors));
        entries.OnNext(new FamilyEntry(family.Name, text, family.Hash) { Time = Start });
        var swinging = (int)Math.Round(2 * inAlarm * devices);
        var (position, spent, counted) = (0L, TimeSpan.Zero, 0L);
        var round = new List<LogEntry>(devices + 1);
        for (var i = 0; i < rounds; i++)
        {
            // The first ones register the devices.
            if (i == 5)
                (spent, counted, transitions) = (TimeSpan.Zero, 0, 0);
            var now = Start + (i * Apart);
            round.Clear();
            for (var device = 0; device < devices; device++)
            {
                var value = device < swinging && i % 2 == 1 ? 6 : 1 + (i % 10 * 0.05);
                var reading = new Reading
                {
                    Gateway = "gw-1", Family = family.Name, Device = string.Create(CultureInfo.InvariantCulture, $"d-{device}"), SentTime = now, EventTime = now, Values = [new ChannelValue("level", ValueKind.Number, value, null, Quality.Good)],
                };
                round.Add(new ReadingEntry(reading) { Position = ++position, Time = now });
            }
            round.Add(new TickEntry { Position = ++position, Time = now });
            var begun = Environment.CpuUsage.TotalTime;
            foreach (var entry in round)
                entries.OnNext(entry);
            spent += Environment.CpuUsage.TotalTime - begun;
            counted += devices;
        }
        return (spent.TotalNanoseconds / counted, transitions / (double)counted);
    }

    private static string Text(int rules)
    {
        var text = new StringBuilder(
            """
            family: growth
            title: {en: Growth, zh: 增长}
            heartbeat: 60s
            rationalised: {by: shipped default, on: null}
            channels:
              level: {unit: m, plausible: 0..100, every: 60s, title: {en: Level, zh: 水位}}
            rules:

            """);
        for (var i = 0; i < rules; i++)
            text.Append(CultureInfo.InvariantCulture, $"  rule_{i}:\n    kind: ticket\n    title: {{en: Rule {i}, zh: 规则 {i}}}\n    source: benchmark\n    when: level > {5 + (i * 0.005)} m\n    deadband: 0.2 m\n");
        return text.ToString();
    }
}
