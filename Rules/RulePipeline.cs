using System.Reactive.Linq;
using Telemetry.Rules.Alarms;
using Telemetry.Rules.Model;
using Telemetry.Rules.Operators;
using Telemetry.Rules.Positions;

namespace Telemetry.Rules;

/// <summary>All stages in order. The entries' time is the only clock, live and in replay alike.</summary>
public sealed class RulePipeline
{
    private readonly Moment _moment = new();
    private readonly ApplyRegister _register;
    private readonly DropDuplicates _duplicates;
    private readonly WatchRepeats _repeats;
    private readonly WatchService _service;
    private readonly WatchPositions _positions;
    private readonly WatchGateways _gateways;
    private readonly JudgeSilence _silence;
    private readonly EvaluateConditions _conditions;
    private readonly AmendPast _past;
    private readonly AlarmStage _alarms;

    /// <param name="duplicateWindow">Milliseconds.</param>
    /// <param name="history">Where the past is read again when late readings amend it; null amends nothing.</param>
    /// <param name="earlier">Where readings that are sent again are looked up; null where there is no log: <see cref="DropDuplicates"/>.</param>
    /// <param name="anchorsApart"><see cref="Fleet.AnchorsApart"/>; null for its default.</param>
    public RulePipeline(long duplicateWindow, ReadingHistory? history = null, EarlierReadings? earlier = null, int? anchorsApart = null)
    {
        Fleet = anchorsApart is { } apart ? new Fleet { AnchorsApart = apart } : new Fleet();
        _register = new ApplyRegister(Fleet);
        _duplicates = new DropDuplicates(duplicateWindow, earlier);
        _repeats = new WatchRepeats(Fleet);
        _service = new WatchService(Fleet);
        _positions = new WatchPositions(Fleet);
        _gateways = new WatchGateways(Fleet);
        _silence = new JudgeSilence(Fleet);
        _conditions = new EvaluateConditions(Fleet);
        _past = new AmendPast(Fleet, _conditions, duplicateWindow, history);
        _alarms = new AlarmStage(Fleet);
    }

    public Fleet Fleet { get; }

    public IEnumerable<Alarm> OpenAlarms => _alarms.Open;

    /// <summary>Who mans the operator positions.</summary>
    public PositionBook Positions => _positions.Book;

    /// <summary>What the entry at hand did beside transitions: verdicts, register changes, dead letters. Valid until the next entry.</summary>
    public Moment Moment => _moment;

    public IObservable<AlarmTransition> Run(IObservable<LogEntry> log) => log
        .Select(_moment.For)
        .Select(_register.Apply)
        .Select(_duplicates.Apply)
        .Select(_repeats.Apply)
        .Select(_service.Apply)
        .Select(_positions.Apply)
        .Select(_gateways.Apply)
        .Select(_silence.Apply)
        .Select(_past.Amend)
        .Select(_conditions.Apply)
        .Select(_past.Mark)
        .SelectMany(moment => _past.Note(moment, _alarms.Apply(moment)));

    /// <summary>Writes everything that the stages remember.</summary>
    public void Save(BinaryWriter into)
    {
        FleetState.Save(Fleet, into);
        _duplicates.Save(into);
        _repeats.Save(into);
        _positions.Save(into);
        _gateways.Save(into);
        _past.Save(into);
        _alarms.Save(into);
    }

    /// <summary>Takes up what <see cref="Save"/> wrote, in a pipeline that has seen no entry yet.</summary>
    public void Load(BinaryReader from)
    {
        FleetState.Load(Fleet, from);
        _duplicates.Load(from);
        _repeats.Load(from);
        _positions.Load(from);
        _gateways.Load(from);
        _conditions.Requeue();
        _past.Load(from);
        _alarms.Load(from);
    }
}
