using Telemetry.Rules.Model;

namespace Telemetry.Rules.Operators;

/// <summary>What reruns begin with is kept while nothing is late.</summary>
public sealed partial class AmendPast
{
    private readonly List<DeviceState> _anchorsDue = [];

    private void KeepAnchors(Moment moment)
    {
        if (moment.AnchorsDue.Count > 0)
            _anchorsDue.AddRange(moment.AnchorsDue);
        switch (moment.Entry)
        {
            case TickEntry:
                AddAnchors(moment);
                break;
            case DeviceEntry entry when fleet.Find(entry.Device.Id) is { } device:
                BeginAnew(moment, device);
                break;
            case FamilyEntry entry:
                foreach (var device in fleet.Devices)
                {
                    if (device.Device.Family == entry.Family)
                        BeginAnew(moment, device);
                }
                break;
        }
    }

    private void AddAnchors(Moment moment) => _anchorsDue.RemoveAll(device => !device.AnchorIsDue || TryAddAnchor(moment, device));

    /// <summary>False while something late waits for the device or for what it looks at: it does not stand yet where every reading has its place.</summary>
    private bool TryAddAnchor(Moment moment, DeviceState device)
    {
        var beside = Beside(device).ToList();
        if (!device.IsEvaluated || beside.Append(device).Any(_from.ContainsKey))
            return false;
        Anchors.Add(device, Anchor.Of(fleet, device, beside, moment.Entry), moment.Entry.Time);
        return true;
    }

    /// <summary>The register or the file says something new of the device: what was before is not judged by that, whatever still comes of it.</summary>
    private void BeginAnew(Moment moment, DeviceState device)
    {
        Anchors.Forget(device);
        if (!device.IsEvaluated || !device.WasHeard)
            return;
        if (_from.Remove(device))
            _marked.Remove(device);
        Anchors.Add(device, Anchor.Of(fleet, device, Beside(device).ToList(), moment.Entry), moment.Entry.Time);
    }
}
