using System.Globalization;
using System.Reactive.Subjects;
using Telemetry.Rules.Alarms;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;
using Telemetry.Rules.Operators;

namespace Telemetry.Rules.Tests.Pipeline;

/// <summary>
/// A log written by hand, and the journal that the rules make of it. Times are seconds from an arbitrary midnight; each entry is received at the
/// moment it is written, ticks come when they are asked for.
/// </summary>
internal sealed class Timeline : IDisposable
{
    public const long Zero = 1_790_000_000_000;

    /// <summary>Readings of a device: few, so that reruns begin in the middle of its life.</summary>
    public const int AnchorsApart = 7;

    private readonly Subject<LogEntry> _entries = new();
    private readonly IDisposable _running;
    private readonly List<(string Line, bool Insists)> _lines = [];
    private readonly List<LogEntry> _log = [];
    private long _position;
    private long _now = Zero;

    public Timeline(params string[] families)
    {
        Pipeline = new RulePipeline((long)TimeSpan.FromDays(7).TotalMilliseconds, History(_log), Earlier(_log), AnchorsApart);
        _running = Pipeline.Run(_entries).Subscribe(Take);
        Add(new ServiceStartedEntry("test"));
        foreach (var text in families.Select(text => text.ReplaceLineEndings("\n")))
        {
            var family = FamilyReader.Read("test.yaml", text);
            Assert.Empty(family.Errors);
            Add(new FamilyEntry(family.Family!.Name, text, family.Family.Hash));
        }
        foreach (var (file, text) in FamilySet.ShippedFiles().Where(file => file.File is "gateway.yaml" or "system.yaml"))
            Add(new FamilyEntry(Path.GetFileNameWithoutExtension(file), text, "shipped"));
    }

    public RulePipeline Pipeline { get; }

    /// <summary>A log in memory as the rules read it again.</summary>
    public static ReadingHistory History(IReadOnlyList<LogEntry> log)
    {
        var (byDevice, next) = (new Dictionary<string, List<ReadingEntry>>(), 0);
        return (device, from, to) =>
        {
            for (; next < log.Count; next++)
            {
                if (log[next] is not ReadingEntry entry)
                    continue;
                if (!byDevice.TryGetValue(entry.Reading.Device, out var entries))
                    byDevice[entry.Reading.Device] = entries = [];
                entries.Add(entry);
            }
            return byDevice.GetValueOrDefault(device, []).Where(entry => entry.Reading.EventTime >= from && entry.Reading.EventTime < to);
        };
    }

    /// <summary>A log in memory as the duplicate filter asks it. Asked in the order of the log.</summary>
    public static EarlierReadings Earlier(IReadOnlyList<LogEntry> log)
    {
        var (readings, next) = (new ReadingsByKey(), 0);
        return (entry, since) =>
        {
            for (; next < log.Count && log[next].Position < entry.Position; next++)
            {
                if (log[next] is ReadingEntry earlier)
                    readings.Add(earlier);
            }
            return readings.Before(entry, since);
        };
    }

    public List<AlarmTransition> Transitions { get; } = [];

    public IReadOnlyList<LogEntry> Log => _log;

    /// <summary>Why the last entry, an operator's action, was refused.</summary>
    public string? Refusal => Pipeline.Moment.Refusal?.Refusal;

    /// <summary>
    /// Everything since the last look: <c>00:35 ps-1 level_high active_unacknowledged high raised</c>, time = event time of the transition. Without what only
    /// insists because no operator of the timeline answers: further sounds, overdue responses.
    /// </summary>
    public string[] Look() => Look(insistence: false);

    public string[] Look(bool insistence)
    {
        string[] lines = [.. _lines.Where(line => insistence || !line.Insists).Select(line => line.Line)];
        _lines.Clear();
        return lines;
    }

    public Timeline At(double seconds)
    {
        _now = Zero + (long)(seconds * 1000);
        return this;
    }

    /// <summary>Ticks each second from here to there.</summary>
    public Timeline TicksTo(double seconds)
    {
        for (var to = Zero + (long)(seconds * 1000); _now < to;)
        {
            _now += 1000;
            Add(new TickEntry());
        }
        return this;
    }

    public Timeline Tick()
    {
        Add(new TickEntry());
        return this;
    }

    /// <param name="values"><c>level=2.3 run.1=true supply=lost</c>; a value may end in <c>!bad</c> or another quality.</param>
    /// <param name="eventTime">Seconds; null for now.</param>
    /// <param name="sent">Unix ms as sent; null for the event time.</param>
    public Timeline Reading(string device, string values, double? eventTime = null, string gateway = "gw", string family = "pump", long? sequence = null, TimeMarks marks = TimeMarks.None, long? sent = null)
    {
        var at = eventTime is { } seconds ? Zero + (long)(seconds * 1000) : _now;
        Add(new ReadingEntry(new Reading
        {
            Gateway = gateway,
            Family = family,
            Device = device,
            SentTime = sent ?? at,
            EventTime = at,
            Sequence = sequence,
            Marks = marks,
            Values = [.. values.Split(' ').Select(Value)],
        }));
        return this;
    }

    public Timeline Register(Device device)
    {
        Add(new DeviceEntry(device, "test"));
        return this;
    }

    /// <param name="rule">Of the alarm; null for the one that changed last.</param>
    /// <param name="until">Seconds from midnight.</param>
    public Timeline Act(
        string action, string? rule = null, string by = "Li", string? reason = null, double? until = null, string? second = null, string? permit = null, string? watch = null, string? place = null,
        bool checkedOnSite = false, bool oneShot = false, string? to = null) => Add(new ActionEntry
        {
            Action = action,
            Alarm = Transitions.Last(transition => rule is null ? transition.Alarm.Rule != "response_overdue" : transition.Alarm.Rule == rule).Alarm.Id,
            By = by,
            Reason = reason,
            Until = until is { } seconds ? Zero + (long)(seconds * 1000) : null,
            Second = second,
            Permit = permit,
            Watch = watch,
            Place = place,
            CheckedOnSite = checkedOnSite,
            OneShot = oneShot,
            To = to,
        });

    public Timeline Add(LogEntry entry)
    {
        entry.Position = ++_position;
        entry.Time = _now;
        _log.Add(entry);
        _entries.OnNext(entry);
        return this;
    }

    public void Dispose()
    {
        _running.Dispose();
        _entries.Dispose();
    }

    private void Take(AlarmTransition transition)
    {
        Transitions.Add(transition);
        var alarm = transition.Alarm;
        var time = TimeSpan.FromMilliseconds(transition.At - Zero).ToString(transition.At % 1000 == 0 ? @"mm\:ss" : @"mm\:ss\.fff", CultureInfo.InvariantCulture);
        var rule = alarm.Instance is null ? alarm.Rule : $"{alarm.Rule}/{alarm.Instance}";
        _lines.Add(($"{time} {alarm.Device} {rule} {transition.To} {alarm.Severity} {transition.Cause}", transition.Cause is "re_sounded" or "response_overdue" || alarm.Rule == "response_overdue"));
    }

    private static ChannelValue Value(string text)
    {
        var (channel, rest) = (text[..text.IndexOf('=', StringComparison.Ordinal)], text[(text.IndexOf('=', StringComparison.Ordinal) + 1)..]);
        var mark = rest.IndexOf('!', StringComparison.Ordinal);
        var quality = mark < 0 ? Quality.Good : Enum.Parse<Quality>(rest[(mark + 1)..], ignoreCase: true);
        var value = mark < 0 ? rest : rest[..mark];
        if (value is "true" or "false")
            return new ChannelValue(channel, ValueKind.Boolean, value == "true" ? 1 : 0, null, quality);
        return double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            ? new ChannelValue(channel, ValueKind.Number, number, null, quality)
            : new ChannelValue(channel, ValueKind.State, 0, value, quality);
    }
}
