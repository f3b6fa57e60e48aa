using Telemetry.Ingest.Alarms;
using Telemetry.Ingest.State;

namespace Telemetry.Ingest.Hosting;

/// <summary>
/// Stores in the projections what the rules have changed, on a thread of its own: an alarm does not wait for the disk of the one before. What gathers meanwhile
/// goes in one transaction; what can't be stored for now is kept, and tried again with each stretch. Says how far the rules have come: who waits for an entry
/// finds what it did in the projections.
/// </summary>
internal sealed partial class ProjectionWriter : IDisposable
{
    // The rules wait beyond this: a replay would otherwise hold what it changes in memory as a whole.
    private const int MostWaiting = 65_536;

    private readonly StateDatabase _database;
    private readonly AlarmBook _book;
    private readonly Progress _progress;
    private readonly ILogger _logger;
    private readonly Thread _thread;
    private readonly object _gate = new();

    // What was handed over, and what is being stored.
    private readonly Changes _waiting = new();
    private readonly Changes _storing = new();
    private long _handed;
    private long _tried;
    private long _time;
    private bool _settles;
    private bool _ends;
    private Exception? _fault;
    private volatile string? _failing;

    public ProjectionWriter(StateDatabase database, AlarmBook book, Progress progress, ILogger logger)
    {
        (_database, _book, _progress, _logger) = (database, book, progress, logger);
        _thread = new Thread(Run) { IsBackground = true, Name = "projections" };
        _thread.Start();
    }

    /// <summary>Why nothing is stored at the moment; null while it is.</summary>
    public string? Failing => _failing;

    /// <summary>Takes what a stretch has changed and leaves it empty. Called in the order of the log.</summary>
    /// <param name="position">The stretch's last entry.</param>
    /// <param name="time">Its log time, Unix ms.</param>
    public void Hand(Changes changes, long position, long time)
    {
        lock (_gate)
        {
            // While the disk takes nothing there is no use in waiting for it: alarms go on.
            while (_waiting.Count > MostWaiting && _failing is null && _fault is null)
                Monitor.Wait(_gate);
            Rethrow();
            changes.MoveTo(_waiting);
            (_handed, _time) = (position, time);
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Returns once the projections hold everything up to the last position that was handed over, or were tried in vain.</summary>
    /// <returns>False once it has been disposed: nothing is stored any more.</returns>
    public bool Settle()
    {
        lock (_gate)
        {
            _settles = true;
            Monitor.PulseAll(_gate);
            while (_settles && _fault is null && !_ends)
                Monitor.Wait(_gate);
            Rethrow();
            return !_ends;
        }
    }

    /// <summary>Stores what was handed over first.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _ends = true;
            Monitor.PulseAll(_gate);
        }
        _thread.Join();
    }

    private void Run()
    {
        try
        {
            while (Next() is var (position, time, settles))
            {
                // Where nothing changed the disk is left alone.
                if (_storing.Count > 0 || settles)
                    Store(position, time);
                if (_failing is null)
                    _database.Complete(time);
                _progress.RulesReached(position);
                lock (_gate)
                {
                    _tried = position;
                    if (settles)
                        _settles = false;
                    Monitor.PulseAll(_gate);
                }
            }
        }
        catch (Exception error)
        {
            // The rules' worker tells the host: it calls every second.
            lock (_gate)
            {
                _fault = error;
                Monitor.PulseAll(_gate);
            }
        }
    }

    /// <returns>Null at the end.</returns>
    private (long Position, long Time, bool Settles)? Next()
    {
        lock (_gate)
        {
            while (_handed == _tried && !_settles && !_ends)
                Monitor.Wait(_gate);
            if (_handed == _tried && !_settles)
                return null;
            _waiting.MoveTo(_storing);
            Monitor.PulseAll(_gate);
            return (_handed, _time, _settles);
        }
    }

    private void Store(long position, long time)
    {
        try
        {
            _database.Apply(_storing.Batch(position, time));
        }
        catch (IOException error)
        {
            if (_failing is null)
                LogNotStored(error);
            _failing = error.Message;
            return;
        }
        _failing = null;
        _book.Stored(position);
        _storing.Clear();
    }

    private void Rethrow()
    {
        if (_fault is not null)
            throw new InvalidOperationException("the projections can't be stored", _fault);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "alarms, register and dead letters can't be stored for now; they stand in memory and in the log")]
    private partial void LogNotStored(Exception error);
}
