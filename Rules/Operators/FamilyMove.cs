using Telemetry.Rules.Families;
using Telemetry.Rules.Model;

namespace Telemetry.Rules.Operators;

/// <summary>What becomes of a device's memory when its family file changes, worked out once for all devices: values, windows and steps that the new file still has go on.</summary>
public sealed class FamilyMove(FamilyPlan before, FamilyPlan after)
{
    private readonly BlockMove _main = new(before.Main, after.Main);
    private readonly BlockMove[] _groups =
        [.. before.Groups.Join(after.Groups, group => group.Group, group => group.Group, (old, now) => new BlockMove(old, now), StringComparer.Ordinal)];

    public FamilyPlan After { get; } = after;

    /// <summary>Rules that the new file takes the highest standing step from.</summary>
    public List<(DeviceState Device, Block Block, RulePlan Rule)> TopsGone { get; } = [];

    /// <summary>The device's blocks in the new layout; those of a group that is gone are left out.</summary>
    public Block[] Move(DeviceState device)
    {
        var moved = new List<Block> { Move(device, _main, device.Main) };
        foreach (var block in device.Instances)
        {
            if (Array.Find(_groups, group => group.Before == block.Plan) is { } group)
                moved.Add(Move(device, group, block));
        }
        return [.. moved];
    }

    /// <summary>What is the number now of a step that an alarm stands on; one above all where the step is gone, so that what still stands is a descent. Null where the rule is gone, or is not of this file.</summary>
    /// <param name="family">Of the alarm: that of the file, or <see cref="Fleet.AreaFamily"/> for a rule about a place.</param>
    public int? StepOf(string family, string rule, int step)
    {
        var (old, now) = (Find(before.Family, rule), Find(After.Family, rule));
        if (old is null || now is null || family != (old.Place is null ? before.Family.Name : Fleet.AreaFamily))
            return null;
        var index = Array.IndexOf(BlockMove.Match(old.Steps, now.Steps), step);
        return index >= 0 ? index : now.Steps.Count;
    }

    private static Rule? Find(Family family, string rule) => family.Rules.FirstOrDefault(known => known.Name == rule);

    private Block Move(DeviceState device, BlockMove move, Block block)
    {
        var moved = move.Move(block);
        foreach (var rule in move.TopsGone(block))
            TopsGone.Add((device, moved, rule));
        return moved;
    }
}

internal sealed class BlockMove
{
    private readonly BlockPlan _after;
    private readonly int[] _slots;
    private readonly int[] _traces;
    private readonly (RulePlan Before, RulePlan After, int[] Steps)[] _rules;

    public BlockMove(BlockPlan before, BlockPlan after)
    {
        (Before, _after) = (before, after);
        _slots = [.. after.Channels.Select(channel => Array.FindIndex(before.Channels, old => old.Name == channel.Name))];
        _traces = [.. after.Sources.Select(source => Array.FindIndex(before.Sources, old => Continues(old, source)))];
        _rules = [.. before.Rules.Join(after.Rules, rule => rule.Rule.Name, rule => rule.Rule.Name, (old, now) => (old, now, Match(old.Rule.Steps, now.Rule.Steps)), StringComparer.Ordinal)];
    }

    public BlockPlan Before { get; }

    public Block Move(Block block)
    {
        var moved = new Block(_after, block.Instance);
        for (var slot = 0; slot < _slots.Length; slot++)
        {
            if (_slots[slot] is >= 0 and var old)
                moved.Slots[slot] = Taken(block.Slots[old], Before.Channels[old], _after.Channels[slot]);
        }
        for (var trace = 0; trace < _traces.Length; trace++)
            moved.Traces[trace] = _traces[trace] is >= 0 and var old ? block.Traces[old] : null;
        foreach (var (before, after, steps) in _rules)
        {
            for (var step = 0; step < steps.Length; step++)
            {
                if (steps[step] is >= 0 and var old)
                    moved.Steps[after.First + step] = block.Steps.Of(before.First + old);
            }
        }
        moved.Steps.Settle();
        return moved;
    }

    public IEnumerable<RulePlan> TopsGone(Block block) =>
        block.Steps.AreAtRest ? [] : _rules.Where(rule => block.TopStep(rule.Before) is >= 0 and var top && !rule.Steps.Contains(top)).Select(rule => rule.After);

    /// <summary>By index of the new steps, that of the old one that it continues, or -1: by name, else by the same condition, else by position.</summary>
    internal static int[] Match(IReadOnlyList<Step> before, IReadOnlyList<Step> after)
    {
        var match = new int[after.Count];
        Array.Fill(match, -1);
        Take((old, now, _, _) => now.Name is not null && old.Name == now.Name);
        Take((old, now, _, _) => old.Condition?.Text == now.Condition?.Text);
        Take((_, _, oldIndex, nowIndex) => oldIndex == nowIndex);
        return match;

        void Take(Func<Step, Step, int, int, bool> continues)
        {
            for (var now = 0; now < after.Count; now++)
            {
                for (var old = 0; old < before.Count && match[now] < 0; old++)
                {
                    if (!match.Contains(old) && continues(before[old], after[now], old, now))
                        match[now] = old;
                }
            }
        }
    }

    /// <summary>What can't be said in the new file's terms is bad until the next report, not absent: a change of the file must not clear an alarm.</summary>
    private static Slot Taken(Slot slot, Channel before, Channel after)
    {
        if (before.Type != after.Type || before.Unit != after.Unit)
            return slot with { Quality = Quality.Bad };
        if (after.Type != ChannelType.State)
            return slot with { Over = slot.Value > after.PlausibleMax };
        var state = slot.Present && slot.Value >= 0 ? after.States.IndexOf(before.States[(int)slot.Value]) : -1;
        return state >= 0 ? slot with { Value = state } : slot with { Quality = Quality.Bad };
    }

    private static bool Continues(Conditions.Source before, Conditions.Source after) =>
        before.Text == after.Text && before.Rule == after.Rule && before.ChangesOnly == after.ChangesOnly && before.Channels.Count == after.Channels.Count
        && after.Channels.All(channel => before.Channels.Any(old => old.Name == channel.Name && old.Link == channel.Link && Means(old, channel)));

    // Further states at the end leave the numbers of the others as they are.
    private static bool Means(Channel before, Channel after) =>
        before.Type == after.Type && before.Unit == after.Unit && before.States.Count <= after.States.Count && before.States.SequenceEqual(after.States.Take(before.States.Count));
}
