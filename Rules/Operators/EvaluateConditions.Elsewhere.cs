using Telemetry.Rules.Conditions;
using Telemetry.Rules.Model;

namespace Telemetry.Rules.Operators;

/// <summary>What makes conditions change without a reading of their device: other devices, places, the calendar.</summary>
public sealed partial class EvaluateConditions
{
    private readonly JudgePlaces _places = new(fleet);

    /// <summary>Tells those who look at what has moved, and those who look at what that moves in turn.</summary>
    private void Spread(Moment moment)
    {
        // Rules that ask for each other in a circle come to rest here.
        for (var round = 0; fleet.Moves.Count > 0 && round < DeepestEcho; round++)
        {
            var moves = fleet.Moves.ToArray();
            fleet.Moves.Clear();
            foreach (var move in moves)
                Tell(moment, move);
        }
        fleet.Moves.Clear();
    }

    private void Tell(Moment moment, Move move)
    {
        var (device, source, at) = move;
        foreach (var count in device.Plan.CountsOf[source.Index])
        {
            if (device.Device.PlaceOf(count.Place) is { } id)
                JudgeCount(moment, device.Plan, count, id, at);
        }
        if (!device.Plan.JudgesNeighbour[source.Index])
            return;
        var (before, after) = fleet.Neighbours.Of(device);
        foreach (var other in new[] { before, after })
        {
            if (other is not null)
                JudgeThose(moment, other, plan => plan.ByNeighbour[source.Index], at);
        }
    }

    /// <summary>Ticks carry places: what changes there by the passing of time, and the rules that are raised for them.</summary>
    private void OnPlaces(Moment moment)
    {
        var now = moment.Entry.Time;
        foreach (var place in fleet.Places.TakeDue(now))
        {
            foreach (var members in place.Members)
            {
                for (var end = members.NextEnd(place.Walked); end <= now; end = members.NextEnd(end))
                    JudgeCount(moment, place.Family, members.Count, place.Id, end);
            }
            _places.Walk(moment, place, now);
        }
        Spread(moment);
    }

    /// <summary>Rules of devices that look at a count of their place.</summary>
    private void JudgeCount(Moment moment, FamilyPlan family, PlaceCount count, string place, long at)
    {
        if (!family.JudgesCount[count.Index])
            return;
        var devices = count.Place == "parent" ? fleet.Neighbours.With(family.Family.Name, place) : fleet.Devices.Where(device => device.Device.PlaceOf(count.Place) == place);
        foreach (var device in devices.Where(device => device.Plan == family).OrderBy(device => device.Index))
            JudgeThose(moment, device, plan => plan.ByCount[count.Index], at);
    }

    private void OnCalendar(Moment moment, CalendarEntry entry)
    {
        var before = fleet.Calendar.Set(entry);
        foreach (var item in new[] { before, entry.Item })
        {
            if (item?.IsAt(entry.Time) == true)
                JudgeCalendar(moment, item, entry.Time);
        }
    }

    /// <summary>An item of the calendar begins or ends. A device that readings have carried beyond it is judged where it stands: its windows know no past.</summary>
    public void JudgeCalendar(Moment moment, CalendarItem item, long at)
    {
        if (item.Scope == CalendarScope.Device)
        {
            if (fleet.Find(item.Place ?? "") is { } one)
                JudgeThose(moment, one, plan => plan.ByCalendar, Math.Max(at, one.Seen));
            return;
        }
        foreach (var device in fleet.Devices)
        {
            if (device.Plan.AsksCalendar && Calendar.Covers(item, device.Device))
                JudgeThose(moment, device, plan => plan.ByCalendar, Math.Max(at, device.Seen));
        }
    }

    private void JudgeThose(Moment moment, DeviceState device, Func<BlockPlan, RulePlan[]> rules, long at)
    {
        if (!device.IsEvaluated || device.Blocks.All(block => rules(block.Plan).Length == 0))
            return;
        Advance(moment, device, at, byReading: false);
        if (at < device.Judged.Time)
            moment.OutOfOrder.Add((device, at));
        device.JudgeAt(at);
        EvaluateThose(moment, device, rules, at);
        device.Seen = Math.Max(device.Seen, at);
        Finish(moment, device);
    }

    private void EvaluateThose(Moment moment, DeviceState device, Func<BlockPlan, RulePlan[]> rules, long at)
    {
        var key = ReadingKey.Of(at, moment.Entry);
        foreach (var block in device.Blocks)
        {
            foreach (var rule in rules(block.Plan))
                Evaluate(moment, device, block, rule, at, key);
        }
    }
}
