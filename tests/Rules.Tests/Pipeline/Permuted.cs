using System.Reactive.Subjects;
using Telemetry.Rules.Alarms;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;

namespace Telemetry.Rules.Tests.Pipeline;

/// <summary>The same readings between the same ticks, received in any order: what the rules say of them once the last tick has passed.</summary>
internal sealed class Permuted
{
    private static readonly long Window = (long)TimeSpan.FromDays(7).TotalMilliseconds;

    private readonly List<LogEntry> _before = [];
    private readonly List<Reading> _readings = [];

    public Permuted(string family, params Device[] register)
    {
        var read = FamilyReader.Read("test.yaml", family.ReplaceLineEndings("\n"));
        Assert.Empty(read.Errors);
        Family = read.Family!;
        _before.Add(new ServiceStartedEntry("test"));
        _before.Add(new FamilyEntry(Family.Name, Family.Text, Family.Hash));
        _before.AddRange(register.Select(device => new DeviceEntry(device, "test")));
    }

    public Family Family { get; }

    public IReadOnlyList<Reading> Readings => _readings;

    /// <param name="at">Event time, seconds.</param>
    public void Add(string device, double at, long? sequence, params ChannelValue[] values) => _readings.Add(new Reading
    {
        Gateway = "gw",
        Family = Family.Name,
        Device = device,
        SentTime = Timeline.Zero + (long)(at * 1000),
        EventTime = Timeline.Zero + (long)(at * 1000),
        Sequence = sequence,
        Values = values,
    });

    /// <summary>Received like this, the readings give what they give when each is received at its own time.</summary>
    /// <param name="receivedAt">By reading: the second before whose tick it comes.</param>
    /// <param name="anchorsApart">Readings of a device.</param>
    public void AssertSame(int seconds, int[] receivedAt, int? anchorsApart = null)
    {
        var (inOrder, expected) = Run(Log(seconds, [.. _readings.Select(reading => (int)Math.Ceiling((reading.EventTime - Timeline.Zero) / 1000.0))]), anchorsApart);
        var (permuted, actual) = Run(Log(seconds, receivedAt), anchorsApart);
        Assert.True(expected.SequenceEqual(actual), $"""
            in order:
              {string.Join("\n  ", inOrder)}
            permuted:
              {string.Join("\n  ", permuted)}
            expected:
              {string.Join("\n  ", expected)}
            missing: {string.Join(", ", expected.Except(actual))}
            too much: {string.Join(", ", actual.Except(expected))}
            """);
    }

    /// <summary>The whole log: ticks of every second, and each reading before the tick of the second given for it.</summary>
    /// <param name="receivedAt">By reading: the second before whose tick it comes.</param>
    public List<LogEntry> Log(int seconds, int[] receivedAt)
    {
        var log = new List<LogEntry>(_before);
        foreach (var entry in log)
            entry.Time = Timeline.Zero - 1000;
        var bySecond = _readings.Zip(receivedAt).ToLookup(pair => Math.Min(pair.Second, seconds), pair => pair.First);
        // Beyond the readings' last second, so that all of the backlog is amended and every delay is over.
        for (var second = 0; second <= seconds + 30; second++)
        {
            var tick = Timeline.Zero + (second * 1000L);
            log.AddRange(bySecond[second].Select(reading => new ReadingEntry(reading) { Time = tick }));
            log.Add(new TickEntry { Time = tick });
        }
        for (var i = 0; i < log.Count; i++)
            log[i].Position = i + 1;
        return log;
    }

    /// <summary>What was told, and what stands of each rule on event time when all was told: <c>ps-1 level_high 30-130</c>.</summary>
    private (List<string> Told, string[] Stands) Run(List<LogEntry> log, int? anchorsApart)
    {
        var told = new List<string>();
        var alarms = new Dictionary<string, Alarm>();
        var pipeline = new RulePipeline(Window, Timeline.History(log), Timeline.Earlier(log), anchorsApart);
        using var entries = new Subject<LogEntry>();
        using var running = pipeline.Run(entries).Subscribe(Take);
        foreach (var entry in log)
            entries.OnNext(entry);
        return (told, [.. alarms.Values.Where(alarm => alarm.RetractedAt is null).Select(Text).Order(StringComparer.Ordinal)]);

        void Take(AlarmTransition transition)
        {
            var alarm = transition.Alarm;
            if (alarm.Family != Family.Name || Family.Rules.Any(rule => rule.Name == alarm.Rule && rule.Trigger == RuleTrigger.Silence))
                return;
            alarms[alarm.Id] = alarm;
            told.Add(FormattableString.Invariant($"{Seconds(transition.ReceivedAt)}: {Text(alarm)} {transition.From} -> {transition.To} {transition.Cause}"));
        }
    }

    private static string Text(Alarm alarm) =>
        FormattableString.Invariant($"{alarm.Device} {alarm.Rule}{(alarm.Instance is null ? "" : "/" + alarm.Instance)} {Seconds(alarm.RaisedAt)}-{Seconds(alarm.ClearedAt)}");

    private static double? Seconds(long? at) => (at - Timeline.Zero) / 1000.0;
}
