using Telemetry.Rules.Families;
using Telemetry.Rules.Model;

namespace Telemetry.Rules.Operators;

/// <summary>
/// First stage: device and family entries take effect, and a reading finds its device. A device first seen in a reading is registered as
/// provisional by that entry; one that comes through another gateway moves there, unless that was long ago. Where gateways have credentials nobody but a person moves a
/// device: what the register says then decides whose readings come in.
/// </summary>
public sealed class ApplyRegister(Fleet fleet)
{
    public Moment Apply(Moment moment)
    {
        switch (moment.Entry)
        {
            case ServiceStartedEntry entry:
                fleet.SetAdoption(entry.Adoption);
                break;
            case ReadingEntry entry:
                moment.Device = DeviceOf(entry.Reading, moment);
                break;
            case FamilyEntry entry:
                // The file was checked before it became an entry; one that this version can't read any more leaves the old rules in force.
                if (FamilyReader.Read(entry.Family + ".yaml", entry.Text).Family is { } family)
                    moment.Move = fleet.Set(new FamilyPlan(family), entry.Time);
                break;
            case DeviceEntry entry when fleet.Plan(entry.Device.Family) is { } plan && IsOfFamily(entry.Device):
                Enter(Modes.Bounded(entry.Device, entry.Time), plan, moment);
                break;
            case TickEntry when fleet.ForAWhile.Count > 0:
                EndModes(moment);
                break;
            case DeadLetterEntry entry:
                moment.DeadLetters.Add(entry);
                break;
        }
        return moment;
    }

    /// <summary>A test or a drill is over.</summary>
    private void EndModes(Moment moment)
    {
        foreach (var device in fleet.ForAWhile.Values.Where(device => Modes.End(device.Device) <= moment.Entry.Time).ToList())
            Enter(Modes.Live(device.Device), device.Plan, moment);
    }

    private DeviceState? DeviceOf(Reading reading, Moment moment)
    {
        var state = fleet.Find(reading.Device);
        if (state is null)
        {
            if (fleet.Plan(reading.Family) is not { } plan)
                return Refuse(moment, reading, "unknown_family", $"family '{reading.Family}' is not among the families in force");
            return Enter(new Device { Id = reading.Device, Family = reading.Family, Gateway = reading.Gateway, State = "provisional" }, plan, moment);
        }
        if (state.Device.Family != reading.Family)
            return Refuse(moment, reading, "family_mismatch", $"device '{reading.Device}' is registered as {state.Device.Family}, not {reading.Family}");
        var stays = state.Device.Gateway == reading.Gateway || reading.IsRedecoded || (fleet.Adoption && state.Device.Gateway is not null);
        return stays ? state : Enter(state.Device with { Gateway = reading.Gateway }, state.Plan, moment);
    }

    private DeviceState Enter(Device device, FamilyPlan plan, Moment moment)
    {
        moment.ChangedDevices.Add(device);
        return fleet.Set(device, plan, moment.Entry.Time);
    }

    private bool IsOfFamily(Device device) => fleet.Find(device.Id) is not { } known || known.Device.Family == device.Family;

    private static DeviceState? Refuse(Moment moment, Reading reading, string reason, string detail)
    {
        moment.Verdicts = new ValueVerdict[reading.Values.Length];
        Array.Fill(moment.Verdicts, ValueVerdict.Drop);
        moment.DeadLetters.Add(ReadingLetter.Of(moment.Entry, reading, reason, detail));
        return null;
    }
}
