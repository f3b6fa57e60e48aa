using Telemetry.Ingest.Alarms;
using Telemetry.Ingest.State;
using Telemetry.Rules;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Store.Influx.Series;

/// <summary>
/// What is taken once a minute of log time, in the rules' thread, with the first tick of the minute: <c>district_state</c> and <c>operator_load</c>. The same log
/// gives the same lines, whenever it is read.
/// </summary>
/// <param name="enabled">Otherwise it only remembers, so that it can be enabled later.</param>
public sealed class MinuteSeries(OperatorLoad load, bool enabled)
{
    private const long Minute = 60_000;
    private const long NanosecondsPerMillisecond = 1_000_000;

    private readonly DistrictStates _districts = new();
    private readonly LineBuffer _lines = new();
    private readonly List<SeriesMinute> _waiting = [];
    private long _last;
    private long _sent = enabled ? 0 : long.MaxValue;

    /// <summary>The newest minute that a database has, Unix ms. Set by the sender.</summary>
    public long Sent
    {
        get => Interlocked.Read(ref _sent);
        set => Interlocked.Exchange(ref _sent, value);
    }

    /// <summary>Called for each entry, after the pipeline and the load have taken it.</summary>
    public void Take(LogEntry entry, RulePipeline pipeline)
    {
        foreach (var device in pipeline.Moment.ChangedDevices)
            _districts.Changed(pipeline.Fleet.Find(device.Id)!);
        if (entry is ReadingEntry { Reading.EventTime: var time } && pipeline.Moment.Device is { } heard)
            _districts.Heard(heard, time);
        if (entry is not TickEntry || entry.Time / Minute <= _last)
            return;
        _last = entry.Time / Minute;
        if (enabled)
            Add(entry, pipeline);
    }

    /// <summary>Hands over the minutes since the last call.</summary>
    internal void MoveTo(Changes changes)
    {
        changes.Minutes.AddRange(_waiting);
        changes.MinutesSent = Sent;
        _waiting.Clear();
    }

    public void Save(BinaryWriter into)
    {
        into.Write(_last);
        _districts.Save(into);
    }

    /// <summary>Takes up what <see cref="Save"/> wrote.</summary>
    public void Load(BinaryReader from)
    {
        _last = from.ReadInt64();
        _districts.Load(from);
    }

    /// <summary>The devices that the rules know from their checkpoint.</summary>
    public void Begin(RulePipeline pipeline)
    {
        foreach (var device in pipeline.Fleet.Devices)
            _districts.Changed(device);
    }

    /// <summary>The minute as the line's time, so that what is written again meets itself.</summary>
    internal static void End(LineBuffer lines, long now)
    {
        lines.Writer.Byte(' ');
        lines.Writer.Digits(now * NanosecondsPerMillisecond);
        lines.EndLine();
    }

    private void Add(LogEntry entry, RulePipeline pipeline)
    {
        var now = _last * Minute;
        _lines.Clear();
        _districts.Add(_lines, pipeline, now);
        foreach (var position in load.Minute(pipeline.OpenAlarms))
            OperatorLoadLine.Add(_lines, position, now);
        _waiting.Add(new SeriesMinute(entry.Position, now, _lines.Writer.Written.ToArray(), _lines.Count));
    }
}
