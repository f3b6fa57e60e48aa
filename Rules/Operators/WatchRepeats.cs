using Telemetry.Rules.Families;
using Telemetry.Rules.Model;

namespace Telemetry.Rules.Operators;

/// <summary>
/// After the duplicate filter: raises <c>system/nothing_new</c> for a device that is heard, though all that comes of it was sent before: its counter has come
/// round, or its gateway sends the same again without end. It is not silent, and none of its rules would see another value.
/// </summary>
public sealed class WatchRepeats(Fleet fleet)
{
    // A backlog that is sent again comes in one go; what comes so often for so long is no backlog.
    private const int FewestReadings = 20;
    private const long ShortestSpan = 10 * 60_000;

    /// <param name="Since">Log time of the first reading of it, Unix ms.</param>
    /// <param name="Told">The ticket stands.</param>
    private readonly record struct Run(long Since, int Readings, bool Told);

    // By index: devices whose last reading was sent before. Few.
    private readonly Dictionary<int, Run> _runs = [];

    public Moment Apply(Moment moment)
    {
        switch (moment.Entry)
        {
            case ReadingEntry { Reading.IsRedecoded: false } when moment.Device is { IsEvaluated: true } device:
                if (moment.Verdicts is not { } verdicts || verdicts.AsSpan().Contains(ValueVerdict.Accept))
                    End(moment, device);
                else if (!verdicts.AsSpan().Contains(ValueVerdict.LookUp))
                    GoOn(moment, device);
                break;
            case DeviceEntry entry when fleet.Find(entry.Device.Id) is { IsEvaluated: false } device:
                End(moment, device);
                break;
        }
        return moment;
    }

    private void GoOn(Moment moment, DeviceState device)
    {
        var now = moment.Entry.Time;
        var run = _runs.GetValueOrDefault(device.Index, new Run(now, 0, Told: false));
        run = run with { Readings = run.Readings + 1 };
        if (!run.Told && run.Readings >= FewestReadings && now - run.Since >= ShortestSpan)
        {
            run = run with { Told = true };
            WatchService.Add(moment, fleet, Vocabulary.NothingNewRule, true, $"{run.Readings} readings in {(now - run.Since) / 60_000} min, all of them sent before", device.Device);
        }
        _runs[device.Index] = run;
    }

    private void End(Moment moment, DeviceState device)
    {
        if (_runs.Count > 0 && _runs.Remove(device.Index, out var run) && run.Told)
            WatchService.Add(moment, fleet, Vocabulary.NothingNewRule, false, null, device.Device);
    }

    public void Save(BinaryWriter into)
    {
        into.Write(_runs.Count);
        foreach (var (device, run) in _runs.OrderBy(run => run.Key))
        {
            into.Write(device);
            into.Write(run.Since);
            into.Write(run.Readings);
            into.Write(run.Told);
        }
    }

    public void Load(BinaryReader from)
    {
        for (var left = from.ReadInt32(); left > 0; left--)
            _runs[from.ReadInt32()] = new Run(from.ReadInt64(), from.ReadInt32(), from.ReadBoolean());
    }
}
