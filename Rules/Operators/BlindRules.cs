using Telemetry.Rules.Conditions;
using Telemetry.Rules.Families;

namespace Telemetry.Rules.Operators;

/// <summary>
/// The alarm <c>unknown</c> of a device that talks, but whose rules see nothing: a channel is bad or stale, or a setting is missing, and the
/// rule's policy asks for more than keeping still. One alarm a device, listing the blinded rules.
/// </summary>
internal sealed class BlindRules(Fleet fleet)
{
    private readonly DeviceInputs _inputs = new(fleet);

    public void Judge(Moment moment, DeviceState device, long at, ulong key)
    {
        Delays.Note(ref device.Unknown, AnyBlind(device, at) ? Truth.True : Truth.False, at, key);
        Mature(moment, device, at);
    }

    public static long Due(DeviceState device) => Delays.Due(device.Unknown, device.Plan.Unknown.Steps[0]);

    public void Mature(Moment moment, DeviceState device, long now)
    {
        if (!Delays.Mature(ref device.Unknown, device.Plan.Unknown.Steps[0], now, out var at))
            return;
        device.JudgeAt(at);
        var blind = Blind(device, at).ToList();
        var rule = blind.Any(rule => rule.Unknown == UnknownPolicy.Alarm) ? device.Plan.UnknownAlarm : device.Plan.Unknown;
        var detail = string.Join(", ", blind.Select(rule => rule.Name).Distinct());
        moment.Changes.Add(new ConditionChange(
            Fleet.SubjectOf(device), rule, 0, device.Unknown.Active ? 0 : -1, at, device.Unknown.Key, new Evidence(null, null, null, null, null, detail)));
    }

    private bool AnyBlind(DeviceState device, long at)
    {
        foreach (var block in device.Blocks)
        {
            foreach (var rule in block.Plan.Blinding)
            {
                if (IsBlind(device, block, rule, at))
                    return true;
            }
        }
        return false;
    }

    private IEnumerable<Rule> Blind(DeviceState device, long at)
    {
        foreach (var block in device.Blocks)
        {
            foreach (var rule in block.Plan.Blinding)
            {
                if (IsBlind(device, block, rule, at))
                    yield return rule.Rule;
            }
        }
    }

    private bool IsBlind(DeviceState device, Block block, RulePlan rule, long at)
    {
        if (block.Steps.TruthOf(rule.First) != Truth.Unknown)
            return false;
        _inputs.Point(device, block, at);
        var lost = rule.Steps[0].Condition!.Channels.Where(channel => _inputs.Value(channel).State == NumState.Unknown).ToList();
        // A rule that watches the lost channel itself takes this one's place.
        return lost.Count == 0 || !lost.All(device.Plan.WatchedLoss.Contains);
    }
}
