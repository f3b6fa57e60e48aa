using Telemetry.Rules.Conditions;
using Telemetry.Rules.Model;

namespace Telemetry.Rules.Operators;

/// <summary>All places in which something counts. Only what moves costs: a device enters with the first thing that holds for it.</summary>
internal sealed class PlaceTable
{
    private readonly Dictionary<(string Family, string Kind, string Id), PlaceState> _places = [];
    private readonly PriorityQueue<PlaceState, long> _queue = new();

    public PlaceState? Find(string family, string kind, string id) => _places.GetValueOrDefault((family, kind, id));

    public Num CountAt(DeviceState device, PlaceCount count, long at)
    {
        if (device.Device.PlaceOf(count.Place) is not { } id)
            return Num.Absent;
        return Num.Of(Find(device.Device.Family, count.Place, id)?.MembersOf(count).CountAt(at) ?? 0);
    }

    /// <summary>Something that is counted holds at a device from now on, or no longer. Unknown neither comes nor goes.</summary>
    public void Set(DeviceState device, Block block, Source source, Truth truth, long at)
    {
        if (truth is not (Truth.True or Truth.False) || !Counts(device))
            return;
        foreach (var count in device.Plan.CountsOf[source.Index])
        {
            if (device.Device.PlaceOf(count.Place) is not { } id)
                continue;
            var place = Find(device.Device.Family, count.Place, id) ?? (truth == Truth.True ? Enter(device.Plan, count.Place, id) : null);
            if (place?.MembersOf(count).Set(device.Index, block.Instance, truth == Truth.True, at) == true)
                Touch(place, at);
        }
    }

    /// <summary>The register says something new of a device; what it said before still stands in <paramref name="state"/>.</summary>
    /// <param name="at">Event time, Unix ms.</param>
    public void Move(DeviceState state, Device device, long at)
    {
        foreach (var plan in state.Plan.Places)
        {
            var (before, after) = (state.Device.PlaceOf(plan.Kind), device.PlaceOf(plan.Kind));
            if (before == after || before is null || Find(device.Family, plan.Kind, before) is not { } left)
                continue;
            var entered = after is null ? null : Find(device.Family, plan.Kind, after) ?? Enter(state.Plan, plan.Kind, after);
            for (var i = 0; i < left.Members.Length; i++)
            {
                foreach (var block in state.Blocks)
                {
                    if (left.Members[i].Remove(state.Index, block.Instance) is { } stay)
                        entered?.Members[i].Add(state.Index, block.Instance, stay);
                }
            }
            Touch(left, at);
            if (entered is not null)
                Touch(entered, at);
        }
    }

    /// <summary>The register may have made it one that counts, or one that does not: what holds at it already counts from now on.</summary>
    public void Rejoin(DeviceState device, long at)
    {
        if (!Counts(device))
        {
            Forget(device, at);
            return;
        }
        foreach (var block in device.Blocks)
        {
            for (var i = 0; i < block.Traces.Length; i++)
            {
                if (block.Traces[i] is { } trace && Logic.Of(trace.Present) == Truth.True)
                    Set(device, block, block.Plan.Sources[i], Truth.True, Math.Max(at, trace.Since));
            }
        }
    }

    /// <summary>It is no longer evaluated: nothing of it counts.</summary>
    public void Forget(DeviceState device, long at)
    {
        foreach (var plan in device.Plan.Places)
        {
            if (device.Device.PlaceOf(plan.Kind) is not { } id || Find(device.Device.Family, plan.Kind, id) is not { } place)
                continue;
            foreach (var members in place.Members)
            {
                foreach (var block in device.Blocks)
                {
                    if (members.Remove(device.Index, block.Instance) is not null)
                        Touch(place, at);
                }
            }
        }
    }

    /// <summary>How one device counts in its places, for <see cref="LoadStays"/>.</summary>
    public void SaveStays(DeviceState device, BinaryWriter into)
    {
        foreach (var plan in device.Plan.Places)
        {
            var place = device.Device.PlaceOf(plan.Kind) is { } id ? Find(device.Device.Family, plan.Kind, id) : null;
            for (var count = 0; count < plan.Counts.Length; count++)
            {
                foreach (var block in device.Blocks)
                {
                    var stay = place?.Members[count].Find(device.Index, block.Instance);
                    into.Write(stay is not null);
                    if (stay is not { } known)
                        continue;
                    into.Write(known.From);
                    into.Write(known.Until);
                }
            }
        }
    }

    /// <summary>Of a device with the same blocks as when they were saved, in a table that does not know it yet.</summary>
    public void LoadStays(DeviceState device, BinaryReader from)
    {
        foreach (var plan in device.Plan.Places)
        {
            for (var count = 0; count < plan.Counts.Length; count++)
            {
                foreach (var block in device.Blocks)
                {
                    if (!from.ReadBoolean())
                        continue;
                    var stay = new PlaceMembers.Stay(from.ReadInt64(), from.ReadInt64());
                    if (device.Device.PlaceOf(plan.Kind) is { } id)
                        (Find(device.Device.Family, plan.Kind, id) ?? Enter(device.Plan, plan.Kind, id)).Members[count].Add(device.Index, block.Instance, stay);
                }
            }
        }
    }

    /// <summary>What late readings have made of a device: from a moment of event time on it counts as it does in another table.</summary>
    public void TakeOver(DeviceState device, PlaceTable rerun, DeviceState asRerun, long from)
    {
        foreach (var plan in device.Plan.Places)
        {
            if (device.Device.PlaceOf(plan.Kind) is not { } id)
                continue;
            var source = rerun.Find(device.Device.Family, plan.Kind, id);
            for (var i = 0; i < plan.Counts.Length; i++)
            {
                foreach (var block in device.Blocks)
                {
                    var after = source?.Members[i].Find(asRerun.Index, block.Instance);
                    var place = Find(device.Device.Family, plan.Kind, id) ?? (after is null ? null : Enter(device.Plan, plan.Kind, id));
                    var before = place?.Members[i].Find(device.Index, block.Instance);
                    if (place is null || before == after || before?.Until < from)
                        continue;
                    place.Members[i].Remove(device.Index, block.Instance);
                    if (after is { } stay && Counts(device))
                        place.Members[i].Add(device.Index, block.Instance, stay);
                    Touch(place, from);
                }
            }
        }
    }

    /// <summary>A change of the family file: what its places hold is judged by it from then on.</summary>
    public void MoveTo(FamilyPlan family, long at)
    {
        foreach (var (key, place) in _places.Where(pair => pair.Key.Family == family.Family.Name).ToList())
        {
            place.Queued = long.MaxValue;
            _places.Remove(key);
            if (Array.Find(family.Places, plan => plan.Kind == key.Kind) is not { } plan)
                continue;
            _places[key] = place.MoveTo(family, plan, at);
            Queue(_places[key]);
        }
    }

    /// <summary>Places with something to be looked at, in an order that is the same on every machine.</summary>
    public List<PlaceState> TakeDue(long now)
    {
        var due = new List<PlaceState>();
        while (_queue.TryPeek(out var place, out var time) && time <= now)
        {
            _queue.Dequeue();
            if (place.Queued != time)
                continue;
            place.Queued = long.MaxValue;
            if (place.NextDue() <= now)
                due.Add(place);
            else
                Queue(place);
        }
        due.Sort((a, b) => string.CompareOrdinal(a.Family.Family.Name, b.Family.Family.Name) is var family and not 0 ? family
            : string.CompareOrdinal(a.Plan.Kind, b.Plan.Kind) is var kind and not 0 ? kind : string.CompareOrdinal(a.Id, b.Id));
        return due;
    }

    public void Queue(PlaceState place)
    {
        var due = place.NextDue();
        if (due >= place.Queued)
            return;
        place.Queued = due;
        _queue.Enqueue(place, due);
    }

    public void Save(BinaryWriter into)
    {
        into.Write(_places.Count);
        foreach (var ((family, kind, id), place) in _places)
        {
            into.Write(family);
            into.Write(kind);
            into.Write(id);
            place.Save(into);
        }
    }

    public void Load(BinaryReader from, IReadOnlyDictionary<string, FamilyPlan> families)
    {
        for (var left = from.ReadInt32(); left > 0; left--)
        {
            var (family, kind, id) = (from.ReadString(), from.ReadString(), from.ReadString());
            var place = Enter(families[family], kind, id);
            place.Load(from);
            Queue(place);
        }
    }

    /// <summary>A technician's test and a drill are no part of what happens in the street.</summary>
    private static bool Counts(DeviceState device) => device.IsEvaluated && device.Device.State is not ("test" or "drill");

    private PlaceState Enter(FamilyPlan family, string kind, string id) =>
        _places[(family.Family.Name, kind, id)] = new PlaceState(family, Array.Find(family.Places, plan => plan.Kind == kind)!, id);

    private void Touch(PlaceState place, long at)
    {
        place.Dirty = Math.Min(place.Dirty, at);
        Queue(place);
    }
}
