using System.Globalization;
using Telemetry.Ingest.Log;
using Telemetry.Ingest.State;
using Telemetry.Rules.Alarms;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;
using Telemetry.Rules.Positions;

namespace Telemetry.Ingest.Tests.Api;

/// <summary>
/// Reads the log in the rules' place: registers devices, acknowledges and resets as told, raises what a test wants. Like the rules' runner it
/// changes memory first, tells the feed, then stores, then moves the progress.
/// </summary>
internal sealed class HandRules : IAsyncDisposable
{
    private readonly ApiHost _host;
    private readonly LogReader _reader;
    private readonly CancellationTokenSource _stop = new();
    private readonly List<AlarmTransition> _wanted = [];
    private readonly Task _running;
    private readonly Rules.Operators.Calendar _calendar = new();
    private PositionBook _positions = PositionBook.Empty;

    public HandRules(ApiHost host)
    {
        _host = host;
        _reader = host.Log.OpenReader("rules", 1);
        _running = Task.Run(RunAsync);
    }

    public async Task<Alarm> RaiseAsync(Alarm alarm, AlarmState from, string cause)
    {
        var batch = new EntryBatch();
        batch.Add(new SystemEntry($"{alarm.Id}", true, $"{from}|{cause}"));
        lock (_wanted)
            _wanted.Add(new AlarmTransition(0, 0, $"t-{alarm.Id}-{alarm.State}", from, alarm.State, alarm.RaisedAt, alarm.RaisedReceivedAt, cause, alarm));
        var position = await await _host.Log.AppendAsync(batch, CancellationToken.None);
        await _host.Progress.RulesAsync(position, CancellationToken.None);
        return _host.Book.Find(alarm.Id)!;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _reader.Dispose();
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        var entries = new List<LogEntry>();
        try
        {
            while (true)
            {
                await _reader.WaitAsync(_stop.Token);
                _reader.Read(entries, 1000);
                foreach (var entry in entries)
                    Process(entry);
                entries.Clear();
            }
        }
        catch (OperationCanceledException)
        {
            // The test is over.
        }
    }

    private void Process(LogEntry entry)
    {
        var transition = entry switch
        {
            SystemEntry system => Wanted(system),
            ActionEntry action => After(action),
            _ => null,
        };
        AlarmTransition[] transitions = [];
        if (transition is not null)
        {
            transition = transition with { Position = entry.Position, Alarm = transition.Alarm with { Position = entry.Position } };
            transitions = [transition];
            _host.Book.Apply(transition);
            _host.Load.Apply(transition, _host.Families.RuleOf(transition.Alarm));
            _host.Feed.Publish(transition);
        }
        if (entry is ReadingEntry reading)
            _host.Readings.Publish(reading);
        Device[] devices = entry is DeviceEntry device ? [device.Device] : [];
        foreach (var changed in devices)
            _host.Devices.Set(changed);
        FamilyEntry[] families = entry is FamilyEntry family ? [family] : [];
        foreach (var changed in families)
            _host.Families.Set(FamilyReader.Read(changed.Family + ".yaml", changed.Text).Family!);
        if (entry is CalendarEntry item)
        {
            _calendar.Set(item);
            _host.Calendar.Set(_calendar.All);
        }
        StoredHandover[] handovers = entry is PositionEntry position ? [.. After(position)] : [];
        DeadLetterEntry[] letters = entry is DeadLetterEntry letter ? [letter] : [];
        _host.Database.Apply(new ProjectionBatch(entry.Position, transitions, devices, letters, families, entry is RedecodedEntry redecoded ? [redecoded] : []) { Handovers = handovers });
        _host.Book.Stored(entry.Position);
        _host.Progress.RulesReached(entry.Position);
    }

    private IEnumerable<StoredHandover> After(PositionEntry entry)
    {
        var (after, refusal) = _positions.With(entry);
        if (refusal is not null)
            _host.Book.Refusals.Add(entry.Position, refusal);
        _positions = after ?? _positions;
        _host.Positions.Set(_positions);
        var isNew = entry.Action == PositionAction.OpenHandover;
        if (_positions.Find(entry.Name, isNew ? entry.Position : entry.Handover) is { } handover)
            yield return new StoredHandover(handover, isNew ? entry.Text : null);
    }

    private AlarmTransition Wanted(SystemEntry system)
    {
        lock (_wanted)
            return _wanted.Last(transition => transition.Alarm.Id == system.Rule && $"{transition.From}|{transition.Cause}" == system.Detail);
    }

    private AlarmTransition? After(ActionEntry action)
    {
        if (_host.Book.Find(action.Alarm) is not { } alarm)
            return null;
        var outcome = OperatorActions.Of(alarm, null, action);
        if (outcome.Refusal is not null)
            _host.Book.Refusals.Add(action.Position, outcome);
        if (outcome.After is not { } changed)
            return null;
        var after = changed with { Transitions = alarm.Transitions + 1 };
        return new AlarmTransition(0, 0, string.Create(CultureInfo.InvariantCulture, $"t{action.Position}"), alarm.State, after.State, action.Time, action.Time, outcome.Cause, after) { By = action.By };
    }
}
