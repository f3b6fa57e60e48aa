using System.Reactive.Subjects;
using System.Text;
using CsCheck;
using Telemetry.Rules.Alarms;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;

namespace Telemetry.Rules.Tests.Pipeline;

/// <summary>Random logs: the journal is a function of the log alone, wherever a checkpoint cuts it.</summary>
public class RestartTests
{
    private static readonly long Window = (long)TimeSpan.FromDays(7).TotalMilliseconds;

    [Fact]
    public void A_checkpoint_at_any_entry_gives_the_identical_rest_of_the_journal() =>
        Gen.Select(RandomLog.Step.Array[20, 200], Gen.Int[0, 1000]).Repeatably().Sample(
            (steps, cut) =>
            {
                using var timeline = RandomLog.Begin();
                RandomLog.Write(timeline, steps);
                var whole = Journal(timeline.Log, restartAfter: null);
                var resumed = Journal(timeline.Log, restartAfter: cut % timeline.Log.Count);
                Assert.Equal(whole, resumed);
                Assert.Equal(timeline.Transitions.Select(Line), whole);
            },
            iter: 300);

    [Fact]
    public void Readings_sent_again_change_no_transition() =>
        RandomLog.Step.Array[20, 150].Repeatably().Sample(
            steps =>
            {
                using var timeline = RandomLog.Begin();
                RandomLog.Write(timeline, steps);
                var doubled = timeline.Log.SelectMany(entry => entry is ReadingEntry ? new[] { entry, entry } : [entry]);
                Assert.Equal(timeline.Transitions.Select(Essence), Run(doubled, null).Select(Essence));
            },
            iter: 200);

    [Fact]
    public void Transition_ids_are_unique_and_states_follow_each_other() =>
        RandomLog.Step.Array[20, 200].Repeatably().Sample(
            steps =>
            {
                using var timeline = RandomLog.Begin();
                RandomLog.Write(timeline, steps);
                var doubled = timeline.Transitions.GroupBy(transition => transition.Id).FirstOrDefault(same => same.Count() > 1);
                Assert.True(doubled is null, string.Join('\n', (doubled ?? Enumerable.Empty<AlarmTransition>()).Select(Line)));
                foreach (var occurrence in timeline.Transitions.GroupBy(transition => transition.Alarm.Id))
                {
                    var state = AlarmState.Normal;
                    foreach (var transition in occurrence)
                    {
                        Assert.Equal(state, transition.From);
                        state = transition.To;
                    }
                    // What has ended goes on only where late readings say so.
                    var ended = occurrence.Zip(occurrence.Skip(1)).Where(pair => pair.First.To == AlarmState.Normal);
                    Assert.All(ended, pair => Assert.Equal("amended_by_late_data", pair.Second.Cause));
                }
            },
            iter: 200);

    internal static List<string> Journal(IEnumerable<LogEntry> log, int? restartAfter) => [.. Run(log, restartAfter).Select(Line)];

    private static List<AlarmTransition> Run(IEnumerable<LogEntry> log, int? restartAfter)
    {
        var transitions = new List<AlarmTransition>();
        var history = Timeline.History([.. log]);
        // Without a restart the readings are kept in memory: both ways to find what is sent again must agree.
        var earlier = restartAfter is null ? null : Timeline.Earlier([.. log]);
        var pipeline = new RulePipeline(Window, history, earlier, anchorsApart: Timeline.AnchorsApart);
        var entries = new Subject<LogEntry>();
        var running = pipeline.Run(entries).Subscribe(transitions.Add);
        var index = 0;
        foreach (var entry in log)
        {
            entries.OnNext(entry);
            if (index++ != restartAfter)
                continue;
            running.Dispose();
            entries.Dispose();
            var saved = new MemoryStream();
            using (var into = new BinaryWriter(saved, Encoding.UTF8, leaveOpen: true))
                pipeline.Save(into);
            pipeline = new RulePipeline(Window, history, earlier, anchorsApart: Timeline.AnchorsApart);
            pipeline.Load(new BinaryReader(new MemoryStream(saved.ToArray())));
            entries = new Subject<LogEntry>();
            running = pipeline.Run(entries).Subscribe(transitions.Add);
        }
        running.Dispose();
        entries.Dispose();
        return transitions;
    }

    private static string Line(AlarmTransition transition) =>
        $"{transition.Position}.{transition.Ordinal} {transition.Id} {transition.From} {transition.To} {transition.At} {transition.ReceivedAt} {transition.Cause} {transition.Alarm}";

    private static (string, string, long, AlarmState, string) Essence(AlarmTransition transition) =>
        (transition.Alarm.Device, transition.Alarm.Rule, transition.At, transition.To, transition.Cause);
}
