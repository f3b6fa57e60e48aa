using System.Runtime.InteropServices;
using Telemetry.Rules.Conditions;

namespace Telemetry.Rules.Operators;

/// <summary>What the rules remember of one place: who counts in it, and how the rules that are raised for it stand.</summary>
internal sealed class PlaceState
{
    public PlaceState(FamilyPlan family, PlacePlan plan, string id)
    {
        (Family, Plan, Id) = (family, plan, id);
        Members = [.. plan.Counts.Select(count => new PlaceMembers(count))];
        Steps = new StepState[plan.Steps];
    }

    public FamilyPlan Family { get; }

    public PlacePlan Plan { get; }

    public string Id { get; }

    public PlaceMembers[] Members { get; }

    public StepState[] Steps { get; }

    /// <summary>Event time that its rules have been carried to by ticks, Unix ms.</summary>
    public long Walked { get; set; } = long.MinValue;

    /// <summary>Earliest event time at which something has changed since; <see cref="long.MaxValue"/> for nothing.</summary>
    public long Dirty { get; set; } = long.MaxValue;

    /// <summary>Event time of the last alarm that came or went: what lies before it is settled.</summary>
    public long Settled { get; set; } = long.MinValue;

    /// <summary>Due time under which it stands in the queue; <see cref="long.MaxValue"/> for none.</summary>
    public long Queued { get; set; } = long.MaxValue;

    public PlaceMembers MembersOf(PlaceCount count) => Members[Plan.PositionOf[count.Index]];

    public int TopStep(RulePlan rule)
    {
        for (var i = rule.Rule.Steps.Count - 1; i >= 0; i--)
        {
            if (Steps[rule.First + i].Active)
                return i;
        }
        return -1;
    }

    public long NextChange(long after) => Members.Min(members => members.NextChange(after));

    /// <summary>Event time from which there is something to be looked at; <see cref="long.MaxValue"/> for never.</summary>
    public long NextDue()
    {
        var due = Math.Min(Dirty, NextChange(Walked));
        foreach (var rule in Plan.Rules)
        {
            for (var i = 0; i < rule.Rule.Steps.Count; i++)
                due = Math.Min(due, Delays.Due(Steps[rule.First + i], Steps[rule.First], rule, i));
        }
        return due;
    }

    /// <summary>After a change of the family file: counts and rules that are still there go on.</summary>
    public PlaceState MoveTo(FamilyPlan family, PlacePlan plan, long at)
    {
        var after = new PlaceState(family, plan, Id) { Walked = Walked, Dirty = Math.Min(Dirty, at), Settled = Settled };
        foreach (var members in after.Members)
        {
            if (Array.Find(Members, old => IsSame(old.Count, members.Count)) is not { } old)
                continue;
            foreach (var (device, instance, stay) in old.All)
                members.Add(device, instance, stay);
        }
        foreach (var rule in plan.Rules)
        {
            if (Array.Find(Plan.Rules, old => old.Rule.Name == rule.Rule.Name) is not { } old)
                continue;
            var steps = BlockMove.Match(old.Rule.Steps, rule.Rule.Steps);
            for (var step = 0; step < steps.Length; step++)
            {
                if (steps[step] >= 0)
                    after.Steps[rule.First + step] = Steps[old.First + steps[step]];
            }
        }
        return after;
    }

    public void Save(BinaryWriter into)
    {
        into.Write(Walked);
        into.Write(Dirty);
        into.Write(Settled);
        into.Write(MemoryMarshal.AsBytes(Steps.AsSpan()));
        foreach (var members in Members)
            members.Save(into);
    }

    public void Load(BinaryReader from)
    {
        Walked = from.ReadInt64();
        Dirty = from.ReadInt64();
        Settled = from.ReadInt64();
        from.BaseStream.ReadExactly(MemoryMarshal.AsBytes(Steps.AsSpan()));
        foreach (var members in Members)
            members.Load(from);
    }

    private static bool IsSame(PlaceCount before, PlaceCount after) =>
        before.Span == after.Span && before.Source.Text == after.Source.Text && before.Source.Rule == after.Source.Rule && before.Source.Group == after.Source.Group;
}
