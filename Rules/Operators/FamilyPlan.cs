using Telemetry.Rules.Conditions;
using Telemetry.Rules.Families;

namespace Telemetry.Rules.Operators;

/// <summary>A family laid out for evaluation: where each channel's slot and each rule's steps stand in a device's arrays.</summary>
public sealed partial class FamilyPlan
{
    private readonly Dictionary<string, ChannelRef?> _resolved = new(StringComparer.Ordinal);

    // By place in a reading: devices of a family name their channels in the same order, and the log gives one string for equal names.
    private readonly (string? Name, ChannelRef? Channel)[] _atPlace = new (string?, ChannelRef?)[16];
    private readonly Dictionary<string, double[]> _ofModels = new(StringComparer.Ordinal);

    public FamilyPlan(Family family)
    {
        Family = family;
        var groups = family.Channels.Where(channel => channel.Group is not null).Select(channel => channel.Group!).Distinct(StringComparer.Ordinal);
        Main = new BlockPlan(null, family);
        Groups = [.. groups.Select(group => new BlockPlan(group, family))];
        Silence = family.Rules.FirstOrDefault(rule => rule.Trigger == RuleTrigger.Silence);
        SlotOf = new int[family.Channels.Count];
        Array.Fill(SlotOf, -1);
        foreach (var block in Groups.Prepend(Main))
        {
            for (var slot = 0; slot < block.Channels.Length; slot++)
                SlotOf[block.Channels[slot].Index] = slot;
        }
        TraceOf = new int[family.Sources.Count];
        foreach (var block in Groups.Prepend(Main))
        {
            for (var trace = 0; trace < block.Sources.Length; trace++)
                TraceOf[block.Sources[trace].Index] = trace;
        }
        LinkSources = [.. family.Sources.Where(source => source.Link is not null)];
        Places = [.. family.Counts.Select(count => count.Place).Distinct().Select(kind => new PlacePlan(kind, family))];
        CountsOf = [.. family.Sources.Select(source => family.Counts.Where(count => count.Source == source).ToArray())];
        JudgesCount = [.. family.Counts.Select(count => Groups.Prepend(Main).Any(block => block.ByCount[count.Index].Length > 0))];
        JudgesNeighbour = [.. family.Sources.Select(source => Groups.Prepend(Main).Any(block => block.ByNeighbour[source.Index].Length > 0))];
        var conditions = family.Rules.SelectMany(rule => rule.Steps).Select(step => step.Condition).OfType<Condition>().ToList();
        AsksCalendar = conditions.Any(condition => condition.AsksCalendar);
        OpenHours = conditions.Any(condition => condition.AsksOpenHours) ? family.Settings.First(setting => setting.IsHours) : null;
        SilenceAlarm = family.Sources.FirstOrDefault(source => Silence is not null && source.Rule == Silence.Name);
        Wakes = OpenHours is not null || family.Sources.Any(source => source.Spans.Length > 0);
        HasJumps = family.Channels.Any(channel => channel.MaxRate is not null);
        Defaults = [.. family.Settings.Select(setting => setting.Default ?? double.NaN)];
        foreach (var (name, model) in family.Models.Where(model => model.Value.Settings.Count > 0))
            _ofModels[name] = [.. Defaults.Select((value, index) => model.Settings.GetValueOrDefault(index, value))];
        WatchedLoss = new HashSet<Channel>(family.Rules.SelectMany(rule => rule.Steps).SelectMany(step => LossIn(step.Condition)));
        Unknown = UnknownRule(family, Silence, AlarmKind.Ticket);
        UnknownAlarm = UnknownRule(family, Silence, AlarmKind.Alarm);
    }

    public Family Family { get; }

    public BlockPlan Main { get; }

    public BlockPlan[] Groups { get; }

    /// <summary>The rule <c>when: silent</c>; null for families without one.</summary>
    public Rule? Silence { get; }

    /// <summary>The rule that carries what the others can't see; one step, at the silence rule's severity.</summary>
    public Rule Unknown { get; }

    /// <summary>The same, where one of the blinded rules asks for an alarm.</summary>
    public Rule UnknownAlarm { get; }

    /// <summary>By channel index: the slot within its block.</summary>
    public int[] SlotOf { get; }

    /// <summary>What is remembered of linked devices, beside them.</summary>
    public Source[] LinkSources { get; }

    /// <summary>By source index: the trace within its block.</summary>
    public int[] TraceOf { get; }

    /// <summary>Kinds of places that its rules look at.</summary>
    public PlacePlan[] Places { get; }

    /// <summary>By source index: what is counted of it in places.</summary>
    public PlaceCount[][] CountsOf { get; }

    /// <summary>By count index: some rule of devices looks at it.</summary>
    public bool[] JudgesCount { get; }

    /// <summary>By source index: some rule looks at the neighbours'.</summary>
    public bool[] JudgesNeighbour { get; }

    /// <summary>Some rule asks for work orders, forecasts or opening hours.</summary>
    public bool AsksCalendar { get; }

    /// <summary>Opening hours that some rule asks for; null for none.</summary>
    public Setting? OpenHours { get; }

    /// <summary>The silence rule's alarm, where a condition asks for it.</summary>
    public Source? SilenceAlarm { get; }

    /// <summary>Some condition changes by itself some time after a change.</summary>
    public bool Wakes { get; }

    /// <summary>Some channel has a <see cref="Channel.MaxRate"/>.</summary>
    public bool HasJumps { get; }

    /// <summary>By setting index; NaN where every device must say.</summary>
    public double[] Defaults { get; }

    /// <summary>The same for a device of this model; shared by all of them.</summary>
    public double[] DefaultsOf(string? model) => model is not null && _ofModels.TryGetValue(model, out var values) ? values : Defaults;

    /// <summary>Channels whose loss has a rule of its own (<c>unknown(sump_level)</c>); that rule takes the place of <see cref="Unknown"/>.</summary>
    public IReadOnlySet<Channel> WatchedLoss { get; }

    /// <summary>The same for the value at a place of a reading: most often what stood there before.</summary>
    public ChannelRef? Resolve(string channel, int place)
    {
        ref var last = ref _atPlace[place % _atPlace.Length];
        if (!ReferenceEquals(last.Name, channel))
            last = (channel, Resolve(channel));
        return last.Channel;
    }

    public ChannelRef? Resolve(string channel)
    {
        if (!_resolved.TryGetValue(channel, out var found))
            _resolved[channel] = found = Family.Find(channel);
        return found;
    }

    public BlockPlan Group(string group) => Array.Find(Groups, block => block.Group == group) ?? throw new ArgumentException(group, nameof(group));

    [System.Text.RegularExpressions.GeneratedRegex(@"\bunknown\(\s*(\w+)\s*\)")]
    private static partial System.Text.RegularExpressions.Regex LossTest();

    private static IEnumerable<Channel> LossIn(Condition? condition) =>
        condition is null ? [] : condition.Channels.Where(channel => LossTest().Matches(condition.Text).Any(match => match.Groups[1].Value == channel.Name));

    private static Rule UnknownRule(Family family, Rule? silence, AlarmKind kind) => new()
    {
        Name = "unknown",
        Index = family.Rules.Count,
        Title = new Title("Rules without data", "规则失去数据"),
        Trigger = RuleTrigger.BuiltIn,
        Kind = kind,
        Steps = [new Step { Kind = kind, Severity = silence?.Steps[0].Severity ?? Severity.Low, OnDelay = 10_000, OffDelay = 60_000 }],
        Action = new Title("Check the device: the listed rules see nothing.", "检查设备：所列规则已失去数据。"),
        Source = "unknown policies of the blinded rules",
        RespondIn = silence?.RespondIn,
        Who = silence?.Who,
        Consequence = silence?.Consequence,
    };
}

/// <summary>The part of a family that a device has once, or once per instance of a group.</summary>
public sealed class BlockPlan
{
    public BlockPlan(string? group, Family family)
    {
        Group = group;
        Channels = [.. family.Channels.Where(channel => channel.Group == group)];
        var rules = family.Rules.Where(rule => rule.Each == group && rule.Trigger == RuleTrigger.Condition && rule.Place is null).ToArray();
        var first = 0;
        Rules = new RulePlan[rules.Length];
        for (var i = 0; i < rules.Length; i++)
        {
            Rules[i] = new RulePlan(rules[i], first);
            first += rules[i].Steps.Count;
        }
        Steps = first;
        Sources = [.. family.Sources.Where(source => source.Group == group && source.Link is null)];
        SourcesByChannel = [.. family.Channels.Concat(family.LinkChannels).Select(channel => Sources.Where(source => source.Channels.Contains(channel)).ToArray())];
        BySource = [.. family.Sources.Select(source => Rules.Where(rule => rule.LooksBackOn(source)).ToArray())];
        SourcesBySource = [.. family.Sources.Select(part => Sources.Where(source => source.Parts.Contains(part)).ToArray())];
        Alarms = [.. Sources.Where(source => source.Rule is not null).Select(source => AlarmSource.Of(source, Rules)).OfType<AlarmSource>()];
        ByCount = [.. family.Counts.Select(count => Rules.Where(rule => rule.Conditions.Any(condition => condition.Counts.Contains(count))).ToArray())];
        ByNeighbour = [.. family.Sources.Select(source => Rules.Where(rule => rule.Conditions.Any(condition => condition.Neighbours.Contains(source))).ToArray())];
        ByCalendar = [.. Rules.Where(rule => rule.Conditions.Any(condition => condition.AsksCalendar))];
        ByOpenHours = [.. Rules.Where(rule => rule.Conditions.Any(condition => condition.AsksOpenHours))];
        Blinding = [.. Rules.Where(rule => rule.Rule.Unknown != UnknownPolicy.Keep)];
        ByChannel = [.. family.Channels.Concat(family.LinkChannels).Select(channel => Rules.Where(rule => rule.Reads(channel)).ToArray())];
        Held = [.. Enumerable.Range(0, Channels.Length).Where(slot => Channels[slot].Hold is not null).Select(slot => (slot, Channels[slot].Hold!.Value))];
        Waking = [.. Enumerable.Range(0, Sources.Length).Where(trace => Sources[trace].Spans.Length > 0).Select(trace => (trace, Sources[trace].Spans.ToArray()))];
    }

    /// <summary>Null for what a device has once.</summary>
    public string? Group { get; }

    public Channel[] Channels { get; }

    public RulePlan[] Rules { get; }

    /// <summary>What is remembered beyond the newest values.</summary>
    public Source[] Sources { get; }

    /// <summary>By channel index of the family: the sources of this block that it is part of.</summary>
    public Source[][] SourcesByChannel { get; }

    /// <summary>By source index of the family: the rules of this block that look back on it.</summary>
    public RulePlan[][] BySource { get; }

    /// <summary>By source index of the family: the sources of this block that it is part of.</summary>
    public Source[][] SourcesBySource { get; }

    /// <summary>Sources that are alarms of this block's rules.</summary>
    public AlarmSource[] Alarms { get; }

    /// <summary>By count index of the family: the rules of this block that look at it.</summary>
    public RulePlan[][] ByCount { get; }

    /// <summary>By source index of the family: the rules of this block that look at the neighbours'.</summary>
    public RulePlan[][] ByNeighbour { get; }

    public RulePlan[] ByCalendar { get; }

    public RulePlan[] ByOpenHours { get; }

    /// <summary>Rules whose unknown contributes to the alarm <c>unknown</c>.</summary>
    public RulePlan[] Blinding { get; }

    /// <summary>Number of step states.</summary>
    public int Steps { get; }

    /// <summary>By channel index of the family: the rules of this block that read it.</summary>
    public RulePlan[][] ByChannel { get; }

    /// <summary>Slots whose values count for so many ms alone.</summary>
    public (int Slot, long Hold)[] Held { get; }

    /// <summary>Traces that change by themselves so many ms after a change.</summary>
    public (int Trace, long[] Spans)[] Waking { get; }
}

/// <param name="Step">From this step on it counts as standing.</param>
public sealed record AlarmSource(Source Source, RulePlan Rule, int Step)
{
    /// <summary>Null where the rule is not evaluated.</summary>
    public static AlarmSource? Of(Source source, RulePlan[] rules)
    {
        foreach (var rule in rules)
        {
            if (rule.Rule.Name == source.Rule)
                return new AlarmSource(source, rule, 0);
            for (var step = 0; step < rule.Rule.Steps.Count; step++)
            {
                if (rule.Rule.Steps[step].Name == source.Rule)
                    return new AlarmSource(source, rule, step);
            }
        }
        return null;
    }
}

/// <summary>A rule where its steps begin among the block's step states. Compared by reference: once for each value of a reading.</summary>
public sealed class RulePlan(Rule rule, int first)
{
    public Rule Rule { get; } = rule;

    public int First { get; } = first;

    /// <summary>The rule's steps: an array, since they are gone through for each value.</summary>
    public Step[] Steps { get; } = [.. rule.Steps];

    /// <summary>Their conditions; null for those that have none.</summary>
    public Func<ConditionInputs, Truth>?[] Truths { get; } = [.. rule.Steps.Select(step => step.Condition?.Evaluate)];

    /// <summary>Where it stood last in a list of rules to be evaluated; may be outdated.</summary>
    internal int Listed { get; set; }

    public IEnumerable<Condition> Conditions => Steps.Select(step => step.Condition!);

    public bool LooksBackOn(Source source) => Conditions.Any(condition => condition.Sources.Contains(source));

    public bool Reads(Channel channel) => Conditions.Any(condition => condition.Channels.Contains(channel));
}
