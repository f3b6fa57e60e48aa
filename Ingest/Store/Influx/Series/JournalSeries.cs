using Telemetry.Ingest.Api;
using Telemetry.Ingest.Devices;
using Telemetry.Ingest.State;
using Telemetry.Rules.Alarms;

namespace Telemetry.Ingest.Store.Influx.Series;

/// <summary>
/// <c>alarm</c>, <c>device_state</c> and <c>street_state</c>, from the journal and the register in the projections. How far they are stored stands in the database, as for readings: one that is away
/// is caught up with, and one that was emptied is filled again from the journal's beginning.
/// </summary>
/// <param name="logId">See <see cref="Log.LogId"/>.</param>
/// <param name="handler">In place of sockets; null for those.</param>
public sealed class JournalSeries(
    InfluxOptions options, StateDatabase database, DeviceDirectory directory, FamilyCatalog families, string logId, RefusedLines refused, TimeProvider time, ILogger<JournalSeries> logger, HttpMessageHandler? handler = null)
    : SeriesWriter("alarm", options, refused, time, logger, handler)
{
    private const string Policy = "alarms";
    private const long Hour = 3_600_000;

    // What a map asks for is a day old at most; a city's calm hours of a year are not worth writing.
    private const long CalmHoursBack = 48;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly LineBuffer _lines = new();
    private readonly DeviceStates _states = new(directory, families);
    private readonly Dictionary<string, Alarm> _open = new(StringComparer.Ordinal);
    private readonly StoredMark _positionMark = new(logId, "alarm_position", time);
    private readonly StoredMark _timeMark = new(logId, "state_time", time);
    private LineSender? _sender;
    private readonly long _started = time.GetUtcNow().ToUnixTimeMilliseconds();
    private bool _begun;
    private long _position;
    private long _time;

    /// <summary>Up to this position every transition is stored.</summary>
    public long Position => Interlocked.Read(ref _position);

    /// <inheritdoc/>
    public override long Behind => Math.Max(0, database.Applied.Time - (Interlocked.Read(ref _time) is > 0 and var written ? written : _started));

    /// <inheritdoc/>
    protected override async Task CopyAsync(CancellationToken cancellationToken)
    {
        _sender ??= new LineSender(Client, Options.BucketOf(Policy), Mark, Refused, Options.MaxLines);
        await OpenAsync(cancellationToken);
        try
        {
            while (true)
            {
                await CopyToAsync(database.Applied, cancellationToken);
                Succeeded();
                await Task.Delay(Pause, Clock, cancellationToken);
            }
        }
        catch
        {
            _lines.Clear();
            throw;
        }
    }

    private async Task OpenAsync(CancellationToken cancellationToken)
    {
        var from = Options.From(Policy, StoredMark.Measurement);
        var position = await _positionMark.ReadAsync(Client, from, cancellationToken);
        var stored = await _timeMark.ReadAsync(Client, from, cancellationToken);
        _begun = stored is not null;
        Interlocked.Exchange(ref _position, position ?? 0);
        Interlocked.Exchange(ref _time, stored ?? 0);
        IReadOnlyList<Alarm> open = position is null ? [] : [.. database.OpenAlarmsAt(Position)];
        _open.Clear();
        foreach (var alarm in open)
            _open[alarm.Id] = alarm;
        _states.Begin(open, isEmpty: stored is null);
    }

    /// <param name="until">What the projections hold.</param>
    private async Task CopyToAsync((long Position, long Time) until, CancellationToken cancellationToken)
    {
        // Before the first batch of this process it is not known how far log time has come.
        if (until.Time == 0)
            return;
        var (position, received) = (Position, _time);
        foreach (var row in database.Journal(Position + 1))
        {
            if (row.Position > until.Position)
                break;
            var transition = row.Transition();
            if (row.Position > position)
            {
                await EndAsync(received, cancellationToken);
                if (_lines.Count >= Options.MaxLines)
                    await StoreAsync(position, cancellationToken);
                await HoursAsync(transition.ReceivedAt, until.Time, cancellationToken);
                (position, received) = (row.Position, transition.ReceivedAt);
            }
            AlarmLine.Add(_lines, transition, directory, families);
            _states.Apply(row.Alarm);
            if (row.Alarm.State == AlarmState.Normal)
                _open.Remove(row.Alarm.Id);
            else
                _open[row.Alarm.Id] = row.Alarm;
        }
        await EndAsync(received, cancellationToken);
        await HoursAsync(until.Time, until.Time, cancellationToken);
        // At the hour, so that it does not matter when this was looked at.
        if (_states.HasFresh)
        {
            await AddAsync(_states.Fresh(), until.Time / Hour * Hour, cancellationToken);
            await AddStreetsAsync(until.Time / Hour * Hour, cancellationToken);
        }
        if (_lines.Count > 0)
            await StoreAsync(until.Position, cancellationToken);
        Interlocked.Exchange(ref _position, Math.Max(Position, until.Position));
    }

    /// <summary>The states after the transitions of one entry.</summary>
    private Task EndAsync(long received, CancellationToken cancellationToken) => AddAsync(_states.Changes(), received, cancellationToken);

    /// <summary>What stands is said again at each full hour of log time up to this one.</summary>
    private async Task HoursAsync(long to, long newest, CancellationToken cancellationToken)
    {
        if (!_begun)
            (_begun, _time) = (true, to);
        for (var hour = (_time / Hour) + 1; hour <= to / Hour; hour++)
        {
            await AddAsync(_states.Standing(), hour * Hour, cancellationToken);
            if ((newest / Hour) - hour >= CalmHoursBack)
                continue;
            await AddAsync(_states.Calm(hour), hour * Hour, cancellationToken);
            await AddStreetsAsync(hour * Hour, cancellationToken);
            foreach (var alarm in _open.Values)
            {
                AlarmLine.AddAgain(_lines, alarm, hour * Hour, directory, families);
                await SendWhatIsMuchAsync(cancellationToken);
            }
        }
        Interlocked.Exchange(ref _time, Math.Max(_time, to));
    }

    private async Task AddAsync(IEnumerable<DeviceStateLine> states, long at, CancellationToken cancellationToken)
    {
        foreach (var state in states)
        {
            state.Add(_lines, at, directory);
            await SendWhatIsMuchAsync(cancellationToken);
        }
    }

    private async Task AddStreetsAsync(long hour, CancellationToken cancellationToken)
    {
        foreach (var street in StreetStateLine.Of(directory.All))
        {
            street.Add(_lines, hour);
            await SendWhatIsMuchAsync(cancellationToken);
        }
    }

    /// <summary>A city's devices are not gathered all at once. The position is written when they are all there.</summary>
    private Task SendWhatIsMuchAsync(CancellationToken cancellationToken) => _lines.Count >= 2 * Options.MaxLines ? SendAsync(cancellationToken) : Task.CompletedTask;

    /// <summary>Everything gathered, then how far that is: a crash in between writes it again, which changes nothing.</summary>
    private async Task StoreAsync(long position, CancellationToken cancellationToken)
    {
        await SendAsync(cancellationToken);
        Interlocked.Exchange(ref _position, Math.Max(Position, position));
        await _sender!.SendAsync(Mark(), cancellationToken);
        Refused.BatchDone();
    }

    private async Task SendAsync(CancellationToken cancellationToken)
    {
        await _sender!.SendAsync(_lines, cancellationToken);
        _lines.Clear();
    }

    private ReadOnlyMemory<byte> Mark() => (byte[])[.. _positionMark.Line(Position), .. _timeMark.Line(_time)];
}
