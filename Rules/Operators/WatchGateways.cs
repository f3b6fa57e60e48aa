using Telemetry.Rules.Conditions;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;

namespace Telemetry.Rules.Operators;

/// <summary>
/// Third stage: keeps each gateway's clock and raises <c>gateway/offline</c>. A gateway is up from <c>online</c> or any reading through it
/// until <c>offline</c>, the end of its connection, or 2.5 × the shortest heartbeat of what is evaluated behind it without a sound.
/// </summary>
public sealed class WatchGateways(Fleet fleet)
{
    // A tick later than this was not a second of service: the process stood still, and no more than this may age for it.
    private const long LongestTick = 5_000;
    private bool _interrupted = true;

    public Moment Apply(Moment moment)
    {
        switch (moment.Entry)
        {
            case ReadingEntry { Reading: { IsRedecoded: false } reading }:
                SetUp(moment, moment.Device?.Gateway is { } known && known.Id == reading.Gateway ? known : fleet.Gateway(reading.Gateway));
                break;
            case GatewayEntry { Up: true } entry:
                SetUp(moment, fleet.Gateway(entry.Gateway));
                break;
            case GatewayEntry entry:
                SetDown(moment, fleet.Gateway(entry.Gateway), entry.Cause);
                break;
            case ServiceStartedEntry or ClockStepEntry:
                _interrupted = true;
                break;
            case TickEntry:
                Tick(moment);
                break;
        }
        return moment;
    }

    private void Tick(Moment moment)
    {
        // Without its broker the service is connected to none of them.
        var elapsed = _interrupted || fleet.IsCutOff ? 0 : Math.Min(moment.Entry.Time - fleet.TickTime, LongestTick);
        _interrupted = false;
        fleet.TickTime = moment.Entry.Time;
        foreach (var gateway in fleet.GatewaysInOrder.Values)
        {
            if (gateway.Up)
                gateway.Clock += elapsed;
            if (gateway.Id.Length == 0)
                continue;
            gateway.Quiet += elapsed;
            if (gateway.Quiet >= gateway.QuietLimit && gateway.Offline.Truth != Truth.True)
                SetDown(moment, gateway, "silent");
            Settle(moment, gateway, null);
        }
        fleet.GatewayOutages.Judge(moment, fleet);
    }

    private void SetUp(Moment moment, GatewayState gateway)
    {
        gateway.Up = true;
        gateway.Quiet = 0;
        if (gateway.Offline.Truth != Truth.True)
            return;
        Delays.Note(ref gateway.Offline, Truth.False, moment.Entry.Time, 0);
        Settle(moment, gateway, null);
    }

    private void SetDown(Moment moment, GatewayState gateway, string cause)
    {
        // It has been away since it was last heard, as far as anybody knows: its devices' silence has not aged meanwhile.
        if (gateway.Up)
            gateway.Clock -= gateway.Quiet;
        gateway.Up = gateway.Id.Length == 0;
        gateway.DownCause = cause;
        Delays.Note(ref gateway.Offline, Truth.True, moment.Entry.Time, (ulong)moment.Entry.Time);
        Settle(moment, gateway, cause);
    }

    private void Settle(Moment moment, GatewayState gateway, string? cause)
    {
        // Nothing stands and nothing waits: so it is with nearly every gateway at nearly every tick.
        if (gateway.Offline is { Active: false, Truth: not Truth.True })
            return;
        if (fleet.Plan("gateway") is not { } plan || plan.Family.Rules.FirstOrDefault(rule => rule.Name == "offline") is not { } offline)
            return;
        if (!Delays.Mature(ref gateway.Offline, offline.Steps[0], moment.Entry.Time, out var at))
            return;
        var evidence = new Evidence(null, null, null, null, null, $"{cause ?? gateway.DownCause}; {gateway.Behind.Count} devices behind it", gateway.Offline.Active ? HighestBlinded(gateway.Behind, offline) : null);
        moment.Changes.Add(new ConditionChange(
            Fleet.SubjectOf(gateway.Id, plan), offline, 0, gateway.Offline.Active ? 0 : -1, at, gateway.Offline.Key, evidence));
    }

    /// <summary>An outage is as grave as the gravest alarm that it hides.</summary>
    internal static Severity HighestBlinded(IEnumerable<DeviceState> devices, Rule offline) => devices
        .Where(device => !device.AwaitsAdoption)
        .Select(device => device.Plan)
        .Distinct()
        .SelectMany(plan => plan.Family.Rules)
        .Where(rule => rule is { Kind: AlarmKind.Alarm, Trigger: RuleTrigger.Condition })
        .SelectMany(rule => rule.Steps)
        .Select(step => step.Severity)
        .Append(offline.Steps[0].Severity)
        .Max();

    public void Save(BinaryWriter into) => into.Write(_interrupted);

    public void Load(BinaryReader from) => _interrupted = from.ReadBoolean();
}
