using Telemetry.Rules.Conditions;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;

namespace Telemetry.Rules.Operators;

/// <summary>Slots and step states of a device, or of one instance (a pump, a fan, a stall) of it.</summary>
public sealed class Block(BlockPlan plan, int instance)
{
    public BlockPlan Plan { get; } = plan;

    /// <summary>0 for what the device has once.</summary>
    public int Instance { get; } = instance;

    public Slot[] Slots { get; } = new Slot[plan.Channels.Length];

    public StepStates Steps = new(plan.Steps);

    /// <summary>By position in the plan's sources; null before the first report.</summary>
    public Trace?[] Traces { get; } = plan.Sources.Length == 0 ? [] : new Trace?[plan.Sources.Length];

    /// <summary>The trace of a source of this block, made with its first report.</summary>
    public Trace TraceOf(FamilyPlan family, Source source) => Traces[family.TraceOf[source.Index]] ??= new Trace();

    /// <summary>The highest step of the rule that stands; -1 for none.</summary>
    public int TopStep(RulePlan rule)
    {
        for (var i = rule.Steps.Length - 1; i >= 0; i--)
        {
            if (Steps.Of(rule.First + i).Active)
                return i;
        }
        return -1;
    }
}

/// <summary>Everything that the rules remember of one device.</summary>
public sealed class DeviceState(int index, Device device, FamilyPlan plan, GatewayState gateway)
{
    /// <summary>Dense, in the order of first appearance in the log.</summary>
    public int Index { get; } = index;

    public Device Device { get; set; } = device;

    public FamilyPlan Plan { get; private set; } = plan;

    public GatewayState Gateway { get; set; } = gateway;

    /// <summary>Where it stands in <see cref="GatewayState.Behind"/>.</summary>
    internal int PlaceBehindGateway { get; set; }

    /// <summary>What the device has once, then one per instance seen: by group in the plan's order, then by number.</summary>
    public Block[] Blocks { get; private set; } = [new(plan.Main, 0)];

    public Block Main => Blocks[0];

    public ReadOnlySpan<Block> Instances => Blocks.AsSpan(1);

    /// <summary>By setting index, in the setting's unit; NaN where nobody says. Shared with the plan until the register overrides one.</summary>
    public double[] Settings { get; set; } = plan.Defaults;

    /// <summary>Milliseconds without a sign of life, of the gateway's clock, after which the device is silent.</summary>
    public long SilenceLimit { get; set; }

    /// <summary>The gateway's clock at the last sign of life.</summary>
    public long HeardAt { get; set; }

    /// <summary>Priority under which it stands in its gateway's queue; an entry with another one is outdated.</summary>
    public long SilenceQueuedAt { get; set; } = -1;

    /// <summary>Log time of the last sign of life, Unix ms; 0 for never.</summary>
    public long LastContact { get; set; }

    public StepState Silence;

    public StepState Unknown;

    /// <summary>Latest event time that its rules have been carried to, Unix ms.</summary>
    public long Seen { get; set; }

    /// <summary>Earliest event time at which a pending delay is due, Unix ms; <see cref="long.MaxValue"/> for none.</summary>
    public long NextDue { get; set; } = long.MaxValue;

    /// <summary>Some step is <see cref="StepState.Expired"/>.</summary>
    public bool HasExpired { get; set; }

    /// <summary>Event time up to which conditions that change by themselves have been looked at, Unix ms.</summary>
    public long Woken { get; set; }

    /// <summary>Due time under which it stands in the evaluation queue; <see cref="long.MaxValue"/> for none.</summary>
    public long Queued { get; set; } = long.MaxValue;

    /// <summary>Earliest event time at which a value stops counting, Unix ms.</summary>
    public long NextExpiry { get; set; } = long.MaxValue;

    /// <summary>How far its rules have decided: a reading that belongs before it comes too late for that.</summary>
    public ReadingOrder Judged { get; set; }

    /// <summary>Log time of the last change of its settings or rules, Unix ms, or of its first entry in the register before it was heard; 0 for neither.</summary>
    public long RulesSince { get; set; }

    /// <summary>It had been heard when that came: what was before is not judged by what came after.</summary>
    public bool WasHeard { get; set; }

    /// <summary>First seen while gateways have credentials, and still provisional: someone has to say that it belongs here.</summary>
    public bool AwaitsAdoption { get; set; }

    /// <summary>Values that do not count yet, at most one a channel.</summary>
    internal Jump[] Jumps { get; set; } = [];

    /// <summary>Event time at which the first of these counts, Unix ms; <see cref="long.MaxValue"/> for none.</summary>
    internal long NextJump
    {
        get
        {
            var next = long.MaxValue;
            foreach (var jump in Jumps)
                next = Math.Min(next, jump.Due);
            return next;
        }
    }

    /// <summary>Where a rerun may begin, the oldest first; none where it begins with the device's first reading.</summary>
    internal Anchor[] Anchors { get; set; } = [];

    /// <summary>Readings that its rules have taken since the last of these.</summary>
    internal int SinceAnchor { get; set; }

    /// <summary>The next tick at which nothing late waits makes another one.</summary>
    internal bool AnchorIsDue { get; set; }

    /// <summary>Another device links it, or has done so.</summary>
    internal bool IsLinked { get; set; }

    public bool IsEvaluated => Device.State != "commissioning" && !AwaitsAdoption;

    /// <summary>Something was decided at this event time, before what any reading of that time says.</summary>
    public void JudgeAt(long at)
    {
        if (at > Judged.Time)
            Judged = new ReadingOrder(at, 0);
    }

    public Block BlockOf(ChannelRef channel)
    {
        if (channel.Instance == 0)
            return Main;
        foreach (var block in Instances)
        {
            if (block.Instance == channel.Instance && block.Plan.Group == channel.Channel.Group)
                return block;
        }
        return AddInstance(Plan.Group(channel.Channel.Group!), channel.Instance);
    }

    public Block? FindInstance(string group, int instance)
    {
        foreach (var block in Instances)
        {
            if (block.Instance == instance && block.Plan.Group == group)
                return block;
        }
        return null;
    }

    /// <summary>The value of a channel that another device asks for by its own name and hold; absent where this family has no such channel, or none alike.</summary>
    public Num ValueAt(Channel asked, long at) => FindSlot(asked) is { } slot ? Newest(slot).At(asked, at) : Num.Absent;

    /// <summary>What stands there for those that ask from elsewhere: the value as sent last, a jump or not.</summary>
    internal Slot Newest(int slot)
    {
        foreach (var jump in Jumps)
        {
            if (jump.Channel.Instance == 0 && Plan.SlotOf[jump.Channel.Channel.Index] == slot)
                return jump.Value;
        }
        return Main.Slots[slot];
    }

    /// <summary>One of its readings is of a later event time, Unix ms; a jump's is one, though its value waits.</summary>
    public bool HasReportedAfter(long time)
    {
        foreach (var block in Blocks)
        {
            foreach (ref readonly var slot in block.Slots.AsSpan())
            {
                if (slot.Present && slot.Time > time)
                    return true;
            }
        }
        return Array.Exists(Jumps, jump => jump.Value.Time > time);
    }

    /// <summary>Where that value stands in <see cref="Main"/>.</summary>
    internal int? FindSlot(Channel asked) =>
        Plan.Resolve(asked.Name) is { Instance: 0 } own && own.Channel.Type == asked.Type && own.Channel.Unit == asked.Unit ? Plan.SlotOf[own.Channel.Index] : null;

    public Block AddInstance(BlockPlan plan, int instance)
    {
        var block = new Block(plan, instance);
        Blocks = [Main, .. Blocks.Skip(1).Append(block).OrderBy(other => Array.IndexOf(Plan.Groups, other.Plan)).ThenBy(other => other.Instance)];
        return block;
    }

    /// <summary>It is no longer evaluated; when it is again, every condition begins anew.</summary>
    public void ForgetSteps()
    {
        (Silence, Unknown, Judged) = (default, default, default);
        if (Plan.SilenceAlarm is { } silence)
            Main.Traces[Plan.TraceOf[silence.Index]] = null;
        foreach (var block in Blocks)
        {
            block.Steps.Forget();
            foreach (var alarm in block.Plan.Alarms)
                block.Traces[Plan.TraceOf[alarm.Source.Index]] = null;
        }
        NextDue = long.MaxValue;
    }

    /// <summary>The alarms of a rule that conditions ask for.</summary>
    public IEnumerable<(Block Block, Source Source)> AlarmsOf(string rule, int instance) =>
        from block in Blocks
        where block.Instance == instance
        from alarm in block.Plan.Alarms
        where alarm.Rule.Rule.Name == rule
        select (block, alarm.Source);

    /// <summary>Takes over where the same rules have come to, with every reading in its place.</summary>
    public void TakeOver(DeviceState rerun)
    {
        (Blocks, Unknown, Jumps) = (rerun.Blocks, rerun.Unknown, rerun.Jumps);
        (Seen, Woken, Judged) = (rerun.Seen, rerun.Woken, rerun.Judged);
        (NextDue, NextExpiry, HasExpired) = (rerun.NextDue, rerun.NextExpiry, rerun.HasExpired);
    }

    /// <summary>Takes over values, windows and step states from the layout before a change of the family file.</summary>
    public void MoveTo(FamilyMove move)
    {
        foreach (var jump in Jumps)
            BlockOf(jump.Channel).Slots[Plan.SlotOf[jump.Channel.Channel.Index]] = jump.Value;
        Jumps = [];
        Plan = move.After;
        Blocks = move.Move(this);
    }
}
