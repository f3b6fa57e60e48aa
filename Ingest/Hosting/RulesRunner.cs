using System.Reactive.Subjects;
using Telemetry.Ingest.Alarms;
using Telemetry.Ingest.Api;
using Telemetry.Ingest.Devices;
using Telemetry.Ingest.Log;
using Telemetry.Ingest.Positions;
using Telemetry.Ingest.State;
using Telemetry.Ingest.Store;
using Telemetry.Ingest.Store.Influx.Series;
using Telemetry.Rules;
using Telemetry.Rules.Alarms;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;
using Telemetry.Rules.Operators;

namespace Telemetry.Ingest.Hosting;

/// <summary>
/// The rules' one worker, a stretch at a time: reads the log, runs the pipeline, shows what it made of each stretch (book, directory, feeds) and hands it to
/// <see cref="ProjectionWriter"/>, which stores it and says how far the rules have come. Alarms don't wait for a disk.
/// </summary>
public sealed partial class RulesRunner : BackgroundService
{
    private const int Stretch = 2048;
    private const int TicksPerCheckpoint = 60;

    private static readonly TimeSpan LongestFinish = TimeSpan.FromSeconds(2);

    private readonly DurableLog _log;
    private readonly AlarmBook _book;
    private readonly AlarmFeed _feed;
    private readonly ReadingFeed _readings;
    private readonly DeviceDirectory _directory;
    private readonly CalendarDirectory _calendar;
    private readonly PositionDirectory _positions;
    private readonly Verdicts _verdicts;
    private readonly PlaceHistory _places;
    private readonly FamilyCatalog _families;
    private readonly OperatorLoad _load;
    private readonly MinuteSeries _minutes;
    private readonly Stats _stats;
    private readonly ProjectionWriter _projections;
    private readonly Checkpoint _checkpoint;
    private readonly ILogger<RulesRunner> _logger;
    private readonly RulePipeline _pipeline;
    private readonly Subject<LogEntry> _entries = new();
    private readonly List<LogEntry> _stretch = new(Stretch);
    private readonly Changes _changes = new();
    private readonly LogReader _reader;
    private readonly IDisposable _running;
    private readonly bool _beginsWithKept;
    private long _liveAfter;
    private int _ticks;
    private volatile IReadOnlyList<GatewayView> _gateways = [];

    public RulesRunner(
        DurableLog log, StateDatabase database, AlarmBook book, AlarmFeed feed, ReadingFeed readings, DeviceDirectory directory, CalendarDirectory calendar, PositionDirectory positions, Verdicts verdicts, PlaceHistory places,
        FamilyCatalog families, OperatorLoad load, MinuteSeries minutes, Stats stats, Progress progress, Checkpoint checkpoint, ServiceOptions options, ILogger<RulesRunner> logger)
    {
        (_log, _book, _feed, _readings, _directory, _calendar, _positions) = (log, book, feed, readings, directory, calendar, positions);
        (_verdicts, _places, _families, _load, _minutes) = (verdicts, places, families, load, minutes);
        (_stats, _checkpoint, _logger) = (stats, checkpoint, logger);
        _pipeline = new RulePipeline((long)options.Log.DuplicateWindow.TotalMilliseconds, log.OpenHistory().Invoke, log.OpenEarlier().Invoke);
        if (database.Position > log.Committed)
            throw Checkpoint.LostEnd(database.Path, database.Position, log.Committed);
        var position = checkpoint.Load(_pipeline, verdicts, places, load, minutes, database.Position, log.Committed);
        _beginsWithKept = position == 0 && log.First > 1;
        foreach (var device in _pipeline.Fleet.Devices)
            directory.Set(device.Device);
        minutes.Begin(_pipeline);
        calendar.Set(_pipeline.Fleet.Calendar.All);
        positions.Set(_pipeline.Positions);
        _reader = log.OpenReader("rules", Math.Max(position + 1, log.First));
        _liveAfter = log.Committed;
        _running = _pipeline.Run(_entries).Subscribe(Take);
        _projections = new ProjectionWriter(database, book, progress, logger);
    }

    /// <summary>Why the projections are not stored at the moment; null while they are.</summary>
    public string? Failing => _projections.Failing;

    /// <summary>The log's last word on the external broker is that it was lost.</summary>
    public bool BrokerLost => _pipeline.Fleet.BrokerLost;

    /// <summary>The log's last word on itself is that it takes no readings.</summary>
    public bool LogUnwritable => _pipeline.Fleet.LogUnwritable;

    /// <summary>Gateways that the register or a message has named, by id, as of the last tick.</summary>
    public IReadOnlyList<GatewayView> Gateways => _gateways;

    /// <summary>Called with each change of an account or a token, those of the replay too. On the rules' worker.</summary>
    public Action<AccountEntry>? AccountChanged { get; set; }

    /// <summary>The family as the log has it in force; null for none.</summary>
    public Family? InForce(string family) => _pipeline.Fleet.Plan(family)?.Family;

    /// <summary>Replays what the log held at start. Nothing of it is announced again: it has been.</summary>
    public void Replay()
    {
        var from = _reader.Next;
        if (_beginsWithKept)
            ReplayKept();
        while (_reader.Next <= _liveAfter && RunStretch())
        {
        }
        _projections.Settle();
        if (_liveAfter >= from)
            LogReplayed(from, _liveAfter);
    }

    /// <summary>The register, the rules and who sat where, of before the log's first entry: nothing else has kept them.</summary>
    private void ReplayKept()
    {
        foreach (var entry in _log.ReadKept().TakeWhile(entry => entry.Position < _reader.Next).Where(entry => entry.IsSetting))
        {
            _entries.OnNext(entry);
            Take(entry);
        }
    }

    // A stretch is worked on without a wait: the host's start must not stand in it.
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.Run(() => RunAsync(stoppingToken), CancellationToken.None);

    private async Task RunAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                await _reader.WaitAsync(stoppingToken);
                RunStretch();
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            await FinishAsync();
            SaveCheckpoint();
        }
    }

    /// <summary>What gateways brought before they were shut out is finished, so that the next start has nothing to replay: some of it is still on its way to the disk.</summary>
    private async Task FinishAsync()
    {
        using var patience = new CancellationTokenSource(LongestFinish);
        try
        {
            while (true)
            {
                var isAll = _log.StalledFor == TimeSpan.Zero;
                while (RunStretch())
                {
                }
                if (isAll)
                    return;
                await _reader.WaitAsync(patience.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // A disk that takes nothing: what waits for it was not acknowledged.
        }
    }

    /// <summary>False when there was nothing to read.</summary>
    private bool RunStretch()
    {
        _stretch.Clear();
        if (_reader.Read(_stretch, Stretch) == 0)
            return false;
        foreach (var entry in _stretch)
        {
            _entries.OnNext(entry);
            Take(entry);
        }
        foreach (var transition in _changes.Transitions)
        {
            _book.Apply(transition);
            if (transition.Position > _liveAfter)
                _feed.Publish(transition);
        }
        _minutes.MoveTo(_changes);
        _projections.Hand(_changes, _stretch[^1].Position, _stretch[^1].Time);
        if (_ticks >= TicksPerCheckpoint)
            SaveCheckpoint();
        return true;
    }

    private void Take(AlarmTransition transition)
    {
        _changes.Transitions.Add(transition);
        _load.Apply(transition, _pipeline.Fleet.RuleOf(transition.Alarm.Family, transition.Alarm.Rule));
    }

    private void Take(LogEntry entry)
    {
        var moment = _pipeline.Moment;
        foreach (var device in moment.ChangedDevices)
        {
            // In this order: who reads the new place finds the change that brought it.
            _places.Changing(entry.Position, device);
            _directory.Set(device);
        }
        _changes.Devices.AddRange(moment.ChangedDevices);
        _changes.DeadLetters.AddRange(moment.DeadLetters);
        if (moment.Verdicts is { } verdicts)
            _verdicts.Add(entry.Position, verdicts);
        if (entry is CalendarEntry)
            _calendar.Set(_pipeline.Fleet.Calendar.All);
        if (entry is PositionEntry position)
            Take(position);
        if (entry is AccountEntry account)
            AccountChanged?.Invoke(account);
        if (entry is TickEntry)
        {
            _ticks++;
            _load.Advance(entry.Time);
            _gateways = GatewaysAt(entry.Time);
        }
        _minutes.Take(entry, _pipeline);
        if (moment.Refusal is { } refusal && entry.Position > _liveAfter)
            _book.Refusals.Add(entry.Position, refusal);
        if (entry is FamilyEntry family)
            Take(family);
        if (entry is RedecodedEntry redecoded)
            _changes.Redecoded.Add(redecoded);
        if (entry.Position <= _liveAfter || entry is not ReadingEntry reading)
            return;
        Count(moment);
        if (moment.Device is not null && _readings.IsWatched)
            _readings.Publish(reading);
    }

    private GatewayView[] GatewaysAt(long now) => [.. _pipeline.Fleet.GatewaysInOrder.Values.Where(gateway => gateway.Id.Length > 0).Select(gateway => View(gateway, now))];

    private static GatewayView View(GatewayState gateway, long now) =>
        new(gateway.Id, gateway.Up, gateway.Up || gateway.DownCause is not null ? now - gateway.Quiet : null, gateway.Up ? null : gateway.DownCause);

    private void Take(FamilyEntry entry)
    {
        _changes.Families.Add(entry);
        // What was in force when the service stopped is settled once the log is replayed.
        if (entry.Position > _liveAfter && InForce(entry.Family) is { } family)
            _families.Set(family);
    }

    private void Take(PositionEntry entry)
    {
        _positions.Set(_pipeline.Positions);
        var isNew = entry.Action == PositionAction.OpenHandover;
        if (_pipeline.Positions.Find(entry.Name, isNew ? entry.Position : entry.Handover) is { } handover)
            _changes.Handovers.Add(new StoredHandover(handover, isNew ? entry.Text ?? "" : null));
    }

    private void Count(Moment moment)
    {
        foreach (var letter in moment.DeadLetters)
            _stats.CountRejected(letter.Reason);
        if (moment.Device is null)
            return;
        if (moment.Verdicts is { } verdicts && !verdicts.AsSpan().ContainsAnyExcept(ValueVerdict.Drop))
            _stats.CountDuplicates(1);
        else
        {
            _stats.CountAccepted(1);
            if (moment.Late)
                _stats.CountLate(1);
        }
    }

    private void SaveCheckpoint()
    {
        _ticks = 0;
        var position = _reader.Next - 1;
        if (!_projections.Settle() || _projections.Failing is not null || position == 0)
            return;
        try
        {
            _checkpoint.Save(position, _pipeline, _verdicts, _places, _load, _minutes);
        }
        catch (IOException error)
        {
            LogNoCheckpoint(error);
            return;
        }
        _log.HoldBack(position);
        _reader.Done(position);
    }

    public override void Dispose()
    {
        _running.Dispose();
        _projections.Dispose();
        _reader.Dispose();
        _entries.Dispose();
        base.Dispose();
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "replayed the log from position {From} to {To}")]
    private partial void LogReplayed(long from, long to);

    [LoggerMessage(Level = LogLevel.Warning, Message = "no checkpoint could be written; the next start replays more of the log")]
    private partial void LogNoCheckpoint(Exception error);
}
