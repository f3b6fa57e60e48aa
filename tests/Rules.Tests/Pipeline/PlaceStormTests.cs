using System.Reactive.Subjects;
using System.Text;
using Telemetry.Rules.Alarms;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;

namespace Telemetry.Rules.Tests.Pipeline;

/// <summary>20,000 covers open within 10 s: what stands on top, and that a restart in the midst of it shows in nothing.</summary>
public sealed class PlaceStormTests
{
    private const int Devices = 20_000, Streets = 40, Seconds = 10;

    private static readonly string Cover = FamilySet.ShippedFiles().Single(file => file.File == "manhole_cover.yaml").Text.ReplaceLineEndings("\n");

    /// <summary>The shipped rule of the street, and the same of the whole city: all of the storm in one place.</summary>
    private static readonly string CoverOfTheCity = Cover.Replace(
        "  level_high:\n", "  city_covers:\n" + RuleOf("street_covers").Replace("count_in(street, cover_open, 30min) >= 3", "count_in(city, cover_open, 30min) >= 1000", StringComparison.Ordinal) + "\n  level_high:\n", StringComparison.Ordinal);

    private static string RuleOf(string name)
    {
        var from = Cover.IndexOf($"  {name}:\n", StringComparison.Ordinal) + name.Length + 4;
        return Cover[from..Cover.IndexOf("\n\n", from, StringComparison.Ordinal)];
    }

    [Fact]
    public void Each_street_and_the_city_have_one_alarm_and_every_cover_its_own()
    {
        var transitions = Run(Storm(), restartAfter: null);
        var areas = transitions.Where(transition => transition.Alarm.Family == "area").ToList();
        Assert.Equal(Streets + 1, areas.Count);
        Assert.All(areas, area => Assert.Equal("raised", area.Cause));
        var covers = transitions.Where(transition => transition.Alarm.Rule == "cover_open").GroupBy(transition => transition.Alarm.Id).ToList();
        Assert.Equal(Devices, covers.Count);
        Assert.All(covers, cover => Assert.Equal(AlarmState.Suppressed, cover.Last().To));
        // Two were told before the third made it one alarm of their street.
        Assert.Equal(2, transitions.Count(transition => transition.Alarm.Rule == "cover_open" && transition.To == AlarmState.ActiveUnacknowledged));
        // The thousandth of the city opens in the first second, at its device's own millisecond.
        var city = areas.Single(area => area.Alarm.Device == "city");
        Assert.Equal(Timeline.Zero + (999 / 2) + 10_000, city.At);
        Assert.Equal(1000, city.Alarm.Value);
        Assert.EndsWith("C-00019, …", city.Alarm.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0.3)]
    [InlineData(0.7)]
    public void A_checkpoint_in_the_storm_gives_the_identical_rest_of_the_journal(double cut)
    {
        var log = Storm().ToList();
        Assert.Equal(Run(log, restartAfter: null).Select(Line), Run(log, (int)(log.Count * cut)).Select(Line));
    }

    private static IEnumerable<LogEntry> Storm()
    {
        var position = 0L;
        LogEntry At(LogEntry entry, long time)
        {
            (entry.Position, entry.Time) = (++position, Timeline.Zero + time);
            return entry;
        }

        yield return At(new FamilyEntry("manhole_cover", CoverOfTheCity, FamilyReader.HashOf(CoverOfTheCity)), 0);
        for (var i = 0; i < Devices; i++)
            yield return At(new DeviceEntry(new Device { Id = $"C-{i:00000}", Family = "manhole_cover", Gateway = "gw", District = "East", Street = $"S-{i % Streets}" }, "test"), 0);
        var next = 0;
        for (var tick = 1; tick <= Seconds + 15; tick++)
        {
            for (; next < Devices && next * (Seconds * 1000L) / Devices < tick * 1000; next++)
            {
                var at = next * (Seconds * 1000L) / Devices;
                yield return At(
                    new ReadingEntry(new Reading
                    {
                        Gateway = "gw", Family = "manhole_cover", Device = $"C-{next:00000}", SentTime = Timeline.Zero + at, EventTime = Timeline.Zero + at,
                        Values = [new ChannelValue("cover_state", ValueKind.State, 0, "open", Quality.Good)],
                    }),
                    at);
            }
            yield return At(new TickEntry(), tick * 1000);
        }
    }

    private static List<AlarmTransition> Run(IEnumerable<LogEntry> log, int? restartAfter)
    {
        var transitions = new List<AlarmTransition>();
        var (pipeline, entries) = (new RulePipeline(86_400_000), new Subject<LogEntry>());
        pipeline.Run(entries).Subscribe(transitions.Add);
        foreach (var entry in log)
        {
            entries.OnNext(entry);
            if (entry.Position != restartAfter)
                continue;
            var saved = new MemoryStream();
            using (var into = new BinaryWriter(saved, Encoding.UTF8, leaveOpen: true))
                pipeline.Save(into);
            (pipeline, entries) = (new RulePipeline(86_400_000), new Subject<LogEntry>());
            pipeline.Load(new BinaryReader(new MemoryStream(saved.ToArray())));
            pipeline.Run(entries).Subscribe(transitions.Add);
        }
        return transitions;
    }

    private static string Line(AlarmTransition transition) =>
        $"{transition.Position}.{transition.Ordinal} {transition.Id} {transition.From} {transition.To} {transition.At} {transition.Cause} {transition.Alarm.Detail}";
}
