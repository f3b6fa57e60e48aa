using System.Reactive.Subjects;
using Telemetry.Rules.Alarms;
using Telemetry.Rules.Model;
using Telemetry.Rules.Tests.Pipeline;

namespace Telemetry.Rules.Tests.Alarms;

/// <summary>A timeline of one device <c>d</c> of the small family; its readings are the conditions themselves.</summary>
internal sealed class SmallTimeline(params string[] rules) : IDisposable
{
    public Timeline Line { get; } = new(SmallFamily.Of(rules));

    /// <summary><c>plain latch !cause</c>: what holds from now on, and what does not.</summary>
    public SmallTimeline At(double seconds, string conditions = "", string device = "d")
    {
        Line.At(seconds);
        if (conditions.Length > 0)
            Line.Reading(device, string.Join(' ', conditions.Split(' ').Select(word => word[0] == '!' ? $"is_{word[1..]}=false" : $"is_{word}=true")), family: SmallFamily.Name);
        return this;
    }

    public SmallTimeline TicksTo(double seconds)
    {
        Line.TicksTo(seconds);
        return this;
    }

    /// <summary>Transitions since the last look: <c>00:35 plain ActiveUnacknowledged raised</c>.</summary>
    public string[] Look(bool insistence = false) => [.. Line.Look(insistence).Select(line => line.Split(' ')).Select(words => $"{words[0]} {words[2]} {words[3]} {words[5]}")];

    /// <summary>What a pipeline that takes up this one's checkpoint makes of the rest: the same, to the last member.</summary>
    public IReadOnlyList<AlarmTransition> Resumed(Action<SmallTimeline> rest)
    {
        var memory = new MemoryStream();
        Line.Pipeline.Save(new BinaryWriter(memory));
        var pipeline = new RulePipeline((long)TimeSpan.FromDays(7).TotalMilliseconds);
        pipeline.Load(new BinaryReader(new MemoryStream(memory.ToArray())));
        var told = new List<AlarmTransition>();
        using var entries = new Subject<LogEntry>();
        using var running = pipeline.Run(entries).Subscribe(told.Add);
        var (entriesBefore, transitionsBefore) = (Line.Log.Count, Line.Transitions.Count);
        rest(this);
        foreach (var entry in Line.Log.Skip(entriesBefore))
            entries.OnNext(entry);
        Assert.Equal(Line.Transitions.Skip(transitionsBefore), told);
        return told;
    }

    public void Dispose() => Line.Dispose();
}
